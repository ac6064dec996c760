using System.Buffers;
using System.Text;

namespace Mercato.Wire.Tests;

public sealed class EventStreamTests
{
    // All line ends, comments, ids, retry, no space after the colon, two data lines, a name alone, multi-byte text,
    // blank lines in a row, and an end without a blank line.
    private const string Mixed =
        "\uFEFF: hello\n\ndata: {\"a\":\"é🙂\"}\n\ndata:{\"b\":1}\r\n\r\nevent: ping\rdata: x\r\rid: 7\nretry: 10\n"
        + "data: one\ndata: two\r\ndata:  three\r\n\r\n\n\ndata\n\nevent: a\nevent: b\ndata: y\n\n: c\r\n\r\nnoise: 1\n"
        + "datax: 2\n\ndata: 日本語\r\r\ndata: [DONE]\n\n:\n\ndata: {\"text\":\"line\\nbreak\",\"n\":1.0}\n: inside\n"
        + "data: more\n\ndata: broken off";

    [Fact]
    public void MixedStream_givesFieldsAsTheStandardSays()
    {
        var frames = ReadAll(Bytes(Mixed)).Where(frame => frame.HasData).Select(frame => $"{frame.Event}|{frame.Data}");

        frames.ShouldBe(
        [
            "|{\"a\":\"é🙂\"}", "|{\"b\":1}", "ping|x", "|one\ntwo\n three", "|", "b|y", "|日本語", "|[DONE]",
            "|{\"text\":\"line\\nbreak\",\"n\":1.0}\nmore", "|broken off",
        ]);
    }

    [Fact]
    public void EveryByte_standsInExactlyOneFrame()
    {
        string.Concat(ReadAll(Bytes(Mixed)).Select(frame => frame.Raw)).ShouldBe(Mixed);
    }

    [Theory]
    [InlineData("\uFEFFdata: a\n\n", "data: a\n\n")]
    [InlineData("data: a\r\r", "data: a\r\r")]
    [InlineData("data: a\n\ndata: b", "data: a\n\ndata: b\n\n")]
    [InlineData("data: a\n\ndata", "data: a\n\n")]
    [InlineData("data: a\n\nevent: erro", "data: a\n\n")]
    [InlineData("data: a\n\n: still he", "data: a\n\n")]
    public void FramesWrittenOn_leaveNothingHalf(string stream, string expected)
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push(Bytes(stream));
        reader.Complete();
        var output = new ArrayBufferWriter<byte>();
        while (reader.TryRead(out var frame))
        {
            frame.WriteTo(output);
        }

