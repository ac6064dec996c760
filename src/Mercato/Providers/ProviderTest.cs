using Mercato.Catalog;
using Mercato.Data;
using Mercato.Wire;

namespace Mercato.Providers;

/// <summary>What a provider said to a minimal real call.</summary>
/// <param name="Ok">Whether it answered.</param>
/// <param name="Model">The model that was asked, by the provider's own id.</param>
/// <param name="Status">HTTP status; null when no answer came.</param>
/// <param name="Message">The provider's own words when it refused, or what went wrong.</param>
public sealed record TestResult(bool Ok, string Model, int? Status, string Message);

/// <summary>Tries a key with one real, tiny call on the provider's cheapest chat model.</summary>
public sealed class ProviderTest(HostCalls calls, Snapshot<CatalogSnapshot> catalog, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly ChatRequest Question = new()
    {
        Messages = [new ChatMessage(ChatRole.User, [new TextPart("Say OK.")])],
        OutputLimit = 16,
    };

    public async Task<TestResult> RunAsync(
        UpstreamHost host, ProviderKey? ownKey, string? model, CancellationToken cancellationToken)
    {
        model ??= CheapestModel(host.Id);
        if (model is null)
        {
            return new TestResult(false, "", null, "No chat model of this provider is known; name one as `model`.");
        }

        var format = WireFormats.Upstream(host.Provider.Dialect);
        var body = format.WriteRequest(Question, new HostTarget(host.Id, model, host.Provider.Quirks)).Body;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            using var answer = await calls.SendAsync(
                host, ownKey, new HostRequest(format.PathOf(model, isStream: false), body, format.Headers), timeout.Token);
            return await ReadAsync(answer, host, model, timeout.Token);
        }
        catch (HttpRequestException problem)
        {
            return new TestResult(false, model, null, problem.InnerException?.Message ?? problem.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TestResult(false, model, null, $"No answer within {Patience.TotalSeconds} seconds.");
        }
    }

    private async Task<TestResult> ReadAsync(
        HttpResponseMessage answer, UpstreamHost host, string model, CancellationToken cancellationToken)
    {
        var status = (int)answer.StatusCode;
        var body = await BoundedBody.ReadAsync(answer, 1 << 20, cancellationToken) ?? [];
        if (!answer.IsSuccessStatusCode)
        {
            var error = UpstreamError.Read(status, answer.Header, body, time.GetUtcNow());
            return new TestResult(false, model, status, error.Message);
        }

        var problem = WireFormats.Upstream(host.Provider.Dialect).ReadAnswer(body, host.Id).OfType<ErrorDelta>()
            .FirstOrDefault();
        return problem is not null
            ? new TestResult(false, model, status, problem.Error.Message)
            : new TestResult(true, model, status, "The provider answered.");
    }

    private string? CheapestModel(string providerId)
    {
        var now = time.GetUtcNow();
        return catalog.Current.Models.Where(model => model.IsChat).SelectMany(model => model.Offers)
            .Where(offer => offer.Provider == providerId && offer.IsListed)
            .MinBy(offer => offer.SalePriceAt(now, ModelKind.Chat)?.Base(PriceKind.Output)?.Pico ?? long.MaxValue)
            ?.ProviderModelId;
    }
}
