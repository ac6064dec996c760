using Microsoft.AspNetCore.Http.Features;

namespace Mercato.Fake;

/// <summary>Performs an answer's steps on the wire and writes down, after each, what is out.</summary>
internal sealed class Delivery(HttpContext context, Recording call, TimeProvider time, CancellationToken gone)
{
    // A client that does not hang up on an end of file gets this long before we do.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly DirectOutput direct = context.Features.GetRequiredFeature<DirectOutput>();

    public async Task RunAsync(Answer answer, Ending whole)
    {
        var ending = whole;
        try
        {
            SetHead(answer);
            foreach (var step in answer.Steps)
            {
                if (step is Stop stop)
                {
                    ending = stop.Ending;
                    break;
                }

                await PerformAsync(answer, step);
            }
        }
        catch (Exception problem) when (problem is OperationCanceledException or IOException)
        {
            ending = problem is IOException || context.RequestAborted.IsCancellationRequested
                ? Ending.ClientLeft
                : Ending.Stopped;
        }

        call.End(ending, time.GetUtcNow());
        await LeaveAsync(ending, answer.Raw);
    }

    private void SetHead(Answer answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Length;
        context.Response.Headers["x-request-id"] = $"req_fake_{call.Call.Number}";
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }
    }

    private async Task PerformAsync(Answer answer, Step step)
    {
        gone.ThrowIfCancellationRequested();
        switch (step)
        {
            case Send send when answer.Raw:
                await direct.Raw.WriteAsync(send.Bytes, gone);
                Note(answer, send);
                break;
            case Send send:
                await context.Response.BodyWriter.WriteAsync(send.Bytes, gone);
                gone.ThrowIfCancellationRequested();
                Note(answer, send);
                break;
            case Wait wait:
                await Task.Delay(TimeSpan.FromMilliseconds(wait.Milliseconds), time, gone);
                break;
            case Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, time, gone);
                break;
        }
    }

    private void Note(Answer answer, Send send) => call.Note(truth => truth with
    {
        Status = answer.Status,
        EventsSent = truth.EventsSent + (send.IsEvent ? 1 : 0),
        ContentSent = truth.ContentSent + send.Content,
        TokensSent = truth.TokensSent + send.Tokens,
        EndSent = truth.EndSent || send.IsEnd || send.Part is Part.Whole,
    });

    private async Task LeaveAsync(Ending ending, bool raw)
    {
        if (ending == Ending.Closed && !context.RequestAborted.IsCancellationRequested)
        {
            direct.Finish();
            await Task.Delay(Patience, time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (ending == Ending.Reset)
        {
            direct.Reset();
        }

        if (raw || ending is Ending.Closed or Ending.Reset)
        {
            context.Abort();
        }
    }
}
