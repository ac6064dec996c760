using Mercato.Hosting;

namespace Mercato.Catalog.Api;

/// <summary>
/// What stands behind <c>/api/v1/models/{author}/{slug}</c>: one model, its offers, prices and evidence.
/// </summary>
public static class Models
{
    internal static void MapModels(this IEndpointRouteBuilder api)
    {
        // A '/' inside the name comes as %2F before the sub-resources; alone it may come plain.
        api.MapGet("/models/{author}/{slug}/endpoints", GetEndpoints)
            .Tells<Answer<ModelEndpoints>>("Who offers a model, and at what price.");
        api.MapGet("/models/{author}/{slug}/prices", GetPrices)
            .Tells<Answer<IReadOnlyList<PriceItem>>>("Every price that a model's offers had, with sources.");
        api.MapGet("/models/{author}/{slug}/benchmarks", GetBenchmarks)
            .Tells<Answer<IReadOnlyList<EvidenceItem>>>("Published scores of a model, with sources.");
        api.MapGet("/models/{author}/{**slug}", GetModel).Tells<Answer<ModelItem>>("One model.");
    }

    internal static IResult GetModel(string author, string slug, CatalogView view) =>
        Find(view, author, slug) is { } model
            ? new TaggedJson<Answer<ModelItem>>(new(ModelItem.Of(view.View(model), view.Catalog)))
            : NotFound(author, slug);

    internal static IResult GetEndpoints(string author, string slug, CatalogView view)
    {
        if (Find(view, author, slug) is not { } model)
        {
            return NotFound(author, slug);
        }

        var offers = model.Offers.Select(offer =>
            OfferItem.Of(offer, model, view.AvailabilityOf(offer, model), view.Now));
        return new TaggedJson<Answer<ModelEndpoints>>(new(new ModelEndpoints(
            model.Id.ToString(), model.Name, model.ReleaseDate?.Start.ToUnixTimeSeconds() ?? 0, model.Description,
            Architecture.Of(model), [.. offers])));
    }

    internal static IResult GetPrices(string author, string slug, CatalogView view)
    {
        if (Find(view, author, slug) is not { } model)
        {
            return NotFound(author, slug);
        }

        var prices = model.Offers.SelectMany(offer => offer.Prices.Reverse()
            .Select(price => PriceItem.Of(price, offer, view.Now)));
        return new TaggedJson<Answer<IReadOnlyList<PriceItem>>>(new([.. prices]));
    }

    internal static IResult GetBenchmarks(string author, string slug, CatalogView view) =>
        Find(view, author, slug) is { } model
            ? new TaggedJson<Answer<IReadOnlyList<EvidenceItem>>>(new([.. model.Evidence.Select(EvidenceItem.Of)]))
            : NotFound(author, slug);

    /// <summary>Any spelling of the id finds the model; a path keeps %2F inside a name as it came.</summary>
    private static Model? Find(CatalogView view, string author, string slug) =>
        view.Catalog.Resolve(
            $"{author}/{slug.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)}") is ModelResolution found
        && found.Model.Status != ListingStatus.Disabled ? found.Model : null;

    private static RefusalResult NotFound(string author, string slug) =>
        new Refusal(404, "model-not-found",
            $"The catalog has no model '{author}/{slug}'. GET /api/v1/models?q=... searches it.").ToResult();

    internal sealed record ModelEndpoints(
        string Id, string Name, long Created, string Description, Architecture Architecture,
        IReadOnlyList<OfferItem> Endpoints);
}
