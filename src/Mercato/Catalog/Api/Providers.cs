using Mercato.Hosting;
using Mercato.Wire;

namespace Mercato.Catalog.Api;

/// <summary>The hosts of the catalog, and how large it is.</summary>
internal static class Providers
{
    public static void MapProviders(this IEndpointRouteBuilder api)
    {
        api.MapGet("/providers", ListProviders)
            .Tells<Answer<IReadOnlyList<ProviderItem>>>("Providers: how many models they offer, what they keep.");
        api.MapGet("/stats", GetStats).Tells<Answer<Stats>>("The catalog in figures.");
    }

    internal static IResult ListProviders(CatalogView view)
    {
        var offers = view.Catalog.Models.SelectMany(model => model.Offers).Where(offer => offer.IsListed)
            .ToLookup(offer => offer.Provider);
        var items = offers.Select(group => Item(group.Key, [.. group], view.Reach))
            .OrderBy(item => item.Slug, StringComparer.Ordinal);
        return new TaggedJson<Answer<IReadOnlyList<ProviderItem>>>(new([.. items]));
    }

    internal static IResult GetStats(CatalogView view)
    {
        var catalog = view.Catalog;
        var page = view.List(new CatalogQuery { Facets = true });
        return new TaggedJson<Answer<Stats>>(new(new Stats(
            catalog.Models.Length, catalog.Models.Sum(model => model.Offers.Length), page.Facets["provider"].Count,
            page.Facets["availability"].GetValueOrDefault("ready"),
            catalog.Models.Count(model => model.OpenWeights == true),
            page.Facets["kind"], BuiltinCatalog.Current.AsOf.ToString())));
    }

    private static ProviderItem Item(string id, List<Offer> offers, Reach reach)
    {
        var host = Provider.BuiltIn.GetValueOrDefault(id);
        var isReady = reach.OperatorProviders.Contains(id) || reach.OwnProviders.Contains(id)
            || offers.Any(offer => reach.LocalOffers.Contains(offer.Id));
        var availability = isReady ? Availability.Ready
            : host is { IsLocal: true } ? Availability.LocalMissing
            : Availability.NeedsKey;
        return new ProviderItem(
            host?.Name ?? id, id, null, null, null, host?.IsLocal ?? false, host?.CanChat ?? false,
            offers.Select(offer => offer.Model).Distinct().Count(), offers.Count, Names.Of(availability),
            host?.DataPolicy ?? new DataPolicy());
    }

    internal sealed record Stats(
        int Models, int Offers, int Providers, int CallableModels, int OpenWeights,
        IReadOnlyDictionary<string, int> Kinds, string BuiltinAsOf);
}
