namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>
    /// Reads one frame of an upstream's stream into <paramref name="received"/> and says what it is. A frame that has
    /// only a comment is <see cref="FrameKind.Comment"/>; <c>[DONE]</c> is the end; an <c>error</c> member, at the
    /// top or inside a choice, is an error whose words are not counted as output.
    /// </summary>
    public static FrameReading ReadFrame(in EventFrame frame, Received received)
    {
        if (!frame.HasData)
        {
            return new FrameReading(FrameKind.Comment, false, false);
        }

        var data = frame.Data.Span.Trim(" \t\r\n"u8);
        if (data.SequenceEqual("[DONE]"u8))
        {
            received.IsEnded = true;
            return new FrameReading(FrameKind.End, false, false);
        }

        if (data.IsEmpty)
        {
            return new FrameReading(FrameKind.Comment, false, false);
        }

        var reading = ReadObject(frame.Data, received);
        return new FrameReading(reading.Kind, reading.HasUsage, reading.HasChoices);
    }
}
