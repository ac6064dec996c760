using System.Text.Json;
using System.Text.Unicode;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>
/// OpenAI Responses, both as callers speak it to us and as hosts speak it. Pure functions over bytes; a file for each
/// direction.
/// </summary>
public sealed partial class OpenAiResponsesDialect : IClientDialect, IUpstreamDialect
{
    private OpenAiResponsesDialect()
    {
    }

    /// <summary>The only instance.</summary>
    public static OpenAiResponsesDialect Instance { get; } = new();

    /// <inheritdoc cref="IClientDialect.Dialect"/>
    public Dialect Dialect => Dialect.OpenAiResponses;

    /// <summary>
    /// Reads a request body (up to 64 levels deep, no comments, no trailing commas, no duplicate members) into facts
    /// and the neutral form at once.
    /// </summary>
    public RequestReading ReadRequest(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Refuse("The body is not valid UTF-8.", null, "invalid_json");
        }

        if (JsonMembers.Read(body) is not { } members)
        {
            return Refuse(
                body.IsEmpty ? "The body is empty; a JSON object is expected."
                : "The body is not one valid JSON object, or it is nested deeper than 64 levels.",
                null, "invalid_json");
        }

        if (members.FindDuplicate() is { } twice)
        {
            return Refuse($"'{twice}' stands in the body twice.", twice, "duplicate_parameter");
        }

        if (JsonText.ParseElement(body.Span) is not { } element)
        {
            return Refuse("The body has a name that is no text.", null, "invalid_json");
        }

        var reading = new ResponsesBody(element);
        return reading.Read() is { } chat
            ? ChatFacts.Of(chat, members, wantsUsage: true, "reasoning")
            : new RequestReading(null, reading.Refusal);
    }

    /// <inheritdoc/>
    public ChatReading ReadChat(RequestFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        foreach (var name in (ReadOnlySpan<string>)[ConversationMember, "prompt", "previous_response_id"])
        {
            if (facts.Members.FindValue(name) is { } value && !value.Span.SequenceEqual("null"u8))
            {
                return new(null, new RequestRefusal(
                    $"'{name}' is kept by another host; send the whole input instead.", name, "unsupported_parameter"));
            }
        }

        var chat = facts.Chat ?? throw new ArgumentException("The facts are not of this dialect.", nameof(facts));
        var reference = chat.Messages.SelectMany(message => message.Parts).OfType<OpaquePart>()
            .FirstOrDefault(part => part.Json.FindText("type") is null or ReferenceType);
        return reference is null
            ? new(chat, null)
            : new(null, new RequestRefusal(
                $"The item '{reference.Json.FindText("id")}' is not kept here; send the item itself and 'store': false.",
                "input", "item_not_found"));
    }

    private static RequestReading Refuse(string message, string? param, string code) =>
        new(null, new RequestRefusal(message, param, code));
}
