using System.Text.Json;
using System.Text.Unicode;

namespace Mercato.Wire;

/// <summary>
/// The body of a request in OpenAI's manner that is no chat: its members are asked for one by one, and the first that
/// is wrong is the refusal.
/// </summary>
internal sealed class PlainBody
{
    private readonly JsonMembers _members;
    private RequestRefusal? _refusal;

    private PlainBody(JsonMembers members) => _members = members;

    /// <summary>What is wrong; null so far when nothing is.</summary>
    public RequestRefusal? Refusal => _refusal;

    /// <summary>A body, or why it is none: no UTF-8, no JSON, no object, a member twice.</summary>
    public static (PlainBody? Body, RequestRefusal? Refusal) Open(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return (null, new RequestRefusal("The body is not valid UTF-8.", null, "invalid_json"));
        }

        if (JsonMembers.Read(body) is not { } members)
        {
            return (null, JsonText.ParseElement(body.Span) is not null
                ? new RequestRefusal("The body must be a JSON object.", null, "invalid_type")
                : new RequestRefusal(
                    body.IsEmpty ? "The body is empty; a JSON object is expected."
                        : "The body is not valid JSON, or it is nested deeper than 64 levels.",
                    null, "invalid_json"));
        }

        return members.FindDuplicate() is { } twice
            ? (null, new RequestRefusal($"'{twice}' stands in the body twice.", twice, "duplicate_parameter"))
            : (new PlainBody(members), null);
    }

    public void Refuse(string message, string? param, string code) =>
        _refusal ??= new RequestRefusal(message, param, code);

    /// <summary>A member's value; null when it is absent or null.</summary>
    public JsonElement? Find(string name) =>
        _members.FindValue(name) is { } value && JsonText.ParseElement(value.Span) is { ValueKind: not JsonValueKind.Null } found
            ? found
            : null;

    /// <summary>The value of a member that must be there.</summary>
    public JsonElement? Require(string name)
    {
        var value = Find(name);
        if (value is null)
        {
            Refuse($"'{name}' is missing.", name, "missing_required_parameter");
        }

        return value;
    }

    /// <summary>A short text.</summary>
    public string? Text(string name) => RequestWishes.ReadText(_members, name, ref _refusal);

    /// <summary>A whole number from 1 to <paramref name="most"/>.</summary>
    public long? Count(string name, long most)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            Refuse($"'{name}' must be a whole number from 1 to {most}.", name, "invalid_type");
            return null;
        }

        var isCount = JsonCount.Read(_members.FindValue(name)!.Value.Span, out var count) == CountShape.Whole
            && count >= 1 && count <= most;
        if (!isCount)
        {
            Refuse($"'{name}' must be a whole number from 1 to {most}.", name, "invalid_value");
        }

        return isCount ? count : null;
    }

    /// <summary>The names of members that are neither known here nor in the extension list.</summary>
    public IReadOnlyList<string> Others(params IReadOnlyList<string> known) =>
        [.. _members.All.Select(member => member.Name)
            .Where(name => !known.Contains(name) && !RequestWishes.Names.Contains(name))];

    /// <summary>What admission needs; null, with a refusal, when the members that all requests share are wrong.</summary>
    /// <param name="input">The size of the input.</param>
    /// <param name="kind">What keeps such calls of one caller on one offer, when it names no session.</param>
    public RequestFacts? ToFacts(InputSize input, string kind)
    {
        var model = Text("model");
        var models = RequestWishes.ReadModels(_members, ref _refusal);
        var provider = RequestWishes.ReadProvider(_members, ref _refusal);
        var session = Text("session_id");
        if (string.IsNullOrEmpty(model) && models.Count == 0)
        {
            Refuse("'model' is missing.", "model", "missing_required_parameter");
        }

        return _refusal is not null ? null : new RequestFacts
        {
            Members = _members,
            Model = string.IsNullOrEmpty(model) ? null : model,
            Models = models,
            Input = input,
            Stickiness = session ?? kind,
            Provider = provider,
            Extensions = [.. RequestWishes.Names.Where(name => _members.Find(name) is not null)],
        };
    }
}
