using System.Text.Json;

namespace Mercato.Wire.Dialects.Ollama;

public sealed partial class OllamaDialect
{
    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new StreamReading();

    private sealed class StreamReading : IStreamReader
    {
        private readonly AnswerReading _answer = new();

        public bool MayEnd => _answer.IsDone;

        public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
        {
            var line = frame.Data.Span.Trim(" \t\r"u8);
            if (!frame.HasData || line.IsEmpty)
            {
                return FrameKind.Comment;
            }

            if (JsonText.ParseElement(line) is not { ValueKind: JsonValueKind.Object } root)
            {
                return FrameKind.Garbage;
            }

            _answer.Read(root, deltas);
            return deltas.Exists(delta => delta is ErrorDelta) ? FrameKind.Error
                : _answer.IsDone ? FrameKind.End : FrameKind.Piece;
        }
    }
}
