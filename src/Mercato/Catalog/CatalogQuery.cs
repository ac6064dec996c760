using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>Orders of a list. What was never measured is null and sorts last, in either direction.</summary>
public enum CatalogSort
{
    Recommended, Relevance, MostPopular, Newest, Rating, PricingLowToHigh, PricingHighToLow,
    ContextHighToLow, ThroughputHighToLow, LatencyLowToHigh, Quality,
}

/// <summary>Whether a list holds everything, or only what the caller can call now.</summary>
public enum CatalogScope { All, Callable }

/// <summary>
/// What to list. Every filter works with and without <see cref="Text"/>; empty lists and nulls do not filter. Several
/// authors, providers, kinds, statuses or availabilities mean any of them; several capabilities, modalities or
/// parameters mean all of them.
/// </summary>
public sealed record CatalogQuery
{
    public string? Text { get; init; }
    public ImmutableArray<string> Providers { get; init; } = [];
    public ImmutableArray<string> Authors { get; init; } = [];
    public ImmutableArray<ModelKind> Kinds { get; init; } = [];
    public ImmutableArray<string> Capabilities { get; init; } = [];
    public ImmutableArray<string> InputModalities { get; init; } = [];
    public ImmutableArray<string> OutputModalities { get; init; } = [];
    public ImmutableArray<string> SupportedParameters { get; init; } = [];

    /// <summary>The least context window in tokens.</summary>
    public int? MinContext { get; init; }

    /// <summary>Bounds of the headline offer's input price in USD per million tokens.</summary>
    public decimal? MinPrice { get; init; }
    public decimal? MaxPrice { get; init; }

    /// <summary>Bounds of the headline offer's output price in USD per million tokens.</summary>
    public decimal? MinOutputPrice { get; init; }
    public decimal? MaxOutputPrice { get; init; }

    public decimal? MinRating { get; init; }
    public bool? OpenWeights { get; init; }
    public bool? Free { get; init; }
    public ImmutableArray<ListingStatus> Statuses { get; init; } = [];
    public ImmutableArray<Availability> Availabilities { get; init; } = [];

    /// <summary>
    /// Null leaves it to the query: free and cheapest lists hold only what can be called, others everything.
    /// </summary>
    public CatalogScope? Scope { get; init; }

    /// <summary>Null: by relevance with a text, recommended without.</summary>
    public CatalogSort? Sort { get; init; }

    /// <summary>The task of <see cref="CatalogSort.Quality"/>, such as <c>code_generation</c>.</summary>
    public string? QualityTask { get; init; }

    public int Offset { get; init; }

    /// <summary>Null: all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>Count the results by author, kind, capability and so on.</summary>
    public bool Facets { get; init; }

    internal bool OnlyCallable => Scope == CatalogScope.Callable
        || (Scope is null && Availabilities.IsEmpty && (Free == true || Sort == CatalogSort.PricingLowToHigh));
}

/// <summary>One model as one caller sees it.</summary>
/// <param name="Model">The model with all its offers.</param>
/// <param name="Availability">The best over its offers.</param>
/// <param name="Offer">The headline offer, whose price and limits a list shows: the cheapest callable one, else the
/// first.</param>
/// <param name="Price">Its price in force, sold or not; null when the offer has none.</param>
/// <param name="Figures">What was measured of it here.</param>
/// <param name="Relevance">0 without a text.</param>
public sealed record CatalogItem(
    Model Model, Availability Availability, Offer? Offer, PriceVersion? Price, ModelFigures Figures, double Relevance)
{
    /// <summary>USD per million input tokens with the margin, or null when unknown or not charged by token.</summary>
    public decimal? InputUsdPerMillion => PerMillion(PriceKind.Input);

    /// <summary>USD per million output tokens with the margin, or null when unknown or not charged by token.</summary>
    public decimal? OutputUsdPerMillion => PerMillion(PriceKind.Output);

    public int? ContextWindow => Model.ContextWindow ?? Offer?.ContextWindow;

    private decimal? PerMillion(PriceKind kind) =>
        Price?.Base(kind)?.UsdPerMillion * (10_000 + (Offer?.MarkupBps ?? 0)) / 10_000;
}

/// <summary>A page of a list.</summary>
/// <param name="Items">The models of this page, in order.</param>
/// <param name="Total">How many models match, on all pages.</param>
/// <param name="Facets">Counts by facet and value over all pages; empty unless asked for.</param>
public sealed record CatalogPage(
    ImmutableArray<CatalogItem> Items, int Total,
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, int>> Facets);
