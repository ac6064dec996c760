using System.Collections.Frozen;

namespace Mercato.Catalog;

/// <summary>Whether one caller can use a model now, and if not, why.</summary>
public enum Availability { Ready, NeedsKey, LocalMissing, Unpriced, Disabled }

/// <summary>What one caller can reach: who pays decides whether an unknown price matters.</summary>
/// <param name="OperatorProviders">Providers with a key of the operator, and local ones whose every model is
/// there.</param>
/// <param name="OwnProviders">Providers with a key of the caller's account; their price need not be known.</param>
/// <param name="LocalOffers">Ids of offers found on local hosts.</param>
public sealed record Reach(
    IReadOnlySet<string> OperatorProviders, IReadOnlySet<string> OwnProviders, IReadOnlySet<string> LocalOffers)
{
    /// <summary>What each provider can be asked for; null where every provider is taken to serve every kind.</summary>
    public IReadOnlySet<(string Provider, ModelKind Kind)>? Served { get; init; }

    private static readonly FrozenSet<string> Nothing = FrozenSet<string>.Empty;

    /// <summary>Nothing at all can be called.</summary>
    public static Reach None { get; } = new(Nothing, Nothing, Nothing);

    /// <summary>Only the operator's keys for these providers.</summary>
    public static Reach Of(params IEnumerable<string> operatorProviders) =>
        None with { OperatorProviders = operatorProviders.ToFrozenSet() };

    /// <summary>The same with the caller's own keys.</summary>
    public Reach WithOwn(params IEnumerable<string> providers) => this with { OwnProviders = providers.ToFrozenSet() };

    /// <summary>The same with offers found on local hosts.</summary>
    public Reach WithLocal(params IEnumerable<string> offerIds) => this with { LocalOffers = offerIds.ToFrozenSet() };

    /// <summary>Whether the caller can call this offer at this moment.</summary>
    public Availability Of(Offer offer, Model model, CatalogSnapshot catalog, DateTimeOffset at)
    {
        if (!offer.IsListed || model.Status is ListingStatus.Disabled or ListingStatus.Retired)
        {
            return Availability.Disabled;
        }

        // A key for a host that cannot be asked for this kind opens nothing.
        var isServed = Served?.Contains((offer.Provider, model.Kind)) != false;
        if (isServed && OwnProviders.Contains(offer.Provider))
        {
            return Availability.Ready;
        }

        if (isServed && (LocalOffers.Contains(offer.Id) || OperatorProviders.Contains(offer.Provider)))
        {
            return offer.SalePriceAt(at, model.Kind) is null ? Availability.Unpriced : Availability.Ready;
        }

        return catalog.LocalProviders.Contains(offer.Provider) ? Availability.LocalMissing : Availability.NeedsKey;
    }

    /// <summary>The best of the model's offers: one that can be called makes it ready.</summary>
    public Availability Of(Model model, CatalogSnapshot catalog, DateTimeOffset at)
    {
        var best = Availability.Disabled;
        foreach (var offer in model.Offers)
        {
            var availability = Of(offer, model, catalog, at);
            if (Nearness(availability) < Nearness(best))
            {
                best = availability;
            }
        }

        return best;
    }

    /// <summary>How little is missing: nothing, a price, a key, a local install, or the operator's word.</summary>
    private static int Nearness(Availability availability) => availability switch
    {
        Availability.Ready => 0,
        Availability.Unpriced => 1,
        Availability.NeedsKey => 2,
        Availability.LocalMissing => 3,
        _ => 4,
    };
}
