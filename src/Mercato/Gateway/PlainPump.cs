using System.Text;
using System.Text.Unicode;
using Mercato.Providers;
using Mercato.Wire;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>Reads a whole answer; it leaves only after it is settled.</summary>
internal sealed class PlainPump(IOptions<GatewayOptions> options)
{
    public const int MaxAnswer = 32 << 20;

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

            return Read(call, ToUtf8(body));
        }
        catch (TimeoutException)
        {
            return Failed(UpstreamErrorKind.Timeout,
                $"The provider was silent for {options.Value.BetweenBytes.TotalSeconds:0} seconds.");
        }
        catch (OperationCanceledException)
        {
            return call.Sink.Gone.IsCancellationRequested
                ? new PumpResult(AnswerEnd.CallerLeft)
                : Failed(UpstreamErrorKind.Timeout,
                    $"The answer took longer than {options.Value.Whole.TotalMinutes:0} minutes.");
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            return Failed(UpstreamErrorKind.BrokenStream, "The provider's answer broke off.");
        }
    }

    /// <summary>In the caller's own dialect the bytes are kept; otherwise, and for a host that answers whole though it
    /// was asked for a stream, the answer is read into the neutral form.</summary>
    private static PumpResult Read(GatewayCall call, byte[] body)
    {
        var candidate = call.Candidate!;
        if (call.Work is { } work)
        {
            return work.Read(candidate, body, call.Received);
        }

        var dialect = candidate.DialectFor(call.Dialect.Dialect);
        if (dialect == call.Dialect.Dialect && !call.Facts.IsStream)
        {
            call.Dialect.ReadAnswer(body, call.Received);
            return call.Received.Error is { } refused
                ? new PumpResult(AnswerEnd.Failed, refused)
                : new PumpResult(AnswerEnd.Complete) { Body = body };
        }

        var deltas = WireFormats.Upstream(dialect).ReadAnswer(body, candidate.Host.Id);
        foreach (var delta in deltas)
        {
            call.Received.Take(delta);
        }

        return call.Received.Error is { } error
            ? new PumpResult(AnswerEnd.Failed, error)
            : new PumpResult(AnswerEnd.Complete) { Deltas = deltas };
    }

    /// <summary>JSON is UTF-8, and a strict caller stops at bytes that are not. A byte order mark has no place in it.</summary>
    private static byte[] ToUtf8(byte[] body)
    {
        var text = body.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;
        return Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
    }

    private static PumpResult Failed(UpstreamErrorKind kind, string message) =>
        new(AnswerEnd.Failed, UpstreamError.Of(kind, message));
}
