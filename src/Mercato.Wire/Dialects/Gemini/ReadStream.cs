using System.Buffers;

namespace Mercato.Wire.Dialects.Gemini;

public sealed partial class GeminiDialect
{
    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new StreamReading(provider);

    /// <summary>Events of <c>alt=sse</c>; or, of a host that overlooks it, one JSON array over the whole
    /// stream.</summary>
    private sealed class StreamReading(string provider) : IStreamReader
    {
        /// <summary>Every attempt reads the whole again, so that a host must not be able to ask for many.</summary>
        private const int MaxAttempts = 64;

        private readonly AnswerReading _answer = new(provider);
        private ArrayBufferWriter<byte>? _array;
        private bool _hasEvents;
        private int _attempts;

        public bool MayEnd => _answer.HasFinished;

        public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
        {
            if (!frame.HasData)
            {
                return !_hasEvents && (_array is not null || OpensJson(frame.Raw.Span))
                    ? ReadArray(frame, deltas) : FrameKind.Comment;
            }

            _hasEvents = true;
            var data = frame.Data.Span;
            return data.SequenceEqual("[DONE]"u8) ? FrameKind.End
                : data.IsEmpty ? FrameKind.Comment
                : ReadJson(data, deltas);
        }

        private FrameKind ReadJson(ReadOnlySpan<byte> json, List<ChatDelta> deltas)
        {
            if (JsonText.ParseElement(json) is not { } root || !_answer.ReadAll(root, deltas))
            {
                return FrameKind.Garbage;
            }

            return deltas.Exists(delta => delta is ErrorDelta) ? FrameKind.Error : FrameKind.Piece;
        }

        // An array has no blank lines of its own, so it comes as one frame, or as few.
        private FrameKind ReadArray(in EventFrame frame, List<ChatDelta> deltas)
        {
            _array ??= new ArrayBufferWriter<byte>();
            if (_array.WrittenCount + frame.Raw.Length > EventStreamReader.DefaultMaxFrameBytes)
            {
                return FrameKind.Garbage;
            }

            _array.Write(frame.Raw.Span);
            var end = _array.WrittenSpan.TrimEnd(" \t\r\n"u8);
            if (end is [.., (byte)']' or (byte)'}'] && _attempts++ < MaxAttempts)
            {
                var kind = ReadJson(end, deltas);
                if (kind != FrameKind.Garbage)
                {
                    _array.Clear();
                    return kind;
                }
            }

            return frame.IsComplete ? FrameKind.Comment : FrameKind.Garbage;
        }

        private static bool OpensJson(ReadOnlySpan<byte> raw) =>
            raw.TrimStart(" \t\r\n"u8) is [(byte)'[' or (byte)'{', ..];
    }
}
