using System.Text.Json;
using System.Text.Unicode;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>
    /// Reads what admission needs from a request body (up to 64 levels deep, no comments, no trailing commas, no
    /// duplicate members) in one pass. What is malformed, of the wrong type or out of range is a refusal that names
    /// the member; nothing is thrown. Members not named by <see cref="RequestFacts"/> are not judged.
    /// </summary>
    public static RequestReading ReadRequest(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Refuse("The body is not valid UTF-8.", null, "invalid_json");
        }

        var reader = new Utf8JsonReader(body.Span);
        try
        {
            var request = new RequestBody();
            return request.Read(body, ref reader) ? request.Conclude(body) : new(null, request.Refusal);
        }
        catch (JsonException)
        {
            return Refuse(
                body.IsEmpty ? "The body is empty; a JSON object is expected."
                : "The body is not valid JSON, or it is nested deeper than 64 levels "
                    + $"(near byte {reader.BytesConsumed}).",
                null, "invalid_json");
        }
    }

    internal static RequestReading Refuse(string message, string? param, string code) =>
        new(null, new RequestRefusal(message, param, code));
}
