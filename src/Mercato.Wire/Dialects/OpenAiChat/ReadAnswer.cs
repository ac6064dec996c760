using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>
    /// Reads a whole 200 body into <paramref name="received"/>: usage, id, finish reasons, the size of the output, and
    /// an error that a host sends under 200. What is no JSON object (HTML, an empty body), or an object without
    /// <c>choices</c>, sets <see cref="Received.Error"/> to <see cref="UpstreamErrorKind.NotJson"/>.
    /// </summary>
    public static void ReadAnswer(ReadOnlyMemory<byte> body, Received received)
    {
        var reading = ReadObject(body, received);
        received.IsEnded = true;
        if (received.Error is null && (reading.Kind == FrameKind.Garbage || !reading.HasChoicesMember))
        {
            received.Error = UpstreamError.Of(
                UpstreamErrorKind.NotJson,
                body.IsEmpty ? "The host answered 200 with an empty body."
                : reading.Kind == FrameKind.Garbage ? "The host answered 200 with a body that is not JSON."
                : "The host answered 200 without choices.");
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        using var document = JsonText.Parse(body);
        var deltas = new List<ChatDelta>();
        var reader = new ChunkReader(provider);
        var isObject = document?.RootElement.ValueKind == JsonValueKind.Object;
        if (isObject && (reader.Read(document!.RootElement, isWhole: true, deltas) == FrameKind.Error || reader.MayEnd))
        {
            return deltas;
        }

        return [new ErrorDelta(UpstreamError.Of(
            UpstreamErrorKind.NotJson,
            body.IsEmpty ? "The host answered 200 with an empty body."
            : isObject ? "The host answered 200 without choices."
            : "The host answered 200 with a body that is not JSON."))];
    }

    private static ObjectReading ReadObject(ReadOnlyMemory<byte> json, Received received)
    {
        var before = (received.TextBytes, received.ReasoningBytes, received.ToolBytes);
        var walk = new AnswerWalk(json, received);
        try
        {
            walk.Read();
        }
        catch (JsonException)
        {
            // Half of an answer cannot be passed on, so what stood in it is no output.
            (received.TextBytes, received.ReasoningBytes, received.ToolBytes) = before;
            return new ObjectReading(FrameKind.Garbage, false, false, false);
        }

        if (walk.HasError)
        {
            // The words of an error are not output and must not be billed as such.
            (received.TextBytes, received.ReasoningBytes, received.ToolBytes) = before;
        }

        var kind = walk.HasError ? FrameKind.Error : walk.IsObject ? FrameKind.Piece : FrameKind.Garbage;
        return new ObjectReading(kind, walk.HasUsage, walk.HasChoices, walk.HasChoicesMember);
    }

    private readonly record struct ObjectReading(
        FrameKind Kind, bool HasUsage, bool HasChoices, bool HasChoicesMember);
}
