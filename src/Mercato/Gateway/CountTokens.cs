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

        var call = new GatewayCall(account.Require(), AnthropicDialect.Instance, facts, new HttpSink(http));
        var routed = count.Route(call);
        if (!routed.Succeeded)
        {
            return routed.Refusal.ToResult();
        }

        var tokens = await count.AskAsync(routed.Value[0], body.Value, http.RequestAborted) ?? Settling.CountInput(facts);
        return Results.Json(new { input_tokens = tokens }, Json.Options);
    }

    private int MaxBody => options.Value.MaxBodyBytes;

    private Outcome<List<Candidate>> Route(GatewayCall call) => routing.Route(call);

    /// <summary>A count has no output and so no limit on it, which a message must have.</summary>
    private static byte[] WithLimit(byte[] body) =>
        JsonSplice.Read(body) is { } splice && splice.FindValue("max_tokens") is null
            ? splice.Set("max_tokens", "1"u8.ToArray()).ToBytes()
            : body;

    private async Task<long?> AskAsync(Candidate candidate, byte[] body, CancellationToken cancellationToken)
    {
        if (candidate.DialectFor(Dialect.Anthropic) != Dialect.Anthropic)
        {
            return null;
        }

        var asked = JsonSplice.Read(body)!.SetText("model", candidate.UpstreamModel).ToBytes();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var answer = await calls.SendAsync(candidate.Host, candidate.OwnKey,
                new HostRequest("v1/messages/count_tokens", asked, AnthropicDialect.Instance.Headers), patience.Token);
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
