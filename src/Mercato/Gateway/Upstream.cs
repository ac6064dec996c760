using System.Diagnostics;
using System.Net.Sockets;
using Mercato.Providers;
using Mercato.Wire;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>The head of an answer, or the failure in its place.</summary>
internal sealed record UpstreamOpening(HttpResponseMessage? Answer, UpstreamError? Error);

/// <summary>Puts one call on the wire and reads the head of its answer.</summary>
internal sealed class Upstream(
    HostCalls calls, Outgoing outgoing, IOptions<GatewayOptions> options, TimeProvider time)
{
    private const int MaxErrorBody = 256 * 1024;

    public async Task<UpstreamOpening> OpenAsync(
        GatewayCall call, Candidate candidate, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        call.Candidate = candidate;
        var request = call.Work is { } work ? Write(call, candidate, work) : Write(call, candidate);
        var opening = await SendAsync(candidate, request, cancellationToken);
        call.Attempts.Add(new Attempt(
            candidate.Host.Id, (int?)opening.Answer?.StatusCode ?? opening.Error!.Status,
            opening.Error?.Kind.ToString(), (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds));
        return opening;
    }

    private static HostRequest Write(GatewayCall call, Candidate candidate, IPlainWork work)
    {
        (var request, call.Dropped) = work.Write(candidate);
        return request;
    }

    private HostRequest Write(GatewayCall call, Candidate candidate)
    {
        var passes = outgoing.PassesBytes(call, candidate);
        var format = WireFormats.Upstream(candidate.DialectFor(call.Dialect.Dialect));
        var request = outgoing.Write(call, candidate);
        call.Dropped = request.Dropped;
        call.ConversationHolder = outgoing.GoesByName(call, candidate) ? candidate.Host.Id : null;
        call.Relay = passes
            ? call.Dialect.RelayStream(call.Head(), call.ShowsUsage)
            : new StreamTranslation(format.ReadStream(candidate.Host.Id), call.Dialect.WriteStream(call.Head()));
        return new HostRequest(
            format.PathOf(candidate.UpstreamModel, call.Facts.IsStream), request.Body,
            passes ? Merge(format.Headers, call.OwnHeaders) : format.Headers);
    }

    internal static Dictionary<string, string> Merge(
        IReadOnlyDictionary<string, string> ours, IReadOnlyDictionary<string, string> own)
    {
        var merged = ours.ToDictionary();
        foreach (var (name, value) in own)
        {
            merged[name] = value;
        }

        return merged;
    }

    private async Task<UpstreamOpening> SendAsync(
        Candidate candidate, HostRequest request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Value.FirstByte);
        HttpResponseMessage? answer = null;
        try
        {
            answer = await calls.SendAsync(
                candidate.Host, candidate.OwnKey, request, patience.Token);
            if (answer.IsSuccessStatusCode)
            {
                return new UpstreamOpening(answer, null);
            }

            var words = await BoundedBody.ReadAsync(answer, MaxErrorBody, patience.Token) ?? [];
            var error = UpstreamError.Read((int)answer.StatusCode, answer.Header, words, time.GetUtcNow());
            answer.Dispose();
            return new UpstreamOpening(null, error);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            answer?.Dispose();
            return new UpstreamOpening(null, Describe(problem, answer is not null));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer?.Dispose();
            return new UpstreamOpening(null, UpstreamError.Of(UpstreamErrorKind.Timeout,
                $"No answer within {options.Value.FirstByte.TotalSeconds:0} seconds."));
        }
    }

    /// <summary>
    /// Only a connection that was never made is sure to have sent nothing. After that the request may have been
    /// carried out, so it is not sent again.
    /// </summary>
    private static UpstreamError Describe(Exception problem, bool hadHead)
    {
        var cause = problem.GetBaseException();
        var neverConnected = problem is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError,
        };
        return !hadHead && (neverConnected || cause is EgressRefusedException or SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            ? UpstreamError.Of(UpstreamErrorKind.Unreachable, "The provider could not be reached: " + cause.Message)
            : UpstreamError.Of(UpstreamErrorKind.BrokenStream, "The provider closed the connection without an answer.");
    }
}
