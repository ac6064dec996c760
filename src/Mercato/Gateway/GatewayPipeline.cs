using Mercato.Hosting;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>
/// The whole story of a call: (1) route to candidates, (2) reserve the most that it may cost, (3) call, failing over
/// only before the first byte of an answer, (4) settle, durably, and only then (5) let the end of the answer leave.
/// </summary>
public sealed class GatewayPipeline
{
    /// <summary>Calls on the wire for one request, at most.</summary>
    internal const int MaxAttempts = 3;

    private readonly Routing _routing;
    private readonly Admission _admission;
    private readonly Upstream _upstream;
    private readonly StreamPump _streamPump;
    private readonly PlainPump _plainPump;
    private readonly Settling _settling;
    private readonly Experience _experience;
    private readonly KeptResponses _kept;
    private readonly GatewayOptions _options;

    internal GatewayPipeline(
        Routing routing, Admission admission, Upstream upstream, StreamPump streamPump, PlainPump plainPump,
        Settling settling, Experience experience, KeptResponses kept,
        IOptions<GatewayOptions> options)
    {
        _routing = routing;
        _admission = admission;
        _upstream = upstream;
        _streamPump = streamPump;
        _plainPump = plainPump;
        _settling = settling;
        _experience = experience;
        _kept = kept;
        _options = options.Value;
    }

    /// <summary>Serves a call; the answer, or the refusal, is in the sink when it returns.</summary>
    public async Task RunAsync(GatewayCall call)
    {
        // 1. Route
        var routed = _routing.Route(call);
        if (!routed.Succeeded)
        {
            await RefuseAsync(call, routed.Refusal);
            return;
        }

        // 2. Reserve
        var candidates = routed.Value.Take(MaxAttempts).ToList();
        if ((await _admission.ReserveAsync(call, candidates, call.Sink.Gone)).Refusal is { } refusal)
        {
            await RefuseAsync(call, refusal);
            return;
        }

        try
        {
            // 3. Call
            using var lifetime = Lifetime(call);
            var result = await CallAsync(call, candidates, lifetime.Token);

            // 4. Settle, 5. finish
            var answered = result.End != AnswerEnd.Failed || (call.HasForwarded && call.Received.HasOutput);
            var cost = await _settling.SettleAsync(call, result);
            await (answered ? FinishAsync(call, result, cost) : FailAsync(call, result.Error!));
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            // Settling again is harmless; leaving the hold would not be.
            await _settling.VoidAsync(call, "gateway_failed");
            throw;
        }
        catch (OperationCanceledException)
        {
            // Only the last flush to a caller who has gone gets here: the call is settled.
        }
    }

    private async Task<PumpResult> CallAsync(
        GatewayCall call, List<Candidate> candidates, CancellationToken cancellationToken)
    {
        PumpResult? last = null;
        foreach (var candidate in candidates)
        {
            call.Received = new Received();
            _experience.Begin(call, candidate);
            last = await TryAsync(call, candidate, cancellationToken);
            _experience.Learn(call, candidate, last);
            var mayGoOn = last.End == AnswerEnd.Failed && !call.HasForwarded
                && last.Error!.Retry != RetryAdvice.Never && !call.Sink.Gone.IsCancellationRequested;
            if (!mayGoOn)
            {
                break;
            }
        }

        return last!;
    }

    private async Task<PumpResult> TryAsync(GatewayCall call, Candidate candidate, CancellationToken cancellationToken)
    {
        var opening = _upstream.OpenAsync(call, candidate, cancellationToken);
        try
        {
            var (answer, error) = await KeepAlive.WaitAsync(opening, call, _options.KeepAlive);
            if (answer is null)
            {
                return new PumpResult(AnswerEnd.Failed, error);
            }

            using (answer)
            {
                return call.Facts.IsStream && IsEventStream(answer)
                    ? await _streamPump.RunAsync(call, answer, cancellationToken)
                    : await _plainPump.RunAsync(call, answer, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            _ = HangUpAsync(opening);
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft)
                : new PumpResult(AnswerEnd.Failed, UpstreamError.Of(UpstreamErrorKind.Timeout,
                    $"The answer took longer than {_options.Whole.TotalMinutes:0} minutes."));
        }
    }

    /// <summary>An answer that arrives after its caller has left is not read: the host sees the connection close.</summary>
    private static async Task HangUpAsync(Task<UpstreamOpening> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully)
        {
            (await opening).Answer?.Dispose();
        }
    }

