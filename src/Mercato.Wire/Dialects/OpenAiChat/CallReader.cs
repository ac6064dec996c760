using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Puts pieces of tool calls to their calls. Hosts differ: some send no <c>index</c> or the same one for every call,
/// repeat id and name in each piece, send whole calls, or arguments as an object.
/// </summary>
internal sealed class CallReader(string provider)
{
    private readonly List<Call> _calls = [];
    private readonly Dictionary<long, Call> _byIndex = [];
    private readonly AnswerCalls _begun = new();
    private Call? _legacy;

    private sealed class Call
    {
        public string? Id { get; set; }
        public string? Name { get; set; }
        public bool IsCustom { get; set; }
        public int? Index { get; set; }
        public StringBuilder Arguments { get; } = new();
        public SplitText Split { get; } = new();

        /// <summary>Whether another call may begin: this one has no arguments yet, or all of them.</summary>
        public bool MayBeOver => Arguments.Length == 0 || IsCustom || IsJson(Arguments.ToString());
    }

    /// <summary>Whether any call came.</summary>
    public bool HasCalls => _begun.Count > 0;

    /// <summary>Reads an item of <c>tool_calls</c>.</summary>
    /// <param name="json">The item.</param>
    /// <param name="isWhole">Whether every item is a whole call.</param>
    /// <param name="deltas">The steps so far.</param>
    public void Read(JsonElement json, bool isWhole, List<ChatDelta> deltas)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var isCustom = json.Find("custom") is not null;
        var function = json.Find("custom") ?? json.Find("function") ?? default;
        var payload = function.Find("arguments") ?? function.Find("input");
        var (id, name) = (NullIfEmpty(json.FindText("id")), NullIfEmpty(function.FindText("name")));
        var index = json.FindCount("index");
        var call = isWhole ? null : Find(index, id, name, payload?.ToRaw().Length > 2);
        if (call is null)
        {
            call = new Call { IsCustom = isCustom };
            _calls.Add(call);
        }

        if (index is { } place)
        {
            _byIndex[place] = call;
        }

        call.Id ??= id;
        call.Name ??= name;
        if (NullIfEmpty(json.Find("extra_content")?.Find("google")?.FindText("thought_signature")) is { } signature)
        {
            deltas.Add(new SealDelta(new Seal(provider, signature)));
        }

        Take(call, payload, deltas);
    }

    /// <summary>Reads the one call of the dialect's first days.</summary>
    public void ReadLegacy(JsonElement function, List<ChatDelta> deltas)
    {
        if (_legacy is null)
        {
            _legacy = new Call();
            _calls.Add(_legacy);
        }

        _legacy.Name ??= NullIfEmpty(function.FindText("name"));
        Take(_legacy, function.Find("arguments"), deltas);
    }

    /// <summary>Gives out what still waits for more.</summary>
    public void Conclude(List<ChatDelta> deltas)
    {
        foreach (var call in _calls)
        {
            if (call.Index is null && call.Arguments.Length > 0)
            {
                call.Name = "";
                Announce(call, deltas);
            }

            if (call.Index is { } index && call.Split.Rest() is { Length: > 0 } rest)
            {
                deltas.Add(new ArgumentsDelta(index, rest));
            }
        }
    }

    private Call? Find(long? index, string? id, string? name, bool hasArguments)
    {
        var known = index is { } place ? _byIndex.GetValueOrDefault(place)
            : (id is null ? null : _calls.FindLast(call => call.Id == id))
                ?? (id is null || name is null ? _calls.LastOrDefault() : null);
        return known is not null && BeginsAnother(known, index, id, name, hasArguments) ? null : known;
    }

    private static bool BeginsAnother(Call known, long? index, string? id, string? name, bool hasArguments)
    {
        if (name is null)
        {
            // Only a call without a name of its own yet can be meant.
            return false;
        }

        if (id is not null && known.Id is not null && id != known.Id)
        {
            return known.MayBeOver;
        }

        return index is null && known.MayBeOver
            && (known.Name is not null && name != known.Name || hasArguments && known.Arguments.Length > 0);
    }

    private void Take(Call call, JsonElement? payload, List<ChatDelta> deltas)
    {
        var piece = payload switch
        {
            { ValueKind: JsonValueKind.String } text => call.Split.Take(text),
            { ValueKind: JsonValueKind.Object or JsonValueKind.Array } json => json.ToRaw(),
            _ => "",
        };
        call.Arguments.Append(piece);
        if (call.Index is { } index)
        {
            Add(index, piece, deltas);
        }
        else if (call.Name is not null)
        {
            Announce(call, deltas);
        }
    }

    private void Announce(Call call, List<ChatDelta> deltas)
    {
        var begun = _begun.Begin(call.Id, call.Name!) with { IsCustom = call.IsCustom };
        call.Index = begun.Index;
        deltas.Add(begun);
        Add(begun.Index, call.Arguments.ToString(), deltas);
    }

    private static void Add(int index, string piece, List<ChatDelta> deltas)
    {
        if (piece.Length > 0)
        {
            deltas.Add(new ArgumentsDelta(index, piece));
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool IsJson(string text) => JsonText.ParseElement(Encoding.UTF8.GetBytes(text)) is not null;
}
