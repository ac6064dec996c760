using System.Text.Json;

namespace Mercato.Wire.Dialects.Cohere;

public sealed partial class CohereDialect
{
    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new StreamReading();

    private sealed class StreamReading : IStreamReader
    {
        private readonly AnswerCalls _calls = new();
        private readonly Dictionary<long, int> _indexes = [];
        private readonly HashSet<int> _withArguments = [];
        private int _blocks = -1;
        private int _lastCall = -1;
        private bool _isThinking;

        public bool MayEnd { get; private set; }

        public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
        {
            if (!frame.HasData)
            {
                return FrameKind.Comment;
            }

            var data = frame.Data.Span;
            if (data.IsEmpty || data.SequenceEqual("[DONE]"u8))
            {
                return data.IsEmpty ? FrameKind.Comment : FrameKind.End;
            }

            if (JsonText.ParseElement(data) is not { ValueKind: JsonValueKind.Object } root)
            {
                return FrameKind.Garbage;
            }

            if (ErrorOf(root) is { } error)
            {
                deltas.Add(error);
                return FrameKind.Error;
            }

            ReadEvent(root, deltas);
            return deltas.Exists(delta => delta is ErrorDelta) ? FrameKind.Error
                : MayEnd ? FrameKind.End : FrameKind.Piece;
        }

        private void ReadEvent(JsonElement root, List<ChatDelta> deltas)
        {
            var delta = root.Find("delta");
            var message = delta?.Find("message");
            switch (root.FindText("type"))
            {
                case "message-start":
                    deltas.Add(new StartDelta(root.FindText("id"), null));
                    break;
                case "content-start":
                    BeginContent(message?.Find("content"), deltas);
                    break;
                case "content-delta":
                    ReadContent(message?.Find("content"), deltas);
                    break;
                case "content-end" when _isThinking:
                    _isThinking = false;
                    deltas.Add(new SealDelta(null));
                    break;
                case "tool-plan-delta":
                    AddText(message?.FindText("tool_plan"), true, 0, deltas);
                    break;
                case "tool-call-start":
                    BeginCall(root, CallOf(message), deltas);
                    break;
                case "tool-call-delta":
                    ReadArguments(root, CallOf(message), deltas);
                    break;
                case "tool-call-end":
                    EndCall(root, deltas);
                    break;
                case "citation-start" when message?.Find("citations") is { } citation:
                    deltas.Add(new AnnotationDelta(Dialect.Cohere, citation));
                    break;
                case "message-end":
                    MayEnd = true;
                    ReadEnd(delta ?? root, deltas);
                    break;
            }
        }

        private void BeginContent(JsonElement? content, List<ChatDelta> deltas)
        {
            _isThinking = content?.FindText("type") == "thinking";
            _blocks += _isThinking ? 0 : 1;
            ReadContent(content, deltas);
        }

        private void ReadContent(JsonElement? content, List<ChatDelta> deltas)
        {
            AddText(content?.FindText("thinking"), true, 0, deltas);
            AddText(content?.FindText("text"), false, Math.Max(0, _blocks), deltas);
        }

        private void BeginCall(JsonElement root, JsonElement? call, List<ChatDelta> deltas)
        {
            var begun = _calls.Begin(call?.FindText("id"), call?.Find("function")?.FindText("name") ?? "");
            _lastCall = begun.Index;
            _indexes[root.FindCount("index") ?? begun.Index] = begun.Index;
            deltas.Add(begun);
            ReadArguments(root, call, deltas);
        }

        private void ReadArguments(JsonElement root, JsonElement? call, List<ChatDelta> deltas)
        {
            // "null" stands for no arguments at all; the call's end then says so.
            if (call?.Find("function")?.FindText("arguments") is { Length: > 0 } piece && piece != "null"
                && IndexOf(root) is >= 0 and var index)
            {
                _withArguments.Add(index);
                deltas.Add(new ArgumentsDelta(index, piece));
            }
        }

        private void EndCall(JsonElement root, List<ChatDelta> deltas)
        {
            if (IndexOf(root) is >= 0 and var index && _withArguments.Add(index))
            {
                deltas.Add(new ArgumentsDelta(index, "{}"));
            }
        }

        private int IndexOf(JsonElement root) =>
            root.FindCount("index") is { } own && _indexes.TryGetValue(own, out var index) ? index : _lastCall;

        // One call stands there bare, though the member's name is in the plural.
        private static JsonElement? CallOf(JsonElement? message) => message?.Find("tool_calls") switch
        {
            { ValueKind: JsonValueKind.Object } bare => bare,
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().FirstOrDefault(),
            _ => null,
        };
    }
}
