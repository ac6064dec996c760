using System.Text.Json;
using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

/// <summary>
/// `POST /v1/messages/count_tokens`: asks a host of this dialect, which counts for nothing; for the others, and when
/// the host does not answer, it is our own count.
/// </summary>
internal sealed class CountTokens(Routing routing, HostCalls calls, IOptions<GatewayOptions> options)
{
    private const int MaxAnswer = 64 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What concerns only the answer is refused by a host that counts.</summary>
    private static readonly string[] OfTheAnswer =
    [
        "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "service_tier",
        "container", "inference_geo",
    ];

    public static async Task<IResult> CountMessageTokens(HttpContext http, CurrentAccount account, CountTokens count)
    {
        var body = await RequestBody.ReadAsync(http, count.MaxBody);
        if (!body.Succeeded)
        {
            return body.Refusal.ToResult();
        }

        var reading = AnthropicDialect.Instance.ReadRequest(WithLimit(body.Value));
        if (reading.Facts is not { } facts)
        {
            return new Refusal(400, reading.Refusal!.Code, reading.Refusal.Message)
            {
                Param = reading.Refusal.Param,
            }.ToResult();
        }

        var call = new GatewayCall(account.Require(), AnthropicDialect.Instance, facts, new HttpSink(http))
        {
            OwnHeaders = CallIntake.OwnHeaders(http, AnthropicDialect.Instance),
        };
        var routed = LocalModel.Is(facts.Model) ? null : count.Route(call);
        if (routed?.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var tokens = routed?.Value is [var first, ..] ? await count.AskAsync(call, first, http.RequestAborted) : null;
        return Results.Json(new { input_tokens = tokens ?? Settling.CountInput(facts) }, Json.Options);
    }

    private int MaxBody => options.Value.MaxBodyBytes;

    private Outcome<List<Candidate>> Route(GatewayCall call) => routing.Route(call);

    /// <summary>A count has no output and so no limit on it, which a message must have.</summary>
    private static byte[] WithLimit(byte[] body) =>
        JsonSplice.Read(body) is { } splice && splice.FindValue("max_tokens") is null
            ? splice.Set("max_tokens", "1"u8.ToArray()).ToBytes()
            : body;

    private static byte[] BodyFor(GatewayCall call, Candidate candidate)
    {
        var edited = call.Dialect.EditRequest(call.Facts, new RequestEdits(
            candidate.UpstreamModel, candidate.Host.Provider.Quirks, null, !candidate.IsWildcard, candidate.Host.Id));
        var splice = JsonSplice.Read(edited.Body)!;
        foreach (var name in OfTheAnswer)
        {
            splice.Remove(name);
        }

        return splice.ToBytes();
    }

    /// <summary>The host's count; null when there is none to be had.</summary>
    private async Task<long?> AskAsync(GatewayCall call, Candidate candidate, CancellationToken cancellationToken)
    {
        if (candidate.DialectFor(Dialect.Anthropic) != Dialect.Anthropic)
        {
            return null;
        }

        var headers = Upstream.Merge(AnthropicDialect.Instance.Headers, call.OwnHeaders);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var answer = await calls.SendAsync(candidate.Host, candidate.OwnKey,
                new HostRequest("v1/messages/count_tokens", BodyFor(call, candidate), headers), patience.Token);
            var words = await BoundedBody.ReadAsync(answer, MaxAnswer, patience.Token);
            return answer.IsSuccessStatusCode && words is not null
                ? JsonElement.Parse(words).FindCount("input_tokens")
                : null;
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or JsonException
            || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
