using System.Diagnostics;

namespace Mercato.Gateway;

/// <summary>Keeps a streaming caller's connection alive while the upstream thinks.</summary>
internal static class KeepAlive
{
    /// <summary>
    /// Waits for the task; each interval without a byte to the caller a comment is sent. The first comment fixes the
    /// status 200, so a failure after it is told inside the stream.
    /// </summary>
    public static async Task<T> WaitAsync<T>(Task<T> task, GatewayCall call, TimeSpan interval)
    {
        while (call.Facts.IsStream && !task.IsCompleted)
        {
            var rest = interval - Stopwatch.GetElapsedTime(call.SentAt);
            if (rest > TimeSpan.Zero)
            {
                await ((Task)task).WaitAsync(rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            if (!call.Sink.HasStarted)
            {
                AnswerHeaders.Write(call);
                call.Sink.Start(StatusCodes.Status200OK, "text/event-stream; charset=utf-8");
            }

            call.SentAt = Stopwatch.GetTimestamp();
            await call.Sink.WriteAsync(call.Dialect.KeepAliveFrame);
            await call.Sink.FlushAsync();
        }

        return await task;
    }
}
