using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Arguments of tool calls, which some dialects write as JSON text and others as a JSON object.</summary>
public static class ToolArguments
{
    /// <summary>
    /// JSON text as one raw JSON object, digits as they came. Nothing becomes <c>{}</c>; JSON that is no object, and
    /// text that is no JSON (a caller's history may hold both), are wrapped as <c>{"input": ...}</c>, so that a broken
    /// old call does not kill the turn.
    /// </summary>
    public static byte[] ToObject(string arguments)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            return "{}"u8.ToArray();
        }

        var bytes = Encoding.UTF8.GetBytes(arguments);
        return Check(bytes) switch
        {
            JsonTokenType.StartObject => bytes,
            JsonTokenType.None => Wrap(JsonSplice.Quote(arguments)),
            _ => Wrap(bytes),
        };
    }

    private static byte[] Wrap(ReadOnlySpan<byte> raw) => [.. "{\"input\":"u8, .. raw, (byte)'}'];

    /// <summary>The kind of the one JSON value that stands there, or None when there is no such thing.</summary>
    private static JsonTokenType Check(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            reader.Read();
            var kind = reader.TokenType;
            reader.Skip();
            return reader.Read() ? JsonTokenType.None : kind;
        }
        catch (JsonException)
        {
            return JsonTokenType.None;
        }
    }
}
