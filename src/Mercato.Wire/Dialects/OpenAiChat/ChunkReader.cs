using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Reads what a host of this dialect sends, chunk by chunk or whole, as the steps of one answer: its first choice, as
/// nobody asks for more. Members of a wrong type are passed over.
/// </summary>
internal sealed class ChunkReader(string provider) : IStreamReader
{
    private readonly SplitText _text = new();
    private readonly SplitText _refusal = new();
    private readonly ThoughtReader _thoughts = new(provider);
    private readonly CallReader _calls = new(provider);
    private bool _hasStarted;
    private bool _hasOutput;

    /// <summary>How the answer ended; null until it has.</summary>
    public FinishDelta? Finish { get; private set; }

    /// <inheritdoc/>
    public bool MayEnd => Finish is not null;

    /// <inheritdoc/>
    public FrameKind Read(in EventFrame frame, List<ChatDelta> deltas)
    {
        var data = frame.HasData ? frame.Data.Span.Trim(" \t\r\n"u8) : default;
        if (data.SequenceEqual("[DONE]"u8))
        {
            Conclude(null, deltas);
            return FrameKind.End;
        }

        if (data.IsEmpty)
        {
            return FrameKind.Comment;
        }

        using var document = JsonText.Parse(frame.Data);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } chunk
            ? Read(chunk, isWhole: false, deltas)
            : FrameKind.Garbage;
    }

    /// <summary>Reads a whole completion, or a chunk of one.</summary>
    public FrameKind Read(JsonElement json, bool isWhole, List<ChatDelta> deltas)
    {
        if (FindError(json) is { } error)
        {
            // The words that come with an error are not the model's.
            deltas.Add(new ErrorDelta(UpstreamError.ReadInBand(JsonMarshal.GetRawUtf8Value(error).ToArray())));
            return FrameKind.Error;
        }

        var (id, model) = (NullIfEmpty(json.FindText("id")), NullIfEmpty(json.FindText("model")));
        var first = FirstChoice(json);
        // Azure begins with a chunk that has neither names nor choices.
        if (!_hasStarted && (first is not null || (id ?? model) is not null))
        {
            _hasStarted = true;
            deltas.Add(new StartDelta(id, model));
        }

        if (first is { } choice)
        {
            ReadChoice(choice, isWhole, deltas);
        }

        if ((json.Find("usage") ?? json.Find("x_groq")?.Find("usage")) is { } usage)
        {
            deltas.Add(new UsageDelta(OpenAiChatDialect.ReadUsage(JsonMarshal.GetRawUtf8Value(usage).ToArray())));
        }

        return FrameKind.Piece;
    }

    /// <summary>Ends the answer, by the host's word or without one.</summary>
    public void Conclude(string? word, List<ChatDelta> deltas)
    {
        if (Finish is not null && (word is null || word == Finish.Native))
        {
            return;
        }

        _thoughts.Close(deltas);
        Add(_text.Rest(), deltas);
        if (_refusal.Rest() is { Length: > 0 } rest)
        {
            deltas.Add(new RefusalDelta(rest));
        }

        _calls.Conclude(deltas);
        var reason = FinishWords.Read(word);
        // Some hosts say "stop" even when tools are called, as OpenAI does for a tool that was named in the request.
        reason = reason == FinishReason.Stop && _calls.HasCalls ? FinishReason.ToolCalls : reason;
        Finish = new FinishDelta(reason, word ?? "");
        deltas.Add(Finish);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static JsonElement? FindError(JsonElement json) =>
        json.Find("error") ?? json.Find("x_groq")?.Find("error") ?? FirstChoice(json)?.Find("error")
        ?? (json.FindText("object") == "error" ? json : null);

    private static JsonElement? FirstChoice(JsonElement json)
    {
        foreach (var choice in json.List("choices"))
        {
            if (choice.ValueKind == JsonValueKind.Object && choice.FindCount("index") is null or 0)
            {
                return choice;
            }
        }

        return null;
    }

    private void ReadChoice(JsonElement choice, bool isWhole, List<ChatDelta> deltas)
    {
        var (message, delta) = (choice.Find("message"), choice.Find("delta"));
        if (isWhole)
        {
            ReadMessage(message ?? delta ?? default, isWhole, deltas);
        }
        else if (delta is not null)
        {
            ReadMessage(delta.Value, isWhole, deltas);
        }
        else if (!_hasOutput)
        {
            // A last chunk may repeat the whole message; alone it is the answer of a host that doesn't stream.
            ReadMessage(message ?? default, isWhole: true, deltas);
        }

        if (choice.Find("text") is { ValueKind: JsonValueKind.String } text)
        {
            AddText(text, deltas);
        }

        if (choice.FindText("finish_reason") is { Length: > 0 } word)
        {
            Conclude(word, deltas);
        }
        else if (isWhole)
        {
            Conclude(null, deltas);
        }
    }

    private void ReadMessage(JsonElement message, bool isWhole, List<ChatDelta> deltas)
    {
        var before = deltas.Count;
        _thoughts.Read(message, deltas);
        ReadContent(message.Find("content") ?? default, deltas);
        if (message.Find("refusal") is { ValueKind: JsonValueKind.String } refusal
            && _refusal.Take(refusal) is { Length: > 0 } words)
        {
            deltas.Add(new RefusalDelta(words));
        }

        foreach (var call in message.List("tool_calls"))
        {
            _thoughts.Close(deltas);
            _calls.Read(call, isWhole, deltas);
        }

        if (message.Find("function_call") is { } function)
        {
            _thoughts.Close(deltas);
            _calls.ReadLegacy(function, deltas);
        }

        if (message.Find("annotations") is { ValueKind: JsonValueKind.Array } notes && notes.GetArrayLength() > 0)
        {
            deltas.Add(new AnnotationDelta(Dialect.OpenAiChat, notes.Clone()));
        }

        AddMedia(message, deltas);
        _hasOutput |= deltas.Count > before;
    }

    private void ReadContent(JsonElement content, List<ChatDelta> deltas)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            AddText(content, deltas);
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in content.EnumerateArray())
            {
                ReadPart(part, deltas);
            }
        }
    }

    private void ReadPart(JsonElement part, List<ChatDelta> deltas)
    {
        if (part.Find("thinking") is { } thinking)
        {
            _thoughts.ReadThinking(thinking, deltas);
        }
        else if (part.Find("text") is { ValueKind: JsonValueKind.String } text)
        {
            AddText(text, deltas);
        }
        else if (part.Find("image_url") is not null)
        {
            deltas.Add(new OpaqueDelta(Dialect.OpenAiChat, part.Clone()));
        }
    }

    private void AddText(JsonElement text, List<ChatDelta> deltas) => Add(_text.Take(text), deltas);

    private void Add(string text, List<ChatDelta> deltas)
    {
        if (text.Length > 0)
        {
            _thoughts.Close(deltas);
            deltas.Add(new TextDelta(text));
        }
    }

    private static void AddMedia(JsonElement message, List<ChatDelta> deltas)
    {
        foreach (var image in message.List("images"))
        {
            deltas.Add(new OpaqueDelta(Dialect.OpenAiChat, image.Clone()));
        }

        if (message.Find("audio") is { ValueKind: JsonValueKind.Object } audio)
        {
            deltas.Add(new OpaqueDelta(Dialect.OpenAiChat, JsonElement.Parse(JsonWriting.WriteObject(json =>
            {
                json.WriteString("type", "audio");
                json.WriteRaw("audio", audio);
            }))));
        }
    }
}
