using System.Buffers;
using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Golden streams: what a host sends, and what callers that asked and didn't ask for usage get.</summary>
public sealed class RelayTests
{
    private static readonly AnswerCost Paid = new("0.5", false, null, default);
    private static readonly AnswerHead Head = new("gen-1", "m", 1);
    private static readonly ErrorAnswer Broken = new(502, "Broken.", "api_error", "upstream_broken");
    private static readonly Usage Counted = new() { InputUncached = 1, OutputText = 1 };

    private const string Piece = "data: {\"id\":\"c\",\"model\":\"n\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    private const string Usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
    private const string Both = "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1}}\n\n";
    private const string Bill = ",\"cost\":0.5,\"cost_usd\":\"0.5\",\"is_byok\":false,\"cost_details\":{\"upstream_inference_cost\":null}}}\n\n";
    private const string Done = "data: [DONE]\n\n";

    public static TheoryData<string> Cases() =>
        [.. Directory.GetDirectories(GoldenFolder).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void GoldenStream_leavesAsItComesHoweverItIsCut(string name)
    {
        var upstream = Golden(name, "upstream.sse");
        foreach (var (file, showsUsage) in new[] { ("asked.sse", true), ("unasked.sse", false) })
        {
            var whole = Relay(upstream, showsUsage, upstream.Length);
            whole.ShouldBe(Encoding.UTF8.GetString(Golden(name, file)));
            Relay(upstream, showsUsage, [.. Enumerable.Repeat(1, upstream.Length)]).ShouldBe(whole);
            for (var cut = 1; cut < upstream.Length; cut += 7)
            {
                Relay(upstream, showsUsage, cut, upstream.Length - cut).ShouldBe(whole);
            }
        }
    }

    [Theory]
    [InlineData(Piece + Usage + Done, true, Piece + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1" + Bill + Done)]
    [InlineData(Piece + Usage + Done, false, Piece + Done)]
    [InlineData(
        Piece + Both + Done, true,
        Piece + "data: {\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":1" + Bill + Done)]
    [InlineData(Piece + Both + Done, false, Piece + "data: {\"choices\":[{\"delta\":{}}]}\n\n" + Done)]
    [InlineData(Usage + Piece + Done, false, Piece + Done)]
    [InlineData(Both + Piece + Both + Done, false, "data: {\"choices\":[{\"delta\":{}}]}\n\n" + Piece + "data: {\"choices\":[{\"delta\":{}}]}\n\n" + Done)]
    [InlineData(
        Usage + Usage + Done, true, Usage + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1" + Bill + Done)]
    [InlineData(Usage + ": wait\n\n" + Done, true, ": wait\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":1" + Bill + Done)]
    public void FrameWithUsage_waitsForTheNextOrTheEnd(string upstream, bool showsUsage, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(upstream);

        Relay(bytes, showsUsage, bytes.Length).ShouldBe(expected);
    }

    [Fact]
    public void LastEventWithoutItsBlankLine_isEndedForTheHost()
    {
        var bytes = Encoding.UTF8.GetBytes(Piece.TrimEnd());

        Relay(bytes, showsUsage: false, bytes.Length).ShouldBe(Piece + Done);
    }

    [Theory]
    [InlineData("data")]
    [InlineData("event: mess")]
    [InlineData(": still he")]
    public void LineTornOff_doesNotRunIntoTheEnd(string torn)
    {
        var bytes = Encoding.UTF8.GetBytes(Piece + torn);

        Relay(bytes, showsUsage: false, bytes.Length).ShouldBe(Piece + Done);
    }

    [Fact]
    public void StreamWithoutUsage_getsOneUnderTheHostsOwnNames()
    {
        var bytes = Encoding.UTF8.GetBytes(Piece + Done);

        Relay(bytes, showsUsage: true, bytes.Length).ShouldContain(
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"n\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,");
    }

    [Fact]
    public void BrokenStream_tellsWhatWasHeldAndTheError()
    {
        var relay = OpenAiChatDialect.Instance.RelayStream(Head, true);
        var output = new ArrayBufferWriter<byte>();
        Take(relay, Usage, new Received(), output).ShouldBe(FrameKind.Piece);
        output.WrittenCount.ShouldBe(0);

        relay.Fail(Broken, false, new AnswerEnding(null, Counted, null, true), output);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(
            Usage + "data: {\"error\":{\"message\":\"Broken.\",\"type\":\"api_error\",\"param\":null,\"code\":\"upstream_broken\"}}\n\n");
    }

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"no\"}}\n\n", FrameKind.Error)]
    [InlineData("data: {\"cho\n\n", FrameKind.Garbage)]
    [InlineData(Done, FrameKind.End)]
    public void WhatIsNoPiece_isToldAndNotPassedOn(string frame, FrameKind kind)
    {
        var relay = OpenAiChatDialect.Instance.RelayStream(Head, false);
        var output = new ArrayBufferWriter<byte>();

        Take(relay, Piece + frame, new Received(), output).ShouldBe(kind);

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(Piece);
        relay.MayEnd.ShouldBeFalse();
    }

    [Fact]
    public void StreamMayEnd_onceTheFinishReasonCame()
    {
        var relay = OpenAiChatDialect.Instance.RelayStream(Head, false);

        Take(relay, "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", new Received(), new ArrayBufferWriter<byte>());

        relay.MayEnd.ShouldBeTrue();
    }

    private static FrameKind Take(IStreamRelay relay, string frames, Received received, ArrayBufferWriter<byte> output)
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push(Encoding.UTF8.GetBytes(frames));
        var kind = FrameKind.Comment;
        while (reader.TryRead(out var frame))
        {
            kind = relay.Take(frame, received, output);
        }

        return kind;
    }

    private static string Relay(byte[] upstream, bool showsUsage, params int[] cuts)
    {
        var relay = OpenAiChatDialect.Instance.RelayStream(Head, showsUsage);
        var received = new Received();
        var output = new ArrayBufferWriter<byte>();
        using var reader = EventStreamReader.ForEvents();
        var start = 0;
        foreach (var cut in cuts)
        {
            reader.Push(upstream.AsSpan(start, cut));
            start += cut;
            TakeAll();
        }

        reader.Complete();
        TakeAll();
        var ending = new AnswerEnding(null, received.Usage ?? Counted, Paid, showsUsage);
        if (received.Error is null)
        {
            relay.Finish(ending, output);
        }
        else
        {
            relay.Fail(Broken, false, ending, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);

        void TakeAll()
        {
            while (received is { Error: null, IsEnded: false } && reader.TryRead(out var frame))
            {
                relay.Take(frame, received, output);
            }
        }
    }

    private static string GoldenFolder => Path.Combine(AppContext.BaseDirectory, "Golden", "openai-chat");

    private static byte[] Golden(string name, string file) => File.ReadAllBytes(Path.Combine(GoldenFolder, name, file));
}