    /// <summary>
    /// A stream ends with its reader. A plain call is finished for a while after its caller has left: the provider
    /// bills it anyway.
    /// </summary>
    private CancellationTokenSource Lifetime(GatewayCall call)
    {
        var lifetime = call.Facts.IsStream
            ? CancellationTokenSource.CreateLinkedTokenSource(call.Sink.Gone)
            : new CancellationTokenSource();
        lifetime.CancelAfter(_options.Whole);
        if (!call.Facts.IsStream)
        {
            call.Sink.Gone.Register(() => CancelLater(lifetime));
        }

        return lifetime;
    }

    private void CancelLater(CancellationTokenSource lifetime)
    {
        try
        {
            lifetime.CancelAfter(_options.AfterCallerLeft);
        }
        catch (ObjectDisposedException)
        {
            // The call ended before its caller left.
        }
    }

    private static bool IsEventStream(HttpResponseMessage answer) =>
        answer.Content.Headers.ContentType?.MediaType is null or "text/event-stream" or "application/octet-stream"
            or "application/x-ndjson" or "application/ndjson" or "application/jsonl";

    private async Task FinishAsync(GatewayCall call, PumpResult result, AnswerCost cost)
    {
        if (result.End == AnswerEnd.CallerLeft)
        {
            return;
        }

        var ending = call.Facts.IsStream ? StreamEnd.Write(call, result, cost) : WriteWhole(call, result, cost);
        if (result.End == AnswerEnd.Complete)
        {
            await _kept.KeepAsync(call, ending);
        }

        if (!call.Sink.HasStarted)
        {
            AnswerHeaders.Write(call);
            call.Sink.Start(StatusCodes.Status200OK,
                call.Facts.IsStream ? "text/event-stream; charset=utf-8" : "application/json");
        }

        call.IsAnswered = true;
        await call.Sink.WriteAsync(ending);
        await call.Sink.FlushAsync();
    }

    private static byte[] WriteWhole(GatewayCall call, PumpResult result, AnswerCost cost)
    {
        var usage = StreamEnd.UsageOf(call);
        return result.Body is { } body
            ? WithConversation(call, call.Dialect.EditAnswer(body, cost, usage))
            : call.Dialect.WriteAnswer(call.Head(), ChatAnswer.Of(result.Deltas!), usage, cost);
    }

    private static byte[] WithConversation(GatewayCall call, byte[] answer) => call.Conversation is null
        ? answer : OpenAiResponsesDialect.NameConversation(answer, call.Members);

    private static Task FailAsync(GatewayCall call, UpstreamError error) =>
        RefuseAsync(call, UpstreamErrors.ToRefusal(error, call.Candidate));

    private static async Task RefuseAsync(GatewayCall call, Refusal refusal)
    {
        call.IsAnswered = true;
        if (call.Sink.HasStarted)
        {
            await call.Sink.WriteAsync(call.Dialect.WriteErrorFrame(
                CallerErrors.Of(refusal, call), call.IsOpenRouterFace));
        }
        else
        {
            AnswerHeaders.Write(call);
            if (refusal.RetryAfterSeconds is { } seconds)
            {
                call.Sink.SetHeader("Retry-After", seconds.ToString());
            }

            call.Sink.Start(refusal.Status, "application/json");
            await call.Sink.WriteAsync(call.Dialect.WriteError(
                CallerErrors.Of(refusal, call), call.IsOpenRouterFace));
        }

        await call.Sink.FlushAsync();
    }
}
