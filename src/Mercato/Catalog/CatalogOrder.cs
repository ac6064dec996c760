namespace Mercato.Catalog;

/// <summary>The orders of a list. Ties end in the id, so that pages are stable.</summary>
internal static class CatalogOrder
{
    public static void Sort(List<CatalogItem> items, CatalogQuery query, QualityTable quality)
    {
        var sort = query.Sort ?? (string.IsNullOrWhiteSpace(query.Text) ? CatalogSort.Recommended
            : CatalogSort.Relevance);
        // The items come in the order of their ids, which settles ties.
        var keyed = items.Select((item, place) => (Item: item, Place: place, Keys: Keys(sort, item, query, quality)))
            .ToList();
        keyed.Sort((a, b) =>
        {
            for (var i = 0; i < a.Keys.Length; i++)
            {
                var order = Nullable.Compare(b.Keys[i], a.Keys[i]);
                if (order != 0)
                {
                    return order;
                }
            }

            return a.Place.CompareTo(b.Place);
        });
        for (var i = 0; i < items.Count; i++)
        {
            items[i] = keyed[i].Item;
        }
    }

    /// <summary>Greater goes first and null last; where less is better, the figure is negated.</summary>
    private static decimal?[] Keys(CatalogSort sort, CatalogItem item, CatalogQuery query, QualityTable quality) =>
        sort switch
    {
        CatalogSort.Relevance => [(decimal)item.Relevance],
        CatalogSort.MostPopular => [item.Figures.Requests7d, item.Figures.Tokens7d],
        CatalogSort.Newest => [Day(item.Model)],
        CatalogSort.Rating => [item.Figures.Rating, item.Figures.RatingCount],
        CatalogSort.PricingLowToHigh => [-item.InputUsdPerMillion, -item.OutputUsdPerMillion],
        CatalogSort.PricingHighToLow => [item.InputUsdPerMillion, item.OutputUsdPerMillion],
        CatalogSort.ContextHighToLow => [item.ContextWindow],
        CatalogSort.ThroughputHighToLow => [item.Figures.TokensPerSecond],
        CatalogSort.LatencyLowToHigh => [-item.Figures.LatencyMs],
        CatalogSort.Quality => [quality.Of(item.Model.Id, query.QualityTask ?? "")?.Score],
        _ => [.. Recommended(item)],
    };

    /// <summary>
    /// What can be called, then chat, what people use, what is supported and sure in price, then the newest.
    /// </summary>
    private static decimal?[] Recommended(CatalogItem item) =>
    [
        item.Availability == Availability.Ready ? 1 : 0,
        item.Model.IsChat ? 1 : 0,
        item.Figures.Requests7d is { } requests ? (decimal)Math.Floor(Math.Log2(1 + requests)) : 0,
        item.Model.Status == ListingStatus.Active && item.Price is { IsConfirmed: true }
        && item.Offer is { FirstParty: true } ? 1 : 0,
        Day(item.Model),
    ];

    private static decimal? Day(Model model) => model.ReleaseDate is { } date
        ? date.Start.ToUnixTimeSeconds() / 86_400 : null;
}
