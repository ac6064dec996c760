using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>The filters of a list, and the counts of what passed them.</summary>
internal static class CatalogFilter
{
    public static readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, int>> NoFacets =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, int>>(StringComparer.Ordinal);

    /// <summary>What can be told from the model alone.</summary>
    public static bool Fits(CatalogQuery query, Model model) =>
        (query.Kinds.IsEmpty || query.Kinds.Contains(model.Kind))
        && (query.Statuses.IsEmpty || query.Statuses.Contains(model.Status))
        && (query.Authors.IsEmpty || query.Authors.Any(author => ModelSpellings.Author(author) == model.Id.Author))
        && (query.Providers.IsEmpty
            || model.Offers.Any(offer => offer.IsListed && Has(query.Providers, offer.Provider)))
        && All(query.Capabilities, model.Capabilities)
        && All(query.InputModalities, model.InputModalities)
        && All(query.OutputModalities, model.OutputModalities)
        && (query.SupportedParameters.IsEmpty || All(query.SupportedParameters, ModelParameters.Of(model)))
        && (query.OpenWeights is not { } open || (model.OpenWeights ?? false) == open)
        && (query.MinContext is not { } least || model.ContextWindow >= least);

    /// <summary>What depends on the caller, the moment or measurements.</summary>
    public static bool Fits(CatalogQuery query, CatalogItem item) =>
        (!query.OnlyCallable || item.Availability == Availability.Ready)
        && (query.Availabilities.IsEmpty || query.Availabilities.Contains(item.Availability))
        && (query.Free is not { } free || (item.Price?.IsFree ?? false) == free)
        && Between(item.InputUsdPerMillion, query.MinPrice, query.MaxPrice)
        && Between(item.OutputUsdPerMillion, query.MinOutputPrice, query.MaxOutputPrice)
        && (query.MinRating is not { } rating || item.Figures.Rating >= rating);

    public static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, int>> Facets(
        List<CatalogItem> items) =>
        NoFacets
            .Add("author", Count(items, item => [item.Model.Id.Author]))
            .Add("availability", Count(items, item => [Names.Of(item.Availability)]))
            .Add("capability", Count(items, item => item.Model.Capabilities))
            .Add("input_modalities", Count(items, item => item.Model.InputModalities))
            .Add("kind", Count(items, item => [Names.Of(item.Model.Kind)]))
            .Add("open_weights", Count(items, item =>
                [item.Model.OpenWeights switch { true => "true", false => "false", null => "unknown" }]))
            .Add("output_modalities", Count(items, item => item.Model.OutputModalities))
            .Add("provider", Count(items, item => item.Model.Offers.Where(offer => offer.IsListed)
                .Select(offer => offer.Provider).Distinct()))
            .Add("status", Count(items, item => [Names.Of(item.Model.Status)]));

    private static ImmutableSortedDictionary<string, int> Count(
        List<CatalogItem> items, Func<CatalogItem, IEnumerable<string>> values) =>
        items.SelectMany(values).GroupBy(value => value)
            .ToImmutableSortedDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

    private static bool All(ImmutableArray<string> asked, ImmutableArray<string> there) =>
        asked.IsEmpty || asked.All(value => Has(there, value));

    private static bool Has(ImmutableArray<string> values, string value) =>
        values.Contains(value, StringComparer.OrdinalIgnoreCase);

    /// <summary>A price that is not known fits no bound.</summary>
    private static bool Between(decimal? value, decimal? least, decimal? most) =>
        (least is null || value >= least) && (most is null || value <= most);
}
