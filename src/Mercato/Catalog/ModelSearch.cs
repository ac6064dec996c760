using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>Lists models of one snapshot: text, filters, orders, pages and facets, all in memory.</summary>
public sealed class ModelSearch
{
    private readonly CatalogSnapshot _catalog;
    private readonly TextIndex _text;

    internal ModelSearch(CatalogSnapshot catalog) => (_catalog, _text) = (catalog, new TextIndex(catalog.Models));

    /// <summary>The page that the query asks for, as this caller sees it at this moment.</summary>
    public CatalogPage List(CatalogQuery query, Reach reach, DateTimeOffset at, CatalogFigures? figures = null)
    {
        figures ??= CatalogFigures.Empty;
        var relevance = string.IsNullOrWhiteSpace(query.Text) ? null : _text.Score(query.Text);
        var items = new List<CatalogItem>();
        for (var i = 0; i < _catalog.Models.Length; i++)
        {
            if (relevance is { } scores && scores[i] <= 0)
            {
                continue;
            }

            var model = _catalog.Models[i];
            if (!CatalogFilter.Fits(query, model))
            {
                continue;
            }

            var item = View(model, reach, at, figures.Of(model.Id), relevance?[i] ?? 0);
            if (CatalogFilter.Fits(query, item))
            {
                items.Add(item);
            }
        }

        CatalogOrder.Sort(items, query, _catalog.Quality);
        var page = items.Skip(Math.Max(0, query.Offset)).Take(Math.Max(0, query.Limit ?? int.MaxValue))
            .ToImmutableArray();
        return new CatalogPage(page, items.Count, query.Facets ? CatalogFilter.Facets(items) : CatalogFilter.NoFacets);
    }

    /// <summary>One model as this caller sees it.</summary>
    public CatalogItem View(Model model, Reach reach, DateTimeOffset at, ModelFigures? figures = null) =>
        View(model, reach, at, figures ?? ModelFigures.Empty, 0);

    /// <summary>
    /// Models that the caller can call now and that come nearest to an id which cannot be called: by name first, then
    /// by the recommended order. For error messages.
    /// </summary>
    public ImmutableArray<ModelId> NearestReady(
        string? id, Reach reach, DateTimeOffset at, int most = 3, ModelKind kind = ModelKind.Chat)
    {
        var ready = new CatalogQuery { Kinds = [kind], Availabilities = [Availability.Ready], Limit = most };
        var named = List(ready with { Text = id, Sort = CatalogSort.Relevance }, reach, at).Items;
        var others = named.Length < most && !string.IsNullOrWhiteSpace(id) ? List(ready, reach, at).Items : [];
        return [.. named.Concat(others).Select(item => item.Model.Id).Distinct().Take(most)];
    }

    private CatalogItem View(Model model, Reach reach, DateTimeOffset at, ModelFigures figures, double relevance)
    {
        var availability = reach.Of(model, _catalog, at);
        var offer = Headline(model, reach, at, availability);
        return new CatalogItem(model, availability, offer, offer?.PriceAt(at), figures, relevance);
    }

    /// <summary>
    /// The cheapest of the offers that are as near to the caller as any; a confirmed price goes before a cheaper
    /// guess.
    /// </summary>
    private Offer? Headline(Model model, Reach reach, DateTimeOffset at, Availability availability)
    {
        if (model.Offers.Length < 2)
        {
            return model.Offers.FirstOrDefault();
        }

        (Offer? Offer, int Doubt, decimal Blend) best = (null, int.MaxValue, 0);
        foreach (var offer in model.Offers)
        {
            if (reach.Of(offer, model, _catalog, at) != availability)
            {
                continue;
            }

            var price = offer.PriceAt(at);
            var (doubt, blend) = (Doubt(price), Blend(price));
            if (doubt < best.Doubt || (doubt == best.Doubt && blend < best.Blend))
            {
                best = (offer, doubt, blend);
            }
        }

        return best.Offer;
    }

    private static int Doubt(PriceVersion? price) => price switch
    {
        null or { Lines.IsEmpty: true } => 3,
        { Confidence: PriceConfidence.Disputed } => 2,
        { IsConfirmed: true } => 0,
        _ => 1,
    };

    /// <summary>Three parts input to one part output: the usual mix of a chat.</summary>
    private static decimal Blend(PriceVersion? price) =>
        3 * (price?.Base(PriceKind.Input)?.UsdPerMillion ?? 0) + (price?.Base(PriceKind.Output)?.UsdPerMillion ?? 0);
}
