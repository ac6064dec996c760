using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>The dialect's two sides over texts.</summary>
internal static class Wire
{
    public const string Question = """{"role":"user","content":"Hi"}""";

    public const string ShownCost =
        "\"cost\":0.5,\"cost_usd\":\"0.5\",\"is_byok\":false,\"cost_details\":{\"upstream_inference_cost\":null}";

    public static IClientDialect Client => AnthropicDialect.Instance;

    public static IUpstreamDialect Upstream => AnthropicDialect.Instance;

    public static AnswerHead Head { get; } = new("gen-1", "acme/large", 1_800_000_000);

    public static AnswerCost Paid { get; } = new("0.5", false, null, default);

    public static Usage Used { get; } = new() { InputUncached = 2, OutputText = 3 };

    public static HostTarget Host(
        string model = "claude-sonnet-4-5", long? most = null, long? limit = null, ModelTraits? traits = null) =>
        new("host", model, new HostQuirks(), most, limit, traits);

    public static RequestReading Read(string body) => Client.ReadRequest(Encoding.UTF8.GetBytes(body));

    /// <summary>A request with these members beside model, limit and a question.</summary>
    public static string Body(string members = "") =>
        "{\"model\":\"m\",\"max_tokens\":100,\"messages\":[" + Question + "]"
        + (members.Length == 0 ? "" : "," + members) + "}";

    /// <summary>The neutral form of a request.</summary>
    public static ChatRequest Chat(string body)
    {
        var reading = Read(body);
        reading.Refusal.ShouldBeNull();
        return Client.ReadChat(reading.Facts!).Chat!;
    }

    /// <summary>The neutral form of a conversation.</summary>
    public static ChatRequest Talk(params string[] messages) =>
        Chat("{\"model\":\"m\",\"max_tokens\":100,\"messages\":[" + string.Join(',', messages) + "]}");

    public static ChatRequest Said(params ChatMessage[] messages) => new() { Messages = messages };

    public static ChatMessage User(params ChatPart[] parts) => new(ChatRole.User, parts);

    public static ChatMessage User(string text) => User(new TextPart(text));

    public static ChatMessage Assistant(params ChatPart[] parts) => new(ChatRole.Assistant, parts);

    public static ChatMessage System(string text) => new(ChatRole.System, [new TextPart(text)]);

    public static ToolCallPart Call(string id, string arguments = "{}") => new(id, "ls", arguments);

    public static ToolResultPart Result(string id, string text = "ok") => new(id, [new TextPart(text)]);

    public static string Written(ChatRequest chat, HostTarget? target = null) =>
        Text(Upstream.WriteRequest(chat, target ?? Host()).Body);

    public static JsonElement Member(ChatRequest chat, string name, HostTarget? target = null) =>
        JsonElement.Parse(Written(chat, target)).TryGetProperty(name, out var value) ? value : default;

    /// <summary>A member as text; empty when it is absent.</summary>
    public static string Raw(ChatRequest chat, string name, HostTarget? target = null) =>
        Member(chat, name, target) is { ValueKind: not JsonValueKind.Undefined } value ? value.GetRawText() : "";

    public static IReadOnlyList<string> Dropped(ChatRequest chat, HostTarget? target = null) =>
        Upstream.WriteRequest(chat, target ?? Host()).Dropped;

    /// <summary>A stream of these events as a host sends them.</summary>
    public static string Events(params ReadOnlySpan<string> datas)
    {
        var stream = new StringBuilder();
        foreach (var data in datas)
        {
            var type = JsonElement.Parse(data).GetProperty("type").GetString();
            stream.Append("event: ").Append(type).Append("\ndata: ").Append(data).Append("\n\n");
        }

        return stream.ToString();
    }

    public static (List<ChatDelta> Deltas, List<FrameKind> Kinds, bool MayEnd) ReadStream(string stream, int cut = 0)
    {
        var reader = Upstream.ReadStream("host");
        var (deltas, kinds) = (new List<ChatDelta>(), new List<FrameKind>());
        foreach (var frame in Frames(stream, cut))
        {
            kinds.Add(reader.Read(frame, deltas));
        }

        return (deltas, kinds, reader.MayEnd);
    }

    /// <summary>Passes a stream on; the text is what left before the end, then what left with the bill.</summary>
    public static (string Before, string After, Received Received, FrameKind Last) Relay(string stream, int cut = 0)
    {
        var relay = Client.RelayStream(Head, showsUsage: true);
        var (received, output, last) = (new Received(), new ArrayBufferWriter<byte>(), FrameKind.Comment);
        foreach (var frame in Frames(stream, cut))
        {
            last = relay.Take(frame, received, output);
        }

        var before = Text(output.WrittenMemory);
        output.Clear();
        relay.Finish(new AnswerEnding(received.Finish, received.Usage ?? Used, Paid, true), output);
        return (before, Text(output.WrittenMemory), received, last);
    }

    public static IEnumerable<EventFrame> Frames(string stream, int cut = 0)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        using var frames = EventStreamReader.ForEvents();
        foreach (var piece in Cut(bytes, cut))
        {
            frames.Push(piece);
            while (frames.TryRead(out var frame))
            {
                yield return frame;
            }
        }

        frames.Complete();
        while (frames.TryRead(out var frame))
        {
            yield return frame;
        }
    }

    /// <summary>Whole for 0, byte by byte for -1, else in two at that place.</summary>
    private static IEnumerable<byte[]> Cut(byte[] bytes, int cut) => cut switch
    {
        0 => [bytes],
        -1 => bytes.Select(one => new[] { one }),
        _ => [bytes[..cut], bytes[cut..]],
    };

    public static List<ChatDelta> ReadAnswer(string body) =>
        [.. Upstream.ReadAnswer(Encoding.UTF8.GetBytes(body), "host")];

    /// <summary>A stream for a caller without its first and its last two events, which all have.</summary>
    public static string Blocks(params ReadOnlySpan<ChatDelta> deltas)
    {
        var stream = WriteStream(Head, null, deltas);
        var start = stream.IndexOf("event: content_block", StringComparison.Ordinal);
        var end = stream.IndexOf("event: message_delta", StringComparison.Ordinal);
        return start < 0 ? "" : stream[start..end];
    }

    public static string WriteStream(AnswerHead head, FinishDelta? finish, params ReadOnlySpan<ChatDelta> deltas)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Client.WriteStream(head);
        foreach (var delta in deltas)
        {
            writer.Write(delta, output);
        }

        writer.Finish(new AnswerEnding(finish, Used, null, true), output);
        return Text(output.WrittenMemory);
    }

    /// <summary>The data of a stream's events.</summary>
    public static List<JsonElement> Datas(string stream) =>
        [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(frame => JsonElement.Parse(frame[(frame.IndexOf("data: ", StringComparison.Ordinal) + 6)..]))];

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
