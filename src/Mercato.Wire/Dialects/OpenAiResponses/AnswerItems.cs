using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>
/// Turns output items, whole or in pieces, into steps of the neutral form. Items are told apart by their place in the
/// output, because some hosts change an item's id from event to event. One per answer.
/// </summary>
internal sealed class AnswerItems(string provider, List<ChatDelta> deltas)
{
    private readonly Dictionary<long, Item> _items = [];
    private int _calls;
    private int _blocks;

    /// <summary>Where the steps go.</summary>
    public List<ChatDelta> Deltas { get; set; } = deltas;

    /// <summary>Whether any item has come.</summary>
    public bool IsEmpty => _items.Count == 0;

    /// <summary>Whether the model calls tools.</summary>
    public bool HasCalls => _calls > 0;

    /// <summary>Searches that the host has made, which it bills one by one.</summary>
    public int Searches { get; private set; }

    /// <summary>An item begins.</summary>
    public void Begin(long place, JsonElement json)
    {
        var item = Find(place);
        item.IsBegun = true;
        if (json.FindText("type") is "function_call" or "custom_tool_call" && json.FindText("name") is { Length: > 0 })
        {
            BeginCall(item, json);
        }
    }

    /// <summary>A piece of text, or of a refusal.</summary>
    public void AddText(long place, long part, string text, bool isRefusal)
    {
        var item = Find(place);
        if (!item.Parts.TryGetValue(part, out var block))
        {
            item.Parts[part] = block = _blocks++;
        }

        if (text.Length > 0)
        {
            Deltas.Add(isRefusal ? new RefusalDelta(text) : new TextDelta(text, block));
        }
    }

    /// <summary>A whole part; only what has not come in pieces counts.</summary>
    public void EndText(long place, long part, string text, bool isRefusal)
    {
        if (!Find(place).Parts.ContainsKey(part))
        {
            AddText(place, part, text, isRefusal);
        }
    }

    /// <summary>A piece of reasoning; summaries and the reasoning itself are numbered apart.</summary>
    public void AddReasoning(long place, string part, string text)
    {
        var item = Find(place);
        if (text.Length == 0)
        {
            return;
        }

        if (item.Thoughts.Add(part) && item.Thoughts.Count > 1)
        {
            text = "\n\n" + text;
        }

        Deltas.Add(new ReasoningDelta(text));
    }

    /// <summary>A whole piece of reasoning; only what has not come in pieces counts.</summary>
    public void EndReasoning(long place, string part, string text)
    {
        if (!Find(place).Thoughts.Contains(part))
        {
            AddReasoning(place, part, text);
        }
    }

    /// <summary>A piece of a call's arguments.</summary>
    public void AddArguments(long place, string text)
    {
        var item = Find(place);
        if (item.Call is { } call && text.Length > 0)
        {
            item.HasArguments = true;
            Deltas.Add(new ArgumentsDelta(call, text));
        }
    }

    /// <summary>A call's whole arguments, for hosts that send no pieces.</summary>
    public void EndArguments(long place, string text)
    {
        if (!Find(place).HasArguments)
        {
            AddArguments(place, text);
        }
    }

    /// <summary>Citations of a part.</summary>
    public void Annotate(long place, JsonElement annotation)
    {
        Find(place).IsAnnotated = true;
        Deltas.Add(new AnnotationDelta(Dialect.OpenAiResponses, annotation.Clone()));
    }

    /// <summary>An item is whole: whatever of it has not come yet comes now.</summary>
    public void End(long place, JsonElement json)
    {
        var item = Find(place);
        if (item.IsEnded)
        {
            return;
        }

        item.IsEnded = true;
        switch (json.FindText("type"))
        {
            case "message":
                EndMessage(place, item, json);
                break;
            case "reasoning":
                EndThought(place, item, json);
                break;
            case "function_call" or "custom_tool_call":
                if (item.Call is null)
                {
                    BeginCall(item, json);
                }

                EndArguments(place, json.FindText("arguments") ?? json.FindText("input") ?? "");
                break;
            case null:
                break;
            default:
                Searches += IsSearch(json) ? 1 : 0;
                Deltas.Add(new OpaqueDelta(Dialect.OpenAiResponses, json.Clone()));
                break;
        }
    }

    /// <summary>The whole output of an answer; of a streamed one only what the stream left out.</summary>
    public void EndAll(JsonElement response)
    {
        var isStreamed = !IsEmpty;
        var place = 0L;
        foreach (var json in response.List("output"))
        {
            // A place that no event spoke of may be one that the host counts otherwise.
            if (!isStreamed || (_items.TryGetValue(place, out var item) && item.IsBegun))
            {
                End(place, json);
            }

            place++;
        }
    }

    private Item Find(long place)
    {
        if (!_items.TryGetValue(place, out var item))
        {
            _items[place] = item = new Item();
        }

        return item;
    }

    private void BeginCall(Item item, JsonElement json)
    {
        item.Call = _calls++;
        var id = json.FindText("call_id") ?? json.FindText("id");
        Deltas.Add(new ToolCallDelta(
            item.Call.Value, string.IsNullOrEmpty(id) ? $"call_{Guid.NewGuid():N}" : id, json.FindText("name") ?? "",
            json.FindText("type") == "custom_tool_call"));
    }

    private void EndMessage(long place, Item item, JsonElement json)
    {
        var part = 0L;
        foreach (var content in json.List("content"))
        {
            var isRefusal = content.FindText("type") == "refusal";
            if ((isRefusal ? content.FindText("refusal") : content.FindText("text")) is { } text)
            {
                EndText(place, part, text, isRefusal);
            }

            if (!item.IsAnnotated && content.Find("annotations") is { ValueKind: JsonValueKind.Array } annotations
                && annotations.GetArrayLength() > 0)
            {
                Deltas.Add(new AnnotationDelta(Dialect.OpenAiResponses, annotations.Clone()));
            }

            part++;
        }
    }

    private void EndThought(long place, Item item, JsonElement json)
    {
        if (item.Thoughts.Count == 0)
        {
            EndThoughts(place, "s", json.List("summary"));
            EndThoughts(place, "c", json.List("content"));
        }

        var seal = json.FindText("encrypted_content") is { Length: > 0 } value
            ? new Seal(provider, value, ItemId: json.FindText("id"))
            : null;
        if (seal is not null || item.Thoughts.Count > 0)
        {
            Deltas.Add(new SealDelta(seal));
        }
    }

    private void EndThoughts(long place, string kind, IEnumerable<JsonElement> parts)
    {
        var index = 0;
        foreach (var part in parts)
        {
            EndReasoning(place, $"{kind}{index++}", part.FindText("text") ?? "");
        }
    }

    // Opening or looking through a page that a search found is not a search.
    private static bool IsSearch(JsonElement json) =>
        json.FindText("type") is "file_search_call"
        || (json.FindText("type") is "web_search_call"
            && json.Find("action")?.FindText("type") is null or "search");

    private sealed class Item
    {
        public bool IsBegun { get; set; }

        public bool IsEnded { get; set; }

        public bool IsAnnotated { get; set; }

        public bool HasArguments { get; set; }

        public int? Call { get; set; }

        public Dictionary<long, int> Parts { get; } = [];

        public HashSet<string> Thoughts { get; } = [];
    }
}
