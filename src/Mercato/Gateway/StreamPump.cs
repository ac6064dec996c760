using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;
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
/// <param name="Held">The data of the frame with usage that waits for the bill; null when there is none.</param>
internal sealed record PumpResult(AnswerEnd End, UpstreamError? Error, byte[]? Held);

/// <summary>
/// Forwards a stream as it comes: frames leave as the bytes that arrived, one flush per read. A frame with usage is
/// held until the next frame or the end, so that the bill can be written into it before the last bytes leave.
/// </summary>
internal sealed class StreamPump(IOptions<GatewayOptions> options, Settling settling, TimeProvider time)
{
    /// <summary>How often the durable record follows what was delivered.</summary>
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(1);

    public async Task<PumpResult> RunAsync(GatewayCall call, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var held = new HeldFrame();
        var noted = time.GetTimestamp();
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reader = EventStreamReader.ForEvents();
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                idle.CancelAfter(options.Value.BetweenBytes);
                var count = await ReadAsync(call, stream, reader, idle.Token);
                if (count == 0)
                {
                    reader.Complete();
                }
                else
                {
                    reader.Advance(count);
                }

                var (end, error) = await ForwardAsync(call, reader, held);
                if (end is { } reached)
                {
                    return new PumpResult(reached, error, held.Data);
                }

                if (reader.Fault != EventStreamFault.None)
                {
                    return Failed(UpstreamErrorKind.BrokenStream, "The provider sent an event larger than 16 MiB.");
                }

                if (count == 0)
                {
                    // Some hosts end after the finish reason and never send the end marker.
                    return call.Received.HasFinished
                        ? new PumpResult(AnswerEnd.Complete, null, held.Data)
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
                ? new PumpResult(AnswerEnd.CallerLeft, null, held.Data)
                : Failed(UpstreamErrorKind.Timeout, cancellationToken.IsCancellationRequested
                    ? $"The answer took longer than {options.Value.Whole.TotalMinutes:0} minutes."
                    : $"The provider was silent for {options.Value.BetweenBytes.TotalSeconds:0} seconds.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft, null, held.Data)
                : Failed(UpstreamErrorKind.BrokenStream, "The provider's stream broke off.");
        }

        PumpResult Failed(UpstreamErrorKind kind, string message) =>
            new(AnswerEnd.Failed, UpstreamError.Of(kind, message), held.Data);
    }

    /// <summary>Passes on the whole frames that have come; says how the answer ended once one of them ends it.</summary>
    private static async Task<(AnswerEnd?, UpstreamError?)> ForwardAsync(
        GatewayCall call, EventStreamReader reader, HeldFrame held)
    {
        while (reader.TryRead(out var frame))
        {
            var reading = OpenAiChatDialect.ReadFrame(frame, call.Received);
            switch (reading.Kind)
            {
                case FrameKind.End:
                    return (AnswerEnd.Complete, null);
                case FrameKind.Error:
                    return (AnswerEnd.Failed, call.Received.Error
                        ?? UpstreamError.Of(UpstreamErrorKind.ServerError, "The provider sent an error."));
                case FrameKind.Garbage:
                    return (AnswerEnd.Failed, UpstreamError.Of(UpstreamErrorKind.NotJson,
                        "The provider sent an event that is not JSON."));
                case FrameKind.Comment when !call.Sink.HasStarted:
                    // A comment is no answer: until one comes, another offer may still take over.
                    break;
                case FrameKind.Comment:
                    // Nothing of the answer follows, so a held frame may still be the last.
                    await call.Sink.WriteAsync(frame.Raw);
                    break;
                default:
                    Start(call);
                    held.Data = await ReleaseAsync(call, held.Data);
                    if (reading.HasUsage)
                    {
                        held.Data = frame.Data.ToArray();
                    }
                    else
                    {
                        // A host that ends without the blank line must not glue our end to its last event.
                        await call.Sink.WriteAsync(
                            frame.IsComplete ? frame.Raw : EventStreamWriter.ToEvent(frame.Data.Span));
                    }

                    break;
            }
        }

        return (null, null);
    }

    /// <summary>The frame with usage that waits for what follows it.</summary>
    private sealed class HeldFrame
    {
        public byte[]? Data { get; set; }
    }

    /// <summary>Another frame follows, so the held one was not the last: it leaves without a bill.</summary>
    private static async ValueTask<byte[]?> ReleaseAsync(GatewayCall call, byte[]? held)
    {
        if (held is null)
        {
            return null;
        }

        if (call.ShowsUsage)
        {
            await call.Sink.WriteAsync(EventStreamWriter.ToEvent(held));
        }
        else if (UsageFrame.HasChoices(held))
        {
            await call.Sink.WriteAsync(OpenAiChatDialect.CutUsage(held));
        }

        return null;
    }

    private static void Start(GatewayCall call)
    {
        if (!call.Sink.HasStarted)
        {
            call.FirstByteMs = call.ElapsedMs;
            AnswerHeaders.Write(call);
            call.Sink.Start(StatusCodes.Status200OK, "text/event-stream; charset=utf-8");
        }

        call.FirstByteMs ??= call.ElapsedMs;
        call.HasForwarded = true;
    }

    /// <summary>Until something has come, a comment goes out now and then so that nobody hangs up.</summary>
    private async Task<int> ReadAsync(
        GatewayCall call, Stream stream, EventStreamReader reader, CancellationToken cancellationToken)
    {
        var read = stream.ReadAsync(reader.GetMemory(), cancellationToken);
        return call.Received.HasOutput || read.IsCompleted
            ? await read
            : await KeepAlive.WaitAsync(read.AsTask(), call, options.Value.KeepAlive);
    }
}
