using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>Reads the chunks of one answer, of which a whole answer is the only one. Not thread-safe.</summary>
internal sealed class AnswerReading(string provider)
{
    private readonly AnswerCalls _calls = new();
    private bool _hasStarted;
    private bool _hasOutput;
    private string? _native;
    private FinishDelta? _finish;
    private (int Index, PartialArguments Arguments)? _open;

    /// <summary>Whether an answer has come, be it without parts.</summary>
    public bool HasCandidate { get; private set; }

    /// <summary>Whether the host has said why it ended.</summary>
    public bool HasFinished => _finish is not null;

    /// <summary>Reads one chunk, or the array of all; false when it is neither.</summary>
    public bool ReadAll(JsonElement root, List<ChatDelta> deltas)
    {
        if (root.ValueKind == JsonValueKind.Object)
        {
            Read(root, deltas);
            return true;
        }

        if (root.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var chunk in root.EnumerateArray())
        {
            Read(chunk, deltas);
        }

        return true;
    }

    private void Read(JsonElement chunk, List<ChatDelta> deltas)
    {
        if (chunk.Find("error") is { } error)
        {
            deltas.Add(new ErrorDelta(UpstreamError.ReadInBand(Encoding.UTF8.GetBytes(error.ToRaw()))));
            return;
        }

        if (!_hasStarted)
        {
            _hasStarted = true;
            deltas.Add(new StartDelta(chunk.FindText("responseId"), chunk.FindText("modelVersion")));
        }

        // Of several candidates only the first is the answer.
        foreach (var candidate in chunk.List("candidates").Where(one => one.FindCount("index") is null or 0).Take(1))
        {
            HasCandidate = true;
            ReadCandidate(candidate, deltas);
        }

        if (chunk.Find("usageMetadata") is { } usage && GeminiDialect.ReadUsage(usage) is { } figures)
        {
            deltas.Add(new UsageDelta(figures));
        }

        if (chunk.Find("promptFeedback")?.FindText("blockReason") is { } reason)
        {
            _native = reason;
            AddFinish(new FinishDelta(FinishReason.Refused, reason), deltas);
        }
        else if (_native is not null && _finish?.Reason != FinishReason.Refused)
        {
            Finish(chunk, deltas);
        }
    }

    private void ReadCandidate(JsonElement candidate, List<ChatDelta> deltas)
    {
        foreach (var part in candidate.Find("content")?.List("parts") ?? [])
        {
            ReadPart(part, deltas);
        }

        foreach (var name in (ReadOnlySpan<string>)["groundingMetadata", "citationMetadata", "urlContextMetadata"])
        {
            if (candidate.Find(name) is { ValueKind: JsonValueKind.Object } annotation)
            {
                deltas.Add(new AnnotationDelta(Dialect.Gemini, annotation));
            }
        }

        if (candidate.Find("finishReason") is { } reason && WordOf(reason) is { } native)
        {
            CloseCall(deltas);
            _native = native;
        }
    }

    private void ReadPart(JsonElement part, List<ChatDelta> deltas)
    {
        var signature = part.FindText("thoughtSignature") is { Length: > 0 } value ? new Seal(provider, value) : null;
        if (part.Find("functionCall") is { ValueKind: JsonValueKind.Object } call)
        {
            ReadCall(call, signature, deltas);
            return;
        }

        CloseCall(deltas);
        var text = part.FindText("text");
        if (part.FindFlag("thought") == true)
        {
            // A picture inside a thought is a draft; the answer repeats it.
            AddText(text, deltas, isThought: true);
            AddSeal(signature, deltas);
        }
        else if (text is not null)
        {
            AddSeal(signature, deltas);
            AddText(text, deltas, isThought: false);
        }
        else if (part is { ValueKind: JsonValueKind.Object } && part.EnumerateObject().Any(IsContent))
        {
            // Images, code that Google ran, its own tools' calls: the part as it is, its signature with it.
            _hasOutput = true;
            deltas.Add(new OpaqueDelta(Dialect.Gemini, part));
        }
        else
        {
            AddSeal(signature, deltas);
        }
    }

