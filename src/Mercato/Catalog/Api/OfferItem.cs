using System.Globalization;
using Mercato.Wire;

namespace Mercato.Catalog.Api;

/// <summary>
/// An offer as <c>.../endpoints</c> writes it: OpenRouter's members, ours after them. Unmeasured is null.
/// </summary>
public sealed record OfferItem(
    string Name, string ModelId, string ProviderName, string Tag, int? ContextLength, int? MaxCompletionTokens,
    Prices? Pricing, IReadOnlyList<string> SupportedParameters, string? Quantization, decimal? UptimeLast30m,
    decimal? LatencyLast30m, decimal? ThroughputLast30m,
    string Id, string Provider, string ProviderModelId, bool FirstParty, string Availability, string Status,
    string? ExpirationDate, string? PriceVersion, string PriceConfidence, Provenance? Provenance,
    DataPolicy? DataPolicy)
{
    public static OfferItem Of(Offer offer, Model model, Availability availability, DateTimeOffset at)
    {
        var price = offer.PriceAt(at);
        var host = Wire.Provider.BuiltIn.GetValueOrDefault(offer.Provider);
        return new OfferItem(
            $"{host?.Name ?? offer.Provider} | {model.Id}", model.Id.ToString(), host?.Name ?? offer.Provider,
            offer.Provider,
            offer.ContextWindow ?? model.ContextWindow, offer.MaxOutputTokens ?? model.MaxOutputTokens,
            Prices.Of(price, offer.MarkupBps), ModelParameters.Of(model), offer.Quantization, null, null, null,
            offer.Id, offer.Provider, offer.ProviderModelId, offer.FirstParty, Names.Of(availability),
            Names.Of(offer.Status),
            offer.RetirementDate?.ToString(), price?.Id, Names.Of(offer.ConfidenceAt(at)), Provenance.Of(price),
            host?.DataPolicy);
    }
}

/// <summary>A price version as <c>.../prices</c> writes it: what the host asks, before any margin.</summary>
public sealed record PriceItem(
    string PriceVersion, string Offer, string Provider, DateTimeOffset? EffectiveFrom, DateTimeOffset? EffectiveTo,
    bool InForce, string Confidence, string Origin, string? Source, string? AsOf, string? Check,
    IReadOnlyList<PriceLineItem> Lines)
{
    public static PriceItem Of(PriceVersion price, Offer offer, DateTimeOffset at) => new(
        price.Id, offer.Id, offer.Provider, price.EffectiveFrom, price.EffectiveTo, offer.PriceAt(at)?.Id == price.Id,
        Names.Of(price.Confidence), Names.Of(price.Origin), price.Source, price.AsOf?.ToString(), price.Check,
        [.. price.Lines.Select(line => new PriceLineItem(
            PriceKinds.NameOf(line.Kind), PriceKinds.UnitOf(line.Kind), line.UsdWithMargin(0),
            line.TierFrom == 0 ? null : line.TierFrom))]);
}

/// <param name="Kind">What is counted.</param>
/// <param name="Unit">The unit that the price is for.</param>
/// <param name="Usd">USD for one unit, exactly.</param>
/// <param name="AboveInputTokens">Null for the base price.</param>
public sealed record PriceLineItem(string Kind, string Unit, string Usd, int? AboveInputTokens);

/// <summary>A score as <c>.../benchmarks</c> writes it.</summary>
public sealed record EvidenceItem(
    string Task, string Benchmark, string? Variant, decimal Score, string Unit, bool HigherIsBetter, string Metric,
    string MeasuredAs, string Date, string Source, string Licence)
{
    public static EvidenceItem Of(Evidence row) => new(
        row.Task, row.Benchmark, row.Variant, row.Score, row.Unit, row.HigherIsBetter, row.Metric, row.MeasuredAs,
        row.Date.ToString(), row.Source, row.Licence);
}

/// <summary>A host as <c>/api/v1/providers</c> writes it.</summary>
public sealed record ProviderItem(
    string Name, string Slug, string? PrivacyPolicyUrl, string? TermsOfServiceUrl, string? StatusPageUrl,
    bool IsLocal, bool CanChat, int Models, int Offers, string Availability, DataPolicy DataPolicy);
