using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>A model at one provider, with every price it has had there.</summary>
public sealed record Offer
{
    /// <summary>Stable text id <c>provider/provider_model_id</c>.</summary>
    public required string Id { get; init; }

    public required ModelId Model { get; init; }
    public required string Provider { get; init; }

    /// <summary>The name that reaches the host.</summary>
    public required string ProviderModelId { get; init; }

    /// <summary>True when the provider is the model's own lab.</summary>
    public bool FirstParty { get; init; }

    public int? ContextWindow { get; init; }
    public int? MaxOutputTokens { get; init; }
    public ListingStatus Status { get; init; }
    public CatalogDate? RetirementDate { get; init; }

    /// <summary>How coarsely the weights are rounded, such as <c>fp8</c>; null when the host does not say.</summary>
    public string? Quantization => Quantizations.Of(ProviderModelId);

    /// <summary>Size of a local model's download in gigabytes.</summary>
    public decimal? SizeGb { get; init; }

    /// <summary>The operator's margin on the prices, in basis points.</summary>
    public int MarkupBps { get; init; }

    /// <summary>All versions, oldest first. A version is never edited; a new one supersedes it.</summary>
    public ImmutableArray<PriceVersion> Prices { get; init; } = [];

    public bool IsListed => Status is not (ListingStatus.Unlisted or ListingStatus.Retired or ListingStatus.Disabled);

    /// <summary>
    /// The version in force at <paramref name="at"/>: the last that had begun and not ended; else null.
    /// </summary>
    public PriceVersion? PriceAt(DateTimeOffset at)
    {
        for (var i = Prices.Length - 1; i >= 0; i--)
        {
            if (Prices[i].IsInForce(at))
            {
                return Prices[i];
            }
        }

        return null;
    }

    /// <summary>The price to sell at, or null when it is unknown, disputed or not in force.</summary>
    public PriceVersion? SalePriceAt(DateTimeOffset at, ModelKind kind) =>
        IsListed && PriceAt(at) is { } price && price.CanBeSold(kind) ? price : null;

    /// <summary>How sure the price in force is.</summary>
    public PriceConfidence ConfidenceAt(DateTimeOffset at) => PriceAt(at)?.Confidence ?? PriceConfidence.Unknown;
}
