using System.Text.Json;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Wire;
using Mercato.Wire.Dialects.Embeddings;

namespace Mercato.Providers;

/// <summary>What a provider said to a minimal real call.</summary>
/// <param name="Ok">Whether it answered.</param>
/// <param name="Model">The model that was asked, by the provider's own id.</param>
/// <param name="Status">HTTP status; null when no answer came.</param>
/// <param name="Message">The provider's own words when it refused, or what went wrong.</param>
public sealed record TestResult(bool Ok, string Model, int? Status, string Message);

/// <summary>Tries a key with one real, tiny call on the provider's cheapest model for chat, or for vectors where it has
/// no chat.</summary>
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
        if (!host.CanServe(ModelKind.Chat) && !host.CanServe(ModelKind.Embedding))
        {
            return new TestResult(false, model ?? "", null, "This provider cannot be called through here yet.");
        }

        model ??= CheapestModel(host);
        if (model is null)
        {
            return new TestResult(false, "", null, "No model of this provider is known; name one as `model`.");
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Patience);
        try
        {
            using var answer = await calls.SendAsync(host, ownKey, Ask(host, model), timeout.Token);
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

    private static HostRequest Ask(UpstreamHost host, string model)
    {
        if (host.CanServe(ModelKind.Chat))
        {
            var chat = WireFormats.Upstream(host.Provider.Dialect);
            return new HostRequest(chat.PathOf(model, isStream: false),
                chat.WriteRequest(Question, new HostTarget(host.Id, model, host.Provider.Quirks)).Body, chat.Headers);
        }

        var vectors = WireFormats.Embeddings(host.Provider.EmbeddingStyle);
        var asked = OpenAiEmbeddings.ReadRequest(JsonSerializer.SerializeToUtf8Bytes(new { model, input = "OK" }));
        return new HostRequest(vectors.PathOf(model), vectors.Write(
            asked.Facts!, asked.Request!, new RequestEdits(model, host.Provider.Quirks, null, true, host.Id)).Body);
    }

    private static UpstreamError? FindError(UpstreamHost host, byte[] body) => host.CanServe(ModelKind.Chat)
        ? WireFormats.Upstream(host.Provider.Dialect).ReadAnswer(body, host.Id).OfType<ErrorDelta>().FirstOrDefault()?.Error
        : WireFormats.Embeddings(host.Provider.EmbeddingStyle).Read(body).Error;

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

        return FindError(host, body) is { } problem
            ? new TestResult(false, model, status, problem.Message)
            : new TestResult(true, model, status, "The provider answered.");
    }

    private string? CheapestModel(UpstreamHost host)
    {
        var now = time.GetUtcNow();
        var (kind, paid) = host.CanServe(ModelKind.Chat)
            ? (ModelKind.Chat, PriceKind.Output) : (ModelKind.Embedding, PriceKind.Input);
        return catalog.Current.Models.Where(model => model.Kind == kind).SelectMany(model => model.Offers)
            .Where(offer => offer.Provider == host.Id && offer.IsListed)
            .MinBy(offer => offer.SalePriceAt(now, kind)?.Base(paid)?.Pico ?? long.MaxValue)
            ?.ProviderModelId;
    }
}
