using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Golden streams: what a host sends, and what callers that asked and didn't ask for usage get.</summary>
public sealed class StreamTests
{
    private static readonly AnswerCost Paid = new("0.5", false, null, default);

    public static TheoryData<string> Cases() =>
        [.. Directory.GetDirectories(GoldenFolder).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void GoldenStream_reachesBothKindsOfCaller(string name)
    {
        var upstream = Golden(name, "upstream.sse");

        Text(Pump(upstream, wantsUsage: true)).ShouldBe(Text(Golden(name, "asked.sse")));
        Text(Pump(upstream, wantsUsage: false)).ShouldBe(Text(Golden(name, "unasked.sse")));
    }

    [Theory]
    [InlineData(": ping\n\n", FrameKind.Comment, false, false)]
    [InlineData("\n", FrameKind.Comment, false, false)]
    [InlineData("data:\n\n", FrameKind.Comment, false, false)]
    [InlineData("data: [DONE]\n\n", FrameKind.End, false, false)]
    [InlineData("data:[DONE] \n\n", FrameKind.End, false, false)]
    [InlineData("data: {\"choices\":[{\"delta\":{}}]}\n\n", FrameKind.Piece, false, true)]
    [InlineData("data: {\"choices\":[],\"usage\":null}\n\n", FrameKind.Piece, false, false)]
    [InlineData("data: {\"choices\":[],\"usage\":{}}\n\n", FrameKind.Piece, true, false)]
    [InlineData("data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":0}}\n\n", FrameKind.Piece, true, true)]
    [InlineData("data: {\"x_groq\":{\"id\":\"r\"}}\n\n", FrameKind.Piece, false, false)]
    [InlineData("data: {\"x_groq\":{\"usage\":{}}}\n\n", FrameKind.Piece, true, false)]
    [InlineData("data: {\"error\":{\"message\":\"no\"}}\n\n", FrameKind.Error, false, false)]
    [InlineData("event: error\ndata: {\"error\":\"no\",\"choices\":[]}\n\n", FrameKind.Error, false, false)]
    [InlineData("data: {\"error\":null,\"choices\":[]}\n\n", FrameKind.Piece, false, false)]
    [InlineData("data: <html>\n\n", FrameKind.Garbage, false, false)]
    [InlineData("data: {\"choices\":[{\"del\n\n", FrameKind.Garbage, false, false)]
    [InlineData("data: 5\n\n", FrameKind.Garbage, false, false)]
    public void Frame_isToldApart(string frame, FrameKind kind, bool hasUsage, bool hasChoices)
    {
        var received = new Received();

        ReadFrames(frame, received).ShouldBe([new FrameReading(kind, hasUsage, hasChoices)]);
        (received.Error is not null).ShouldBe(kind == FrameKind.Error);
    }

    [Fact]
    public void RunningTotals_replaceEachOther()
    {
        var received = new Received();
        ReadFrames(
            """
            data: {"id":"a","model":"m","choices":[{"delta":{"content":"x"}}],"usage":{"completion_tokens":1}}

            data: {"id":"b","model":"n","choices":[{"delta":{"content":"yz"},"finish_reason":"stop"}],"usage":{"completion_tokens":3}}


            """,
            received);

        received.Usage.ShouldBe(new Usage { OutputText = 3 });
        received.TextBytes.ShouldBe(3);
        received.UpstreamId.ShouldBe("a");
        received.Model.ShouldBe("m");
        received.HasFinished.ShouldBeTrue();
        received.IsEnded.ShouldBeFalse();
    }

    [Fact]
    public void WordsOfAnError_areNotOutput()
    {
        var received = new Received();
        ReadFrames(
            """
            data: {"choices":[{"delta":{"content":"ab"}}]}

            data: {"choices":[{"delta":{"content":"it broke"},"finish_reason":"error"}],"error":{"code":502,"message":"broke"}}


            """,
            received);

        received.TextBytes.ShouldBe(2);
        received.Error.ShouldNotBeNull().Kind.ShouldBe(UpstreamErrorKind.ServerError);
    }

    // The gateway's rule in small: frames go on at once, but one with usage waits for the next frame or the end.
    private static byte[] Pump(byte[] upstream, bool wantsUsage)
    {
        var output = new MemoryStream();
        var received = new Received();
        (byte[] Raw, byte[] Data, bool HasChoices)? held = null;
        using var reader = EventStreamReader.ForEvents();
        reader.Push(upstream);
        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            var reading = OpenAiChatDialect.ReadFrame(frame, received);
            if (held is { } earlier && reading.Kind is not (FrameKind.End or FrameKind.Comment))
            {
                output.Write(
                    wantsUsage ? earlier.Raw : earlier.HasChoices ? OpenAiChatDialect.CutUsage(earlier.Data) : []);
                held = null;
            }

            if (reading.Kind == FrameKind.End)
            {
                output.Write(Last());
                output.Write(frame.Raw.Span);
                held = null;
            }
            else if (reading.HasUsage)
            {
                held = (frame.Raw.ToArray(), frame.Data.ToArray(), reading.HasChoices);
            }
            else
            {
                output.Write(frame.Raw.Span);
            }
        }

        return output.ToArray();

        byte[] Last() => (held, wantsUsage) switch
        {
            (null, false) => [],
            (null, true) => OpenAiChatDialect.WriteUsageFrame(
                new AnswerHead(received.UpstreamId!, received.Model!, 1),
                new Usage { InputUncached = 1, OutputText = 1 }, Paid),
            ({ } usage, true) => OpenAiChatDialect.WriteUsageFrame(usage.Data, Paid, received.Usage),
            ({ } usage, false) => usage.HasChoices ? OpenAiChatDialect.CutUsage(usage.Data) : [],
        };
    }

    private static List<FrameReading> ReadFrames(string stream, Received received)
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push(Encoding.UTF8.GetBytes(stream));
        reader.Complete();
        var readings = new List<FrameReading>();
        while (reader.TryRead(out var frame))
        {
            readings.Add(OpenAiChatDialect.ReadFrame(frame, received));
        }

        return [.. readings.Where(reading => readings.Count == 1 || reading.Kind != FrameKind.Comment)];
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "Golden", "openai-chat");

    private static byte[] Golden(string name, string file) => File.ReadAllBytes(Path.Combine(GoldenFolder, name, file));
}
