using System.Text.Unicode;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    private const int MaxMembers = 500;

    /// <summary>
    /// Reads a request whole: the facts carry the neutral form. Members that we don't know are not judged; blocks that
    /// only this dialect knows travel as they are.
    /// </summary>
    public RequestReading ReadRequest(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Refuse("The body is not valid UTF-8.", null, "invalid_json");
        }

        if (JsonMembers.Read(body) is not { } members)
        {
            return body.Span.TrimStart(" \t\r\n"u8) is [(byte)'{', ..]
                ? Refuse("The body is not valid JSON, or it is nested deeper than 64 levels.", null, "invalid_json")
                : body.IsEmpty ? Refuse("The body is empty; a JSON object is expected.", null, "invalid_json")
                : Refuse("The body must be a JSON object.", null, "invalid_type");
        }

        if (members.All.Count > MaxMembers)
        {
            return Refuse($"The body has more than {MaxMembers} members.", null, "too_large");
        }

        if (members.FindDuplicate() is { } twice)
        {
            return Refuse($"'{twice}' stands in the body twice.", twice, "duplicate_parameter");
        }

        if (JsonText.ParseElement(body.Span) is not { } root)
        {
            return Refuse("The body has a member whose name is no text.", null, "invalid_json");
        }

        var request = new RequestBody(root);
        return request.Read() is { } chat
            ? ChatFacts.Of(chat, members, wantsUsage: true)
            : new(null, request.Refusal);
    }

    /// <inheritdoc/>
    public ChatReading ReadChat(RequestFacts facts) => new(facts.Chat, null);

    private static RequestReading Refuse(string message, string? param, string code) =>
        new(null, new RequestRefusal(message, param, code));
}
