using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Mercato.Wire;

/// <summary>
/// One frame of an event stream. The memory belongs to the reader and is valid until it is next given bytes.
/// </summary>
/// <param name="Raw">The frame exactly as received, its blank line included; all frames together are the
/// stream.</param>
/// <param name="Event">The last <c>event:</c> field, empty when there was none.</param>
/// <param name="Data">The <c>data:</c> fields joined by LF (for NDJSON the line), empty when there were none.</param>
/// <param name="HasData">Whether there was a <c>data:</c> field; false for comments and blank lines.</param>
/// <param name="IsComplete">False when the stream ended before the frame's blank line (or line end).</param>
public readonly record struct EventFrame(
    ReadOnlyMemory<byte> Raw, ReadOnlyMemory<byte> Event, ReadOnlyMemory<byte> Data, bool HasData, bool IsComplete)
{
    /// <summary>
    /// Writes the frame for a client that may be strict: without a byte order mark, which is not first there, and
    /// with its blank line. A line that was torn off before its data is not written, as it would run into the next.
    /// </summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        if (!IsComplete && Data.IsEmpty)
        {
            return;
        }

        var raw = Raw.Span;
        output.Write(raw.StartsWith("\uFEFF"u8) ? raw[3..] : raw);
        if (!IsComplete)
        {
            output.Write("\n\n"u8);
        }
    }

    /// <summary>The frame with U+FFFD for bytes that are not UTF-8, as a browser reads them; other clients stop at
    /// such a byte. Healthy frames are not copied.</summary>
    public EventFrame ToUtf8() =>
        Utf8.IsValid(Raw.Span) ? this : new(Repair(Raw), Repair(Event), Repair(Data), HasData, IsComplete);

    private static byte[] Repair(ReadOnlyMemory<byte> bytes) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes.Span));
}
