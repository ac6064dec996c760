using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Cohere;

public sealed partial class CohereDialect
{
    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        if (JsonText.ParseElement(body.Span) is not { ValueKind: JsonValueKind.Object } root)
        {
            return [NotJson(body.IsEmpty
                ? "The host answered 200 with an empty body." : "The host answered 200 with a body that is not JSON.")];
        }

        if (ErrorOf(root) is { } error)
        {
            return [error];
        }

        if (root.Find("message") is not { ValueKind: JsonValueKind.Object } message)
        {
            return [NotJson("The host answered 200 without a message.")];
        }

        var deltas = new List<ChatDelta> { new StartDelta(root.FindText("id"), null) };
        AddText(message.FindText("tool_plan"), true, 0, deltas);
        ReadContent(message, deltas);
        ReadCalls(message, deltas);
        if (message.Find("citations") is { ValueKind: JsonValueKind.Array } citations)
        {
            deltas.Add(new AnnotationDelta(Dialect.Cohere, citations));
        }

        ReadEnd(root, deltas);
        return deltas;
    }

    private static void ReadContent(JsonElement message, List<ChatDelta> deltas)
    {
        if (message.FindText("content") is { } plain)
        {
            AddText(plain, false, 0, deltas);
            return;
        }

        var block = 0;
        foreach (var part in message.List("content"))
        {
            if (part.FindText("thinking") is { } thinking)
            {
                AddText(thinking, true, 0, deltas);
                deltas.Add(new SealDelta(null));
            }
            else
            {
                AddText(part.FindText("text"), false, block++, deltas);
            }
        }
    }

    private static void ReadCalls(JsonElement message, List<ChatDelta> deltas)
    {
        var calls = new AnswerCalls();
        foreach (var call in message.List("tool_calls"))
        {
            var function = call.Find("function");
            var begun = calls.Begin(call.FindText("id"), function?.FindText("name") ?? "");
            deltas.Add(begun);
            deltas.Add(new ArgumentsDelta(begun.Index, ArgumentsOf(function)));
        }
    }

    // A tool without parameters is called with the text "null".
    private static string ArgumentsOf(JsonElement? function) => function?.FindText("arguments") switch
    {
        null => function?.Find("arguments") is { ValueKind: JsonValueKind.Object } bare ? bare.ToRaw() : "{}",
        "" or "null" => "{}",
        var text => text,
    };

    private static void AddText(string? text, bool isThought, int block, List<ChatDelta> deltas)
    {
        if (!string.IsNullOrEmpty(text))
        {
            deltas.Add(isThought ? new ReasoningDelta(text) : new TextDelta(text, block));
        }
    }

    /// <summary>Reads usage and the reason of the end, which stand side by side in a whole answer and in the last
    /// event.</summary>
    private static void ReadEnd(JsonElement owner, List<ChatDelta> deltas)
    {
        if (owner.Find("usage") is { } usage && ReadUsage(usage) is { } figures)
        {
            deltas.Add(new UsageDelta(figures));
        }

        var native = owner.FindText("finish_reason") ?? "";
        if (owner.Find("error") is { } error)
        {
            deltas.Add(new ErrorDelta(UpstreamError.ReadInBand(Encoding.UTF8.GetBytes(error.ToRaw()))));
        }
        else if (native.Length > 0)
        {
            deltas.Add(new FinishDelta(ReasonOf(native), native));
        }
    }

    private static FinishReason ReasonOf(string native) => native switch
    {
        "COMPLETE" => FinishReason.Stop,
        "STOP_SEQUENCE" => FinishReason.StopSequence,
        "MAX_TOKENS" or "ERROR_LIMIT" => FinishReason.Length,
        "TOOL_CALL" => FinishReason.ToolCalls,
        "ERROR_TOXIC" => FinishReason.Refused,
        _ => FinishReason.Error,
    };

    // An error's message is a text; an answer's is an object.
    private static ErrorDelta? ErrorOf(JsonElement root) =>
        root.Find("error") is { } error ? Error(error)
        : root.FindText("message") is not null ? Error(root)
        : null;

    private static ErrorDelta Error(JsonElement error) =>
        new(UpstreamError.ReadInBand(Encoding.UTF8.GetBytes(error.ToRaw())));

    private static ErrorDelta NotJson(string message) =>
        new(UpstreamError.Of(UpstreamErrorKind.NotJson, message));
}
