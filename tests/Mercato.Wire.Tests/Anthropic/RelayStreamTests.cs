using System.Buffers;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A host's stream passed on to a caller of the same dialect.</summary>
public sealed class RelayStreamTests
{
    private const string Opening =
        "event: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_h\",\"model\":\"claude\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\r\n\r\n"
        + ": comment\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "event: content_block_delta\ndata: { \"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\\u00e9\"} }\n\n"
        + "event: unheard_of\ndata: {\"type\":\"unheard_of\"}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n";

    private const string Delta =
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\": 4 }}\n\n";

    private const string Ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

    private const string Stop = "event: message_stop\ndata: {\"type\":\"message_stop\" }\n\n";

    private static readonly string PaidDelta =
        Delta.Replace("4 }", "4," + Wire.ShownCost + " }", StringComparison.Ordinal);

    [Fact]
    public void Bytes_passAsTheyCome_andTheEndGetsTheBill()
    {
        var (before, after, received, last) = Wire.Relay(Opening + Delta + Ping + Stop);

        before.ShouldBe(Opening + Ping);
        after.ShouldBe(PaidDelta + Stop);
        last.ShouldBe(FrameKind.End);
        (received.TextBytes, received.UpstreamId, received.IsEnded, received.FinishReasons[0])
            .ShouldBe((2, "msg_h", true, "end_turn"));
        received.Usage.ShouldBe(new Usage { InputUncached = 9, OutputText = 4 });
    }

    [Fact]
    public void Cuts_makeNoDifference()
    {
        const string Stream = Opening + Delta + Stop;

        for (var cut = -1; cut < Stream.Length; cut++)
        {
            var (before, after, _, _) = Wire.Relay(Stream, cut);
            before.ShouldBe(Opening, $"cut at {cut}");
            after.ShouldBe(PaidDelta + Stop, $"cut at {cut}");
        }
    }

    [Fact]
    public void EndWithoutUsage_getsWhatWasCounted() =>
        Wire.Relay(Opening.Replace(",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}", "", StringComparison.Ordinal)
                + Delta.Replace(",\"usage\":{\"output_tokens\": 4 }", "", StringComparison.Ordinal) + Stop)
            .After.ShouldContain("\"usage\":{\"input_tokens\":2,");

    [Fact]
    public void DeltasWithoutEnd_onlyTheLastIsKept()
    {
        var (before, after, _, _) = Wire.Relay(Opening + Delta + Delta + Delta + Stop);

        before.ShouldBe(Opening + Delta + Delta);
        after.ShouldBe(PaidDelta + Stop);
    }

    [Theory]
    [InlineData("event: content_blo", "")]
    [InlineData("event: ping\ndata: {\"type\": \"ping\"}", "event: ping\ndata: {\"type\": \"ping\"}\n\n")]
    public void LineTornOff_doesNotRunIntoTheEnd(string torn, string passed) =>
        Wire.Relay(Opening + torn).Before.ShouldBe(Opening + passed);

    [Fact]
    public void StopThatNeverCame_isWritten() =>
        Wire.Relay(Opening + Delta).After.ShouldBe(
            PaidDelta + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");

    [Fact]
    public void StopCutShort_isCompleted() =>
        Wire.Relay(Opening + Delta + Stop.TrimEnd('\n')).After.ShouldBe(PaidDelta + Stop);

    [Fact]
    public void StreamWithoutEnd_getsOneOfOurs() =>
        Wire.Relay(Opening + Stop).After.ShouldContain("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"");

    [Fact]
    public void SeveralMessages_passWithTheBillInTheLast()
    {
        var (before, after, _, _) = Wire.Relay(Opening + Delta + Stop + Opening + Delta + Stop);

        before.ShouldBe(Opening + Delta + Stop + Opening);
        after.ShouldBe(PaidDelta + Stop);
    }

    [Fact]
    public void NoBill_leavesTheHostsBytes()
    {
        var relay = Wire.Client.RelayStream(Wire.Head, showsUsage: true);
        var (received, output) = (new Received(), new ArrayBufferWriter<byte>());
        foreach (var frame in Wire.Frames(Opening + Delta + Stop))
        {
            relay.Take(frame, received, output);
        }

        relay.Finish(new AnswerEnding(null, Wire.Used, null, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(Opening + Delta + Stop);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Opening)]
    public void Error_doesNotPass(string opening)
    {
        var (before, _, received, last) = Wire.Relay(
            opening + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");

        before.ShouldBe(opening);
        last.ShouldBe(FrameKind.Error);
        received.Error.ShouldNotBeNull().Kind.ShouldBe(UpstreamErrorKind.Overloaded);
    }

    [Fact]
    public void Garbage_doesNotPass()
    {
        var (before, _, _, last) = Wire.Relay("data: <html>\n\n");

        before.ShouldBe("");
        last.ShouldBe(FrameKind.Garbage);
    }

    [Fact]
    public void BrokenStream_endsInAnErrorOfOurs()
    {
        var output = new ArrayBufferWriter<byte>();

        Wire.Client.RelayStream(Wire.Head, true).Fail(
            new ErrorAnswer(502, "The host broke off.", "x"), false, new AnswerEnding(null, Wire.Used, null, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"The host broke off.\"}}\n\n");
    }
}
