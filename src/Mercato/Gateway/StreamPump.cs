using System.Buffers;
using Mercato.Wire;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>How the reading of an upstream's answer ended.</summary>
internal enum AnswerEnd
{
    /// <summary>Whole, with its end.</summary>
    Complete,

    /// <summary>The caller went away.</summary>
    CallerLeft,

    /// <summary>The upstream failed; <see cref="PumpResult.Error"/> says how.</summary>
    Failed,
}

/// <param name="End">How it ended.</param>
/// <param name="Error">The failure, when it failed.</param>
internal sealed record PumpResult(AnswerEnd End, UpstreamError? Error = null)
{
    /// <summary>A whole answer in the caller's dialect, as it came; null for a stream and for another dialect.</summary>
    public byte[]? Body { get; init; }

    /// <summary>A whole answer as the steps of the neutral form; null for a stream and for the caller's dialect.</summary>
    public IReadOnlyList<ChatDelta>? Deltas { get; init; }
}

/// <summary>
/// Forwards a stream as it comes, one flush per read. The relay keeps back what must wait for the bill; the pump keeps
/// back what comes before anything that a caller could use, so that another offer may still take over.
/// </summary>
internal sealed class StreamPump(IOptions<GatewayOptions> options, Settling settling, TimeProvider time)
{
    /// <summary>How often the durable record follows what was delivered.</summary>
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    /// <summary>Openings are a few hundred bytes; whoever sends more than this has begun.</summary>
    private const int MaxOpening = 64 * 1024;

    /// <summary>Heartbeats without a word of the answer; whoever sends more than this is not thinking.</summary>
    private const int MaxHeartbeats = 16 << 20;

    public async Task<PumpResult> RunAsync(GatewayCall call, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var output = new ArrayBufferWriter<byte>();
        var heartbeats = new Heartbeats(time);
        var noted = time.GetTimestamp();
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reader = ReaderFor(call);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                idle.CancelAfter(options.Value.BetweenBytes);
                var count = await ReadAsync(call, stream, reader, idle);
                if (count == 0)
                {
                    reader.Complete();
                }
                else
                {
                    reader.Advance(count);
                }

                if ((await ForwardAsync(call, reader, output, heartbeats) ?? FindExcess(call, reader, heartbeats)) is { } ended)
                {
                    return ended;
                }

                if (count == 0)
                {
                    return call.Relay!.MayEnd
                        ? new PumpResult(AnswerEnd.Complete)
                        : Failed(UpstreamErrorKind.BrokenStream, "The provider's stream ended in the middle.");
                }

                await call.Sink.FlushAsync();
                if (time.GetElapsedTime(noted) > ProgressEvery)
                {
                    noted = time.GetTimestamp();
                    // Not awaited: the note makes a crash of ours dearer for the caller, never cheaper, and may be lost.
                    _ = settling.NoteProgressAsync(call);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft)
                : Failed(UpstreamErrorKind.Timeout, cancellationToken.IsCancellationRequested
                    ? $"The answer took longer than {options.Value.Whole.TotalMinutes:0} minutes."
                    : $"The provider was silent for {options.Value.BetweenBytes.TotalSeconds:0} seconds.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft)
                : Failed(UpstreamErrorKind.BrokenStream, "The provider's stream broke off.");
        }
    }

    private static PumpResult Failed(UpstreamErrorKind kind, string message) =>
        new(AnswerEnd.Failed, UpstreamError.Of(kind, message));

    /// <summary>What no honest answer does, though each piece of it is sound.</summary>
    private PumpResult? FindExcess(GatewayCall call, EventStreamReader reader, Heartbeats heartbeats) =>
        reader.Fault != EventStreamFault.None
            ? Failed(UpstreamErrorKind.BrokenStream, "The provider sent an event larger than 16 MiB.")
        : call.Received.OutputBytes > PlainPump.MaxAnswer
            ? Failed(UpstreamErrorKind.BrokenStream, "The provider's answer is larger than 32 MiB.")
        : heartbeats.Bytes > MaxHeartbeats
            ? Failed(UpstreamErrorKind.BrokenStream, "The provider sent nothing but comments.")
        : heartbeats.Time > options.Value.OnlyHeartbeats
            ? Failed(UpstreamErrorKind.Timeout,
                $"The provider sent nothing but comments for {options.Value.OnlyHeartbeats.TotalSeconds:0} seconds.")
        : null;

