using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Ollama;

public sealed partial class OllamaDialect
{
    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        var deltas = new List<ChatDelta>();
        var answer = new AnswerReading();
        if (JsonText.ParseElement(body.Span) is not { ValueKind: JsonValueKind.Object } root)
        {
            return [NotJson(body.IsEmpty
                ? "The host answered 200 with an empty body." : "The host answered 200 with a body that is not JSON.")];
        }

        answer.Read(root, deltas);
        if (!answer.HasMessage && !deltas.Exists(delta => delta is ErrorDelta))
        {
            return [NotJson("The host answered 200 without a message.")];
        }

        return deltas;
    }

    private static ErrorDelta NotJson(string message) =>
        new(UpstreamError.Of(UpstreamErrorKind.NotJson, message));

    /// <summary>Reads the lines of one answer, of which a whole answer is the only one.</summary>
    private sealed class AnswerReading
    {
        private readonly AnswerCalls _calls = new();
        private bool _hasStarted;

        public bool HasMessage { get; private set; }

        public bool IsDone { get; private set; }

        public void Read(JsonElement line, List<ChatDelta> deltas)
        {
            if (line.Find("error") is { } error)
            {
                deltas.Add(new ErrorDelta(UpstreamError.ReadInBand(Encoding.UTF8.GetBytes(error.ToRaw()))));
                return;
            }

            if (!_hasStarted)
            {
                _hasStarted = true;
                deltas.Add(new StartDelta(null, line.FindText("model")));
            }

            if (line.Find("message") is { ValueKind: JsonValueKind.Object } message)
            {
                HasMessage = true;
                ReadMessage(message, deltas);
            }

            if (line.FindFlag("done") == true)
            {
                IsDone = true;
                if (ReadUsage(line) is { } usage)
                {
                    deltas.Add(new UsageDelta(usage));
                }

                var native = line.FindText("done_reason") ?? "stop";
                deltas.Add(new FinishDelta(ReasonOf(native), native));
            }
        }

        private void ReadMessage(JsonElement message, List<ChatDelta> deltas)
        {
            if (message.FindText("thinking") is { Length: > 0 } thinking)
            {
                deltas.Add(new ReasoningDelta(thinking));
            }

            if (message.FindText("content") is { Length: > 0 } text)
            {
                deltas.Add(new TextDelta(text));
            }

            foreach (var call in message.List("tool_calls"))
            {
                var function = call.Find("function");
                var begun = _calls.Begin(call.FindText("id"), function?.FindText("name") ?? "");
                deltas.Add(begun);
                deltas.Add(new ArgumentsDelta(begun.Index, function?.Find("arguments") switch
                {
                    { ValueKind: JsonValueKind.Object } bare => bare.ToRaw(),
                    { ValueKind: JsonValueKind.String } quoted when quoted.ReadText() is { Length: > 0 } words => words,
                    _ => "{}",
                }));
            }
        }

        // A call comes whole, whatever ended the answer. Models are loaded and unloaded by requests without messages.
        private FinishReason ReasonOf(string native) => native switch
        {
            _ when _calls.Count > 0 => FinishReason.ToolCalls,
            "length" => FinishReason.Length,
            "stop" or "load" or "unload" => FinishReason.Stop,
            _ => FinishReason.Error,
        };
    }
}
