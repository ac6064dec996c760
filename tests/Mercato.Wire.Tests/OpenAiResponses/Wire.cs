using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire.Tests.OpenAiResponses;

/// <summary>The dialect's two sides over texts.</summary>
internal static class Wire
{
    public static IClientDialect Client => OpenAiResponsesDialect.Instance;

    public static IUpstreamDialect Upstream => OpenAiResponsesDialect.Instance;

    public static AnswerHead Head { get; } = new("gen-1", "acme/large", 1_800_000_000);

    public static AnswerCost Paid { get; } = new("0.5", false, null, default);

    public const string ShownCost =
        "\"cost\":0.5,\"cost_usd\":\"0.5\",\"is_byok\":false,\"cost_details\":{\"upstream_inference_cost\":null}";

    public static HostTarget Host(string model = "large", ModelTraits? traits = null) =>
        new("host", model, new HostQuirks(), Traits: traits);

    public static RequestReading Read(string body) => Client.ReadRequest(Encoding.UTF8.GetBytes(body));

    /// <summary>The neutral form of a request with these members beside the model.</summary>
    public static ChatRequest Chat(string members)
    {
        var reading = Read("{\"model\":\"m\"," + members + "}");
        reading.Refusal.ShouldBeNull();
        var chat = Client.ReadChat(reading.Facts!);
        chat.Refusal.ShouldBeNull();
        return chat.Chat!;
    }

    public static AnswerHead HeadOf(string members)
    {
        var facts = Read("{\"model\":\"m\"," + members + "}").Facts!;
        return Head with { Request = facts.Chat, Members = facts.Members };
    }

    public static string Written(ChatRequest chat, HostTarget? target = null) =>
        Text(Upstream.WriteRequest(chat, target ?? Host()).Body);

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
        var bytes = Encoding.UTF8.GetBytes(stream);
        var reader = Upstream.ReadStream("host");
        var (deltas, kinds) = (new List<ChatDelta>(), new List<FrameKind>());
        using var frames = EventStreamReader.ForEvents();
        foreach (var piece in Cut(bytes, cut))
        {
            frames.Push(piece);
            while (frames.TryRead(out var frame))
            {
                kinds.Add(reader.Read(frame, deltas));
            }
        }

        return (deltas, kinds, reader.MayEnd);
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

    public static string WriteStream(AnswerHead head, FinishDelta? finish, params ReadOnlySpan<ChatDelta> deltas)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Client.WriteStream(head);
        foreach (var delta in deltas)
        {
            writer.Write(delta, output);
        }

        writer.Finish(new AnswerEnding(finish, new Usage { InputUncached = 2, OutputText = 3 }, null, true), output);
        return Text(output.WrittenMemory);
    }

    /// <summary>The data of a stream's events.</summary>
    public static List<JsonElement> Datas(string stream) =>
        [.. stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(frame => JsonElement.Parse(frame[(frame.IndexOf("data: ", StringComparison.Ordinal) + 6)..]))];

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static string Raw(this JsonElement element) => element.GetRawText();

    public static string? FindReason(this JsonElement response) =>
        response.GetProperty("incomplete_details") is { ValueKind: JsonValueKind.Object } details
            ? details.GetProperty("reason").GetString() : null;
}
