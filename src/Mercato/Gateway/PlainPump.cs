using Mercato.Providers;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>Reads a whole answer; it leaves only after it is settled.</summary>
internal sealed class PlainPump(IOptions<GatewayOptions> options)
{
    private const int MaxAnswer = 32 << 20;

    public async Task<PumpResult> RunAsync(GatewayCall call, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await BoundedBody.ReadAsync(answer, MaxAnswer, options.Value.BetweenBytes, cancellationToken);
            call.FirstByteMs = call.ElapsedMs;
            if (body is null)
            {
                return Failed(UpstreamErrorKind.NotJson, "The provider's answer is larger than 32 MiB.");
            }

            OpenAiChatDialect.ReadAnswer(body, call.Received);
            if (call.Received.Error is { } error)
            {
                return new PumpResult(AnswerEnd.Failed, error, null);
            }

            if (!call.Facts.IsStream)
            {
                return new PumpResult(AnswerEnd.Complete, null, body);
            }

            // None of it reaches the caller, so none of it is billed.
            call.Received = new Received();
            return Failed(UpstreamErrorKind.NotJson, "The provider was asked for a stream and sent a whole answer.");
        }
        catch (TimeoutException)
        {
            return Failed(UpstreamErrorKind.Timeout,
                $"The provider was silent for {options.Value.BetweenBytes.TotalSeconds:0} seconds.");
        }
        catch (OperationCanceledException)
        {
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft, null, null)
                : Failed(UpstreamErrorKind.Timeout,
                    $"The answer took longer than {options.Value.Whole.TotalMinutes:0} minutes.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return Failed(UpstreamErrorKind.BrokenStream, "The provider's answer broke off.");
        }
    }

    private static PumpResult Failed(UpstreamErrorKind kind, string message) =>
        new(AnswerEnd.Failed, UpstreamError.Of(kind, message), null);
}