    private static EventStreamReader ReaderFor(GatewayCall call) =>
        WireFormats.Upstream(call.Candidate!.DialectFor(call.Dialect.Dialect)).StreamsLines
            ? EventStreamReader.ForLines()
            : EventStreamReader.ForEvents();

    /// <summary>Passes on the whole frames that have come; says how the answer ended once one of them ends it.</summary>
    private static async Task<PumpResult?> ForwardAsync(
        GatewayCall call, EventStreamReader reader, ArrayBufferWriter<byte> output, Heartbeats heartbeats)
    {
        while (reader.TryRead(out var frame))
        {
            var (before, outputBefore) = (output.WrittenCount, call.Received.OutputBytes);
            var kind = call.Relay!.Take(frame.ToUtf8(), call.Received, output);
            heartbeats.Note(frame, isHeartbeat: kind == FrameKind.Comment
                || (output.WrittenCount == before && call.Received.OutputBytes == outputBefore));
            switch (kind)
            {
                case FrameKind.Error:
                    return new PumpResult(AnswerEnd.Failed, call.Received.Error
                        ?? UpstreamError.Of(UpstreamErrorKind.ServerError, "The provider sent an error."));
                case FrameKind.Garbage:
                    return Failed(UpstreamErrorKind.NotJson, "The provider sent an event that is not JSON.");
                case FrameKind.Comment when !call.HasForwarded && before == 0:
                    // A comment is no answer: until one comes, another offer may still take over.
                    output.ResetWrittenCount();
                    break;
                default:
                    await ReleaseAsync(call, output, kind == FrameKind.End);
                    break;
            }

            if (kind == FrameKind.End)
            {
                return new PumpResult(AnswerEnd.Complete);
            }
        }

        return null;
    }

    private static async ValueTask ReleaseAsync(GatewayCall call, ArrayBufferWriter<byte> output, bool isEnd)
    {
        var hasBegun = isEnd || call.HasForwarded || call.Received.HasOutput || call.Received.HasFinished
            || output.WrittenCount > MaxOpening;
        if (!hasBegun || output.WrittenCount == 0)
        {
            return;
        }

        Start(call);
        await call.Sink.WriteAsync(output.WrittenMemory);
        output.ResetWrittenCount();
    }

    private static void Start(GatewayCall call)
    {
        if (!call.Sink.HasStarted)
        {
            AnswerHeaders.Write(call);
            call.Sink.Start(StatusCodes.Status200OK, "text/event-stream; charset=utf-8");
        }

        call.FirstByteMs ??= call.ElapsedMs;
        call.HasForwarded = true;
    }

    /// <summary>Until something has come, a keep-alive goes out now and then so that nobody hangs up.</summary>
    private async Task<int> ReadAsync(
        GatewayCall call, Stream stream, EventStreamReader reader, CancellationTokenSource idle)
    {
        var read = stream.ReadAsync(reader.GetMemory(), idle.Token);
        if (call.HasForwarded || read.IsCompleted)
        {
            return await read;
        }

        var reading = read.AsTask();
        try
        {
            return await KeepAlive.WaitAsync(reading, call, options.Value.KeepAlive);
        }
        finally
        {
            if (!reading.IsCompleted)
            {
                // The caller left during a keep-alive. The read still owns the reader's pooled buffer, which must not
                // go to somebody else before the read is over.
                await idle.CancelAsync();
                await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>What came since the last word of the answer: a host may say that it lives, but not for ever.</summary>
    private sealed class Heartbeats(TimeProvider time)
    {
        private long _since = time.GetTimestamp();

        public long Bytes { get; private set; }

        public TimeSpan Time => time.GetElapsedTime(_since);

        public void Note(in EventFrame frame, bool isHeartbeat)
        {
            if (isHeartbeat)
            {
                Bytes += frame.Raw.Length;
            }
            else
            {
                (Bytes, _since) = (0, time.GetTimestamp());
            }
        }
    }
}
