using System.Buffers;
using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>A host's stream, whole and in pieces: written for callers of all dialects, passed on to callers of its
/// own.</summary>
public static class StreamTarget
{
    /// <summary>Reads and writes; errors of the host are fine.</summary>
    public static void Run(IUpstreamDialect host, byte[] body)
    {
        var pieces = Frames(host, body, Sizes(body));
        WellFormed.Expect(pieces.SequenceEqual(Frames(host, body, [body.Length])), "The pieces make other frames.");
        foreach (var caller in Callers.All)
        {
            var relay = new StreamTranslation(host.ReadStream(Hosts.Id), caller.WriteStream(Callers.Head));
            var (output, isFinished) = Pump(relay, host, body);
            CallerGrammar.Check(caller.Dialect, WellFormed.Events(output, caller.Dialect), isFinished);
            WellFormed.Expect(output.Length <= (100 * body.Length) + 20_000, "The stream for the caller has no bound.");
        }

        if (host is IClientDialect own)
        {
            PassOn(own, host, body, showsUsage: true);
            PassOn(own, host, body, showsUsage: false);
        }
    }

    /// <summary>The bytes are the host's, but there must still be no open event behind which our own would drown.</summary>
    private static void PassOn(IClientDialect own, IUpstreamDialect host, byte[] body, bool showsUsage)
    {
        var (output, _) = Pump(own.RelayStream(Callers.Head, showsUsage), host, body);
        WellFormed.Expect(output.Length <= (2 * body.Length) + 20_000, "The stream passed on has no bound.");
        using var reader = EventStreamReader.ForEvents();
        reader.Push(output.Span);
        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            WellFormed.Expect(frame.IsComplete, "The stream passed on ends inside an event.");
        }
    }

    /// <summary>Takes the stream in as the gateway does: it ends with its end marker, with the bytes, or with
    /// something wrong.</summary>
    private static (ReadOnlyMemory<byte> Output, bool IsFinished) Pump(
        IStreamRelay relay, IUpstreamDialect host, byte[] body)
    {
        var (output, received, kind) = (new ArrayBufferWriter<byte>(), new Received(), FrameKind.Comment);
        foreach (var frame in Read(host, body, Sizes(body)))
        {
            kind = relay.Take(frame.ToUtf8(), received, output);
            if (kind is FrameKind.End or FrameKind.Error or FrameKind.Garbage)
            {
                break;
            }
        }

        var isFinished = kind == FrameKind.End || (kind is not (FrameKind.Error or FrameKind.Garbage) && relay.MayEnd);
        var ending = new AnswerEnding(received.Finish, received.Usage ?? Callers.Counted, Callers.Cost, true);
        if (isFinished)
        {
            relay.Finish(ending, output);
        }
        else
        {
            relay.Fail(new ErrorAnswer(502, "It broke \"off\".", "api_error", "upstream_broken"), false, ending, output);
        }

        return (output.WrittenMemory, isFinished);
    }

    private static List<(string Event, string Data, string Raw, bool HasData, bool IsComplete)> Frames(
        IUpstreamDialect host, byte[] body, IEnumerable<int> sizes) =>
        [.. Read(host, body, sizes).Select(frame => (Convert.ToHexString(frame.Event.Span),
            Convert.ToHexString(frame.Data.Span), Convert.ToHexString(frame.Raw.Span), frame.HasData, frame.IsComplete))];

    private static IEnumerable<EventFrame> Read(IUpstreamDialect host, byte[] body, IEnumerable<int> sizes)
    {
        using var reader = host.StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();
        var start = 0;
        foreach (var size in sizes)
        {
            var end = Math.Min(body.Length, start + size);
            reader.Push(body.AsSpan(start, end - start));
            start = end;
            while (reader.TryRead(out var frame))
            {
                yield return frame;
            }
        }

        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            yield return frame;
        }
    }

    /// <summary>Sizes of pieces that depend on nothing but the bytes, so that a finding can be repeated.</summary>
    private static IEnumerable<int> Sizes(byte[] body)
    {
        var state = body.Aggregate(2_166_136_261u, (hash, one) => (hash ^ one) * 16_777_619);
        for (var left = body.Length; left > 0;)
        {
            state = (state * 1_664_525) + 1_013_904_223;
            var size = 1 + (int)(state >> 26);
            left -= size;
            yield return size;
        }
    }
}
