using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Reads reasoning: <c>reasoning_content</c>, <c>reasoning</c>, the entries of <c>reasoning_details</c> and Mistral's
/// <c>thinking</c> parts. An entry of <c>reasoning_details</c> must go back unchanged, so all of it but its text becomes
/// the seal of its thought.
/// </summary>
internal sealed class ThoughtReader(string provider)
{
    private readonly SplitText _text = new();
    private readonly List<(string Name, JsonElement Value)> _entry = [];
    private (long? Index, string Type)? _open;

    /// <summary>Reads a message, or a piece of one.</summary>
    public void Read(JsonElement message, List<ChatDelta> deltas)
    {
        var hasText = false;
        foreach (var entry in message.List("reasoning_details"))
        {
            hasText |= ReadEntry(entry, deltas);
        }

        // Hosts repeat the words of the entries, and some send one text under both names.
        var plain = message.Find("reasoning_content") ?? message.Find("reasoning");
        if (!hasText && plain is { ValueKind: JsonValueKind.String } text)
        {
            Add(text, deltas);
        }
    }

    /// <summary>Reads a thinking part's payload: a string, or an array of text parts.</summary>
    public void ReadThinking(JsonElement thinking, List<ChatDelta> deltas)
    {
        if (thinking.ValueKind == JsonValueKind.String)
        {
            Add(thinking, deltas);
        }
        else if (thinking.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in thinking.EnumerateArray())
            {
                if (part.Find("text") is { ValueKind: JsonValueKind.String } text)
                {
                    Add(text, deltas);
                }
            }
        }
    }

    /// <summary>Something else follows, so the open thought is over.</summary>
    public void Close(List<ChatDelta> deltas)
    {
        if (_text.Rest() is { Length: > 0 } rest)
        {
            deltas.Add(new ReasoningDelta(rest));
        }

        if (_open is { } open)
        {
            var entry = JsonWriting.WriteObject(json => _entry.ForEach(member => json.WriteRaw(member.Name, member.Value)));
            var isHidden = open.Type == ReasoningDetail.Encrypted;
            deltas.Add(new SealDelta(new Seal(provider, System.Text.Encoding.UTF8.GetString(entry), isHidden)));
        }

        _open = null;
        _entry.Clear();
    }

    private bool ReadEntry(JsonElement entry, List<ChatDelta> deltas)
    {
        if (entry.FindText("type") is not { } type)
        {
            return false;
        }

        var key = (entry.FindCount("index"), type);
        if (_open is not null && _open != key)
        {
            Close(deltas);
        }

        _open = key;
        var hasText = false;
        foreach (var member in entry.EnumerateObject())
        {
            if (member.Name is "text" or "summary")
            {
                hasText |= member.Value.ValueKind == JsonValueKind.String && Add(member.Value, deltas);
            }
            else
            {
                Keep(member.Name, member.Value);
            }
        }

        if (entry.FindText("signature") is { Length: > 0 } || entry.FindText("data") is { Length: > 0 })
        {
            Close(deltas);
        }

        return hasText;
    }

    private void Keep(string name, JsonElement value)
    {
        var place = _entry.FindIndex(member => member.Name == name);
        if (place < 0)
        {
            _entry.Add((name, value.Clone()));
        }
        else if (value.ValueKind != JsonValueKind.Null)
        {
            _entry[place] = (name, value.Clone());
        }
    }

    // True also for a piece that waits for its other half.
    private bool Add(JsonElement text, List<ChatDelta> deltas)
    {
        var piece = _text.Take(text);
        if (piece.Length > 0)
        {
            deltas.Add(new ReasoningDelta(piece));
        }

        return JsonMarshal.GetRawUtf8Value(text).Length > 2;
    }
}