        Encoding.UTF8.GetString(output.WrittenSpan).ShouldBe(expected);
    }

    [Fact]
    public void FrameWithWrongBytes_isReadAsABrowserWould()
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push([.. "event: ÿa\ndata: one\n"u8, .. "data: b"u8, 0xC3, .. "\n\n"u8, .. "data: é\n\n"u8]);

        reader.TryRead(out var wrong).ShouldBeTrue();
        var right = wrong.ToUtf8();
        Encoding.UTF8.GetString(right.Raw.Span).ShouldBe("event: ÿa\ndata: one\ndata: b\uFFFD\n\n");
        Encoding.UTF8.GetString(right.Data.Span).ShouldBe("one\nb\uFFFD");
        reader.TryRead(out var healthy).ShouldBeTrue();
        healthy.ToUtf8().ShouldBe(healthy);
    }

    [Fact]
    public void StreamWithoutLastBlankLine_givesItsRestAsIncomplete()
    {
        var frames = ReadAll(Bytes("data: a\n\ndata: b\n"));

        frames.Select(frame => (frame.Data, frame.IsComplete)).ShouldBe([("a", true), ("b", false)]);
    }

    [Fact]
    public void StreamCutOnceOrTwiceAnywhere_givesTheSameFrames()
    {
        var bytes = Bytes(Mixed + "\n\n" + Mixed);
        var whole = Digest(bytes, []);
        for (var first = 0; first < bytes.Length; first++)
        {
            for (var second = first; second < bytes.Length; second++)
            {
                if (Digest(bytes, [first, second]) != whole)
                {
                    Assert.Fail($"Cut at {first} and {second} gives other frames.");
                }
            }
        }
    }

    [Fact]
    public void StreamGivenByteByByte_givesTheSameFrames()
    {
        var bytes = Bytes(Mixed);

        Digest(bytes, [.. Enumerable.Range(0, bytes.Length)]).ShouldBe(Digest(bytes, []));
    }

    [Fact]
    public void SixteenMegabyteLine_passesWhole()
    {
        var line = new byte[16 * 1024 * 1024];
        line.AsSpan().Fill((byte)'x');
        using var reader = EventStreamReader.ForEvents();
        reader.Push("data: "u8);
        for (var at = 0; at < line.Length; at += 64 * 1024)
        {
            reader.Push(line.AsSpan(at, 64 * 1024));
            reader.TryRead(out _).ShouldBeFalse();
        }

        reader.Push("\n\n"u8);
        reader.TryRead(out var frame).ShouldBeTrue();
        frame.Data.Length.ShouldBe(line.Length);
    }

    [Theory]
    [InlineData("data: 0123456789012345678901234567890123456789")]
    [InlineData("data: 0123456789012345678901234567890123456789\n\n")]
    [InlineData(": a\n: b\n: c\n: d\n: e\n: f\n: g\n: h\n: i\n: j\n")]
    public void FrameOverTheLimit_isAFaultAndKeepsNothing(string stream)
    {
        using var reader = EventStreamReader.ForEvents(maxFrameBytes: 32);
        reader.Push("data: ok\n\n"u8);
        reader.Push(Bytes(stream));

        reader.TryRead(out var frame).ShouldBeTrue();
        Encoding.UTF8.GetString(frame.Data.Span).ShouldBe("ok");
        reader.TryRead(out _).ShouldBeFalse();
        reader.Fault.ShouldBe(EventStreamFault.FrameTooLarge);

        reader.Push("data: after\n\n"u8);
        reader.Complete();
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(10_000, 64)]
    [InlineData(40_000, 64)]
    [InlineData(40, 100_000)]
    public void LongStreams_moveEachByteAFewTimesAtMost(int frames, int frameBytes)
    {
        var frame = Bytes("data: " + new string('x', frameBytes) + "\n\n");
        using var reader = EventStreamReader.ForEvents();
        for (var count = 0; count < frames; count++)
        {
            for (var at = 0; at < frame.Length; at += 1000)
            {
                reader.Push(frame.AsSpan(at, Math.Min(1000, frame.Length - at)));
                while (reader.TryRead(out _))
                {
                }
            }
        }

        reader.BytesMoved.ShouldBeLessThan(3L * frames * frame.Length);
    }

    [Fact]
    public void SteadyStream_allocatesNothing()
    {
        var frame = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n"u8.ToArray();
        using var reader = EventStreamReader.ForEvents();
        reader.Push(frame);
        reader.TryRead(out _).ShouldBeTrue();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 10_000; count++)
        {
            reader.Push(frame);
            while (reader.TryRead(out _))
            {
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000);
    }

    [Fact]
    public void Lines_areFramesOfTheirOwn()
    {
        using var reader = EventStreamReader.ForLines();
        reader.Push("{\"a\":1}\n\n{\"b\":2}\r\n{\"c\""u8);
        reader.Push(":3}"u8);
        reader.Complete();
        var lines = new List<string>();
        while (reader.TryRead(out var frame))
        {
            lines.Add($"{Encoding.UTF8.GetString(frame.Data.Span)} {frame.HasData} {frame.IsComplete}");
        }

        lines.ShouldBe(["{\"a\":1} True True", " False True", "{\"b\":2} True True", "{\"c\":3} True False"]);
    }

    [Fact]
    public void DataWithLineBreaks_isWrittenAsSeveralLinesAndReadBack()
    {
        var written = EventStreamWriter.ToEvent("{\n  \"a\": 1\r\n}"u8, "delta"u8);

        Encoding.UTF8.GetString(written).ShouldBe("event: delta\ndata: {\ndata:   \"a\": 1\ndata: }\n\n");
        var frame = ReadAll(written).ShouldHaveSingleItem();
        frame.Data.ShouldBe("{\n  \"a\": 1\n}");
        frame.Event.ShouldBe("delta");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static List<Seen> ReadAll(byte[] bytes)
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push(bytes);
        reader.Complete();
        var frames = new List<Seen>();
        while (reader.TryRead(out var frame))
        {
            frames.Add(new Seen(
                Encoding.UTF8.GetString(frame.Raw.Span), Encoding.UTF8.GetString(frame.Event.Span),
                Encoding.UTF8.GetString(frame.Data.Span), frame.HasData, frame.IsComplete));
        }

        return frames;
    }

    private static int Digest(byte[] bytes, ReadOnlySpan<int> cuts)
    {
        var hash = new HashCode();
        using var reader = EventStreamReader.ForEvents();
        var at = 0;
        foreach (var cut in cuts)
        {
            reader.Push(bytes.AsSpan(at, cut - at));
            at = cut;
            Drain(reader, ref hash);
        }

        reader.Push(bytes.AsSpan(at));
        Drain(reader, ref hash);
        reader.Complete();
        Drain(reader, ref hash);
        return hash.ToHashCode();
    }

    private static void Drain(EventStreamReader reader, ref HashCode hash)
    {
        while (reader.TryRead(out var frame))
        {
            hash.AddBytes(frame.Raw.Span);
            hash.Add(frame.Raw.Length);
            hash.AddBytes(frame.Data.Span);
            hash.AddBytes(frame.Event.Span);
            hash.Add(frame.HasData);
            hash.Add(frame.IsComplete);
        }
    }

    private sealed record Seen(string Raw, string Event, string Data, bool HasData, bool IsComplete);
}
