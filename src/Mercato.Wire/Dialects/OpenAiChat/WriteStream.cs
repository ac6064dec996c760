using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>The end marker as a frame.</summary>
    public static ReadOnlyMemory<byte> DoneFrame { get; } = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>A comment that keeps a connection open while the upstream thinks.</summary>
    public static ReadOnlyMemory<byte> KeepAliveFrame { get; } = ": keep-alive\n\n"u8.ToArray();

    /// <summary>
    /// A held usage frame with the cost put in; its other bytes stay as they were. A frame whose usage stands
    /// elsewhere (<c>x_groq.usage</c>) gets a <c>usage</c> of its own from <paramref name="usage"/>.
    /// </summary>
    /// <param name="data">The data of the held frame, a JSON object.</param>
    /// <param name="cost">The cost to show.</param>
    /// <param name="usage">What was read or counted, for a frame without a <c>usage</c> object.</param>
    /// <exception cref="ArgumentException">The data is no JSON object, or an amount is not plain decimal
    /// digits.</exception>
    public static byte[] WriteUsageFrame(ReadOnlyMemory<byte> data, AnswerCost cost, Usage? usage) =>
        EventStreamWriter.ToEvent(WriteAnswer(data, cost, usage));

    /// <summary>A usage frame of our own, for an upstream that sent none: <c>choices</c> is empty.</summary>
    public static byte[] WriteUsageFrame(AnswerHead head, Usage usage, AnswerCost? cost)
    {
        var chunk = JsonWriting.WriteObject(json =>
        {
            WriteHead(json, head, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteEndArray();
            json.WritePropertyName("usage");
            json.WriteRawValue(WriteUsage(usage));
        });
        return EventStreamWriter.ToEvent(cost is null ? chunk : WriteAnswer(chunk, cost));
    }

    /// <summary>A held frame with its usage cut out, for a caller that didn't ask for it.</summary>
    /// <param name="data">The data of the held frame.</param>
    public static byte[] CutUsage(ReadOnlyMemory<byte> data) => EventStreamWriter.ToEvent(
        JsonSplice.Read(data) is { } splice
            ? splice.Remove("usage").RemoveInside("x_groq", "usage").ToBytes()
            : data.Span);

    /// <summary>An error after the answer began.</summary>
    public static byte[] WriteErrorFrame(ErrorAnswer error, bool hasIntegerCode) =>
        EventStreamWriter.ToEvent(WriteError(error, hasIntegerCode));

    /// <summary>The first chunk of a stream of our own.</summary>
    public static byte[] WriteRoleFrame(AnswerHead head) => WriteChunk(head, null, delta =>
    {
        delta.WriteString("role", "assistant");
        delta.WriteString("content", "");
    });

    /// <summary>A piece of text in a stream of our own.</summary>
    public static byte[] WriteTextFrame(AnswerHead head, string text) =>
        WriteChunk(head, null, delta => delta.WriteString("content", text));

    /// <summary>The last chunk of the only choice in a stream of our own.</summary>
    public static byte[] WriteFinishFrame(AnswerHead head, string finishReason) =>
        WriteChunk(head, finishReason, _ => { });

    internal static byte[] WriteChunk(AnswerHead head, string? finishReason, Action<Utf8JsonWriter> writeDelta) =>
        EventStreamWriter.ToEvent(JsonWriting.WriteObject(json =>
        {
            WriteHead(json, head, "chat.completion.chunk");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteStartObject("delta");
            writeDelta(json);
            json.WriteEndObject();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", finishReason);
            json.WriteEndObject();
            json.WriteEndArray();
        }));
}
