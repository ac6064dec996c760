using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>
/// What a price is asked for. The names in JSON and SQL are those of <see cref="PriceKinds.NameOf"/>.
/// </summary>
public enum PriceKind
{
    Input, Output, CacheRead, CacheWrite5m, CacheWrite1h, Reasoning, AudioInput, AudioOutput,
    Image, ImageOutput, Request, MinuteAudio, ThousandQueries, MillionChars,
}

/// <summary>How well a price is attested.</summary>
public enum PriceConfidence
{
    High, Confirmed1, Majority, Scheduled, LocalFree, SingleSource, Disputed, Unknown,

    /// <summary>An operator entered it or stands in for it.</summary>
    Accepted,
}

/// <summary>Who entered a price; a newer built-in file only follows on built-in rows.</summary>
public enum PriceOrigin { Builtin, Import, Operator }

/// <summary>The prices of one offer over one span of time, with their provenance. Never edited.</summary>
public sealed record PriceVersion
{
    /// <summary>Shown on bills as <c>price_version</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Null: since before the catalog first saw it.</summary>
    public DateTimeOffset? EffectiveFrom { get; init; }

    /// <summary>Exclusive; null: until further notice.</summary>
    public DateTimeOffset? EffectiveTo { get; init; }

    /// <summary>Empty when the price is unknown: the offer is listed but not sold.</summary>
    public ImmutableArray<PriceLine> Lines { get; init; } = [];

    public required PriceConfidence Confidence { get; init; }
    public string? Source { get; init; }

    /// <summary>The day on which the source was read.</summary>
    public CatalogDate? AsOf { get; init; }

    /// <summary>What other sources said, in words.</summary>
    public string? Check { get; init; }

    public PriceOrigin Origin { get; init; }

    /// <summary>Every line is zero: an explicit zero, which is not the same as an unknown price.</summary>
    public bool IsFree => !Lines.IsEmpty && Lines.All(line => line.Pico == 0);

    /// <summary>A second source, the host's own schedule or the operator stands behind it.</summary>
    public bool IsConfirmed => Confidence is not
        (PriceConfidence.SingleSource or PriceConfidence.Disputed or PriceConfidence.Unknown);

    /// <summary>True from <see cref="EffectiveFrom"/> until just before <see cref="EffectiveTo"/>.</summary>
    public bool IsInForce(DateTimeOffset at) =>
        (EffectiveFrom is null || EffectiveFrom <= at) && (EffectiveTo is null || at < EffectiveTo);

    /// <summary>The base price of a kind (no tier), or null when the version has none.</summary>
    public PriceLine? Base(PriceKind kind)
    {
        foreach (var line in Lines)
        {
            if (line.Kind == kind && line.TierFrom == 0)
            {
                return line;
            }
        }

        return null;
    }

    /// <summary>A disputed or unknown price is not sold, nor one without what a call of this kind is billed
    /// by.</summary>
    public bool CanBeSold(ModelKind kind) =>
        !Lines.IsEmpty
        && Confidence is not (PriceConfidence.Disputed or PriceConfidence.Unknown)
        && kind switch
        {
            ModelKind.Chat => Base(PriceKind.Input) is not null && Base(PriceKind.Output) is not null,
            ModelKind.Embedding => Base(PriceKind.Input) is not null,
            ModelKind.Image => (Base(PriceKind.Image) ?? Base(PriceKind.ImageOutput) ?? Base(PriceKind.Output)) is not null,
            _ => true,
        };
}

/// <summary>
/// One price: <c>quantity x Pico / Divisor</c> pico-dollars. The quantity is counted in the kind's unit (tokens,
/// images, requests, seconds of audio, queries, characters); the divisor keeps prices exact that are finer than a
/// pico-dollar.
/// </summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Pico">Pico-dollars (1e-12 USD) for <paramref name="Divisor"/> units.</param>
/// <param name="Divisor">At least 1.</param>
/// <param name="TierFrom">Applies when the call's total input exceeds this many tokens; 0 is the base price.</param>
public sealed record PriceLine(PriceKind Kind, long Pico, long Divisor, int TierFrom)
{
    /// <summary>USD per unit, for showing and comparing only; bills are made from the integers.</summary>
    public decimal UsdPerUnit => Pico / 1_000_000_000_000m / Divisor;

    /// <summary>USD per unit with a margin in basis points, as decimal digits for showing; at most 18 places.</summary>
    public string UsdWithMargin(int markupBps)
    {
        var usd = decimal.Round(UsdPerUnit * (10_000 + markupBps) / 10_000, 18);
        return usd.ToString("0.##################", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>USD per million units, for showing and comparing only.</summary>
    public decimal UsdPerMillion => Pico / 1_000_000m / Divisor;
}