    private static bool IsContent(JsonProperty member) =>
        !member.NameEquals("thoughtSignature") && member.Value.ValueKind == JsonValueKind.Object;

    private void AddText(string? text, List<ChatDelta> deltas, bool isThought)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _hasOutput = true;
            deltas.Add(isThought ? new ReasoningDelta(text) : new TextDelta(text));
        }
    }

    private static void AddSeal(Seal? seal, List<ChatDelta> deltas)
    {
        if (seal is not null)
        {
            deltas.Add(new SealDelta(seal));
        }
    }

    // A call comes whole, or, where the host streams arguments, as a name and then pieces addressed by path.
    private void ReadCall(JsonElement call, Seal? signature, List<ChatDelta> deltas)
    {
        var name = call.FindText("name");
        var goesOn = call.FindFlag("willContinue") == true;
        if (!string.IsNullOrEmpty(name))
        {
            CloseCall(deltas);
            AddSeal(signature, deltas);
            var begun = _calls.Begin(call.FindText("id"), name);
            _hasOutput = true;
            deltas.Add(begun);
            if (!goesOn && call.Find("partialArgs") is null)
            {
                var arguments = call.Find("args") is { ValueKind: JsonValueKind.Object } args ? args.ToRaw() : "{}";
                deltas.Add(new ArgumentsDelta(begun.Index, arguments));
                return;
            }

            _open = (begun.Index, new PartialArguments());
        }

        if (_open is { } open)
        {
            foreach (var piece in call.List("partialArgs"))
            {
                open.Arguments.Add(piece);
            }

            if (!goesOn)
            {
                CloseCall(deltas);
            }
        }
    }

    private void CloseCall(List<ChatDelta> deltas)
    {
        if (_open is { } open)
        {
            _open = null;
            deltas.Add(new ArgumentsDelta(open.Index, open.Arguments.ToJson()));
        }
    }

    private void Finish(JsonElement chunk, List<ChatDelta> deltas)
    {
        var reason = ReasonOf(_native!);
        if (_native is "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" && !_hasOutput)
        {
            var words = chunk.List("candidates").FirstOrDefault().FindText("finishMessage");
            deltas.Add(new ErrorDelta(UpstreamError.Of(
                UpstreamErrorKind.ToolCallFailed, words ?? $"The model's tool call came to nothing: {_native}.")));
            return;
        }

        AddFinish(new FinishDelta(reason, _native!), deltas);
    }

    // Old models finish with every chunk, and calls may come behind the first finish.
    private void AddFinish(FinishDelta finish, List<ChatDelta> deltas)
    {
        if (_finish != finish)
        {
            _finish = finish;
            deltas.Add(finish);
        }
    }

    private FinishReason ReasonOf(string native) => native switch
    {
        "STOP" => _calls.Count > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
        "MAX_TOKENS" => FinishReason.Length,
        "SAFETY" or "RECITATION" or "PROHIBITED_CONTENT" or "BLOCKLIST" or "SPII" or "IMAGE_SAFETY"
            or "IMAGE_PROHIBITED_CONTENT" or "IMAGE_RECITATION" or "MODEL_ARMOR" => FinishReason.Refused,
        _ => FinishReason.Error,
    };

    // Some hosts spell enumerations by their number.
    private static string? WordOf(JsonElement reason) => reason.ValueKind switch
    {
        JsonValueKind.String => reason.ReadText() is { Length: > 0 } word && word != "FINISH_REASON_UNSPECIFIED"
            ? word : null,
        JsonValueKind.Number => reason.ToRaw() switch
        {
            "0" => null,
            "1" => "STOP",
            "2" => "MAX_TOKENS",
            "3" => "SAFETY",
            "4" => "RECITATION",
            var other => other,
        },
        _ => null,
    };
}
