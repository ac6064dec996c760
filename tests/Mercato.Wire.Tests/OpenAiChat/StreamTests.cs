using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>What the frames of a host's stream are, and what is billed by them.</summary>
public sealed class StreamTests
{
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
}
