using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Tests;

/// <summary>A host's dialect in a test: what it is sent, and what is read out of its answers, as short lines.</summary>
internal sealed class Upstream(IUpstreamDialect dialect, string model = "m", string provider = "here")
{
    public HostQuirks Quirks { get; init; } = new();

    public ModelTraits? Traits { get; init; }

    public long? MaxOutputTokens { get; init; }

    public long? OutputLimit { get; init; }

    public UpstreamRequest Write(ChatRequest chat) => dialect.WriteRequest(
        chat, new HostTarget(provider, model, Quirks, MaxOutputTokens, OutputLimit, Traits));

    public string Body(ChatRequest chat) => Encoding.UTF8.GetString(Write(chat).Body.Span);

    public string Body(params ChatMessage[] messages) => Body(new ChatRequest { Messages = messages });

    public string Answer(string body) => Tell(dialect.ReadAnswer(Encoding.UTF8.GetBytes(body), provider));

    public IReadOnlyList<ChatDelta> Read(string body) => dialect.ReadAnswer(Encoding.UTF8.GetBytes(body), provider);

    /// <summary>The steps of a stream, and whether it may end there.</summary>
    public string Stream(string stream, params int[] cuts) => Tell(ReadStream(Encoding.UTF8.GetBytes(stream), cuts));

    public List<ChatDelta> ReadStream(byte[] bytes, params int[] cuts) => ReadStream(bytes, out _, cuts);

    public string StreamWithEnd(string stream)
    {
        var steps = ReadStream(Encoding.UTF8.GetBytes(stream), out var mayEnd);
        return Tell(steps) + (mayEnd ? "\nmay end" : "\nbroke off");
    }

    public List<FrameKind> Kinds(string stream)
    {
        using var reader = Frames();
        var answer = dialect.ReadStream(provider);
        var kinds = new List<FrameKind>();
        reader.Push(Encoding.UTF8.GetBytes(stream));
        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            kinds.Add(answer.Read(frame, []));
        }

        return kinds;
    }

    /// <summary>Holds the stream, cut once anywhere and byte by byte, against the stream at once. Minted ids
    /// differ, so they are left out.</summary>
    public void ShouldNotDependOnCuts(string stream)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        var whole = Tell(ReadStream(bytes));
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Tell(ReadStream(bytes, cut)).ShouldBe(whole, $"cut at {cut}");
        }

        Tell(ReadStream(bytes, [.. Enumerable.Range(1, bytes.Length - 1)])).ShouldBe(whole);
    }

    public static string Tell(IEnumerable<ChatDelta> deltas) => string.Join('\n', deltas.Select(Tell));

    private List<ChatDelta> ReadStream(byte[] bytes, out bool mayEnd, params int[] cuts)
    {
        using var reader = Frames();
        var answer = dialect.ReadStream(provider);
        var deltas = new List<ChatDelta>();
        var start = 0;
        foreach (var end in cuts.Append(bytes.Length))
        {
            reader.Push(bytes.AsSpan(start, end - start));
            start = end;
            if (end == bytes.Length)
            {
                reader.Complete();
            }

            while (reader.TryRead(out var frame))
            {
                answer.Read(frame, deltas);
            }
        }

        mayEnd = answer.MayEnd;
        return deltas;
    }

    private EventStreamReader Frames() =>
        dialect.StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();

    private static string Tell(ChatDelta delta) => delta switch
    {
        StartDelta start => $"start {start.Id} {start.Model}".TrimEnd(),
        TextDelta text => text.Block == 0 ? $"text {text.Text}" : $"text/{text.Block} {text.Text}",
        ReasoningDelta thought => $"thought {thought.Text}",
        SealDelta seal => seal.Seal is { } value ? $"seal {value.Minter}:{value.Value}" : "seal -",
        ToolCallDelta call => $"call {call.Index} {(IsMinted(call.Id) ? "(minted)" : call.Id)} {call.Name}",
        ArgumentsDelta piece => $"args {piece.Index} {piece.Text}",
        AnnotationDelta note => $"note {note.Json.ToRaw()}",
        OpaqueDelta opaque => $"opaque {opaque.Json.ToRaw()}",
        UsageDelta usage => Tell(usage.Usage),
        FinishDelta finish => $"finish {finish.Reason} {finish.Native}",
        ErrorDelta error => $"error {error.Error.Kind}: {error.Error.Message}",
        _ => delta.ToString(),
    };

    public static string Tell(Usage usage) => "usage " + string.Join(' ', new (string Name, object? Value)[]
    {
        ("in", usage.InputUncached), ("read", usage.CacheRead), ("audio", usage.AudioInput), ("tools", usage.ToolPrompt),
        ("out", usage.OutputText), ("thought", usage.Reasoning), ("speech", usage.AudioOutput),
        ("images", usage.Images), ("suspicion", usage.Suspicion),
    }.Where(figure => figure.Value is not null).Select(figure => $"{figure.Name}={figure.Value}"));

    private static bool IsMinted(string id) =>
        id.StartsWith("call_", StringComparison.Ordinal) && id.Length == 29;
}

/// <summary>Short words for requests in tests.</summary>
internal static class Said
{
    public static ChatMessage Instruction(string text) => new(ChatRole.System, [new TextPart(text)]);

    public static ChatMessage User(params ChatPart[] parts) => new(ChatRole.User, parts);

    public static ChatMessage User(string text) => User(new TextPart(text));

    public static ChatMessage Model(params ChatPart[] parts) => new(ChatRole.Assistant, parts);

    public static ToolCallPart Call(string id, string name, string arguments) => new(id, name, arguments);

    public static ToolResultPart Result(string id, string text) => new(id, [new TextPart(text)]);

    public static ReasoningPart Sealed(string minter, string value) => new("", new Seal(minter, value));

    public static JsonElement Json(string json) => JsonElement.Parse(json);
}
