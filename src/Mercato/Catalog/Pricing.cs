using Mercato.Ledger;
using Mercato.Wire;

namespace Mercato.Catalog;

/// <summary>
/// What a call costs, and what it can cost at most. Pure, and integers only: counts times pico-dollars are summed in
/// 128 bits, the margin is applied to the sum, and one rounding up to the nano-dollar ends it.
/// </summary>
/// <remarks>
/// Tiers: a tier's price replaces the base price of its kind for the whole call when the call's total input exceeds the
/// tier's threshold; the highest such tier counts. A kind without a price of its own falls back, in this order: reads
/// from a cache to input; writes for five minutes to input; writes for an hour to five minutes, then input; audio
/// input to input; reasoning, audio output and image output to output. What has no price even so is not charged: offers
/// whose price is that incomplete are not sold.
/// </remarks>
public static class Pricing
{
    /// <summary>Counts reach from 0 to just below this.</summary>
    public const long CountLimit = 1L << 31;

    private const int Whole = 10_000;
    private const int PicoPerNano = 1_000;

    private static readonly PriceKind[] TextInput =
        [PriceKind.Input, PriceKind.CacheRead, PriceKind.CacheWrite5m, PriceKind.CacheWrite1h];

    private static readonly PriceKind[] AudioInput = [PriceKind.AudioInput, PriceKind.Input];

    private static readonly (PriceKind Kind, PriceKind[] Fallbacks)[] Chains =
    [
        (PriceKind.Input, []),
        (PriceKind.CacheRead, [PriceKind.Input]),
        (PriceKind.CacheWrite5m, [PriceKind.Input]),
        (PriceKind.CacheWrite1h, [PriceKind.CacheWrite5m, PriceKind.Input]),
        (PriceKind.AudioInput, [PriceKind.Input]),
        (PriceKind.Output, []),
        (PriceKind.Reasoning, [PriceKind.Output]),
        (PriceKind.AudioOutput, [PriceKind.Output]),
        (PriceKind.ImageOutput, [PriceKind.Output]),
    ];

    /// <summary>
    /// The bill of a call. <paramref name="markupBps"/> is the margin in basis points (500 = 5 %), at least 0. Throws
    /// <see cref="ArgumentOutOfRangeException"/> for a count outside [0, 2^31) and <see cref="OverflowException"/> for
    /// a total that Money cannot hold.
    /// </summary>
    public static Bill Charge(PriceVersion price, Usage usage, int markupBps = 0, UnitCounts? units = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(markupBps);
        var totalInput = usage.TotalInput ?? 0;
        var parts = new List<Part>();
        foreach (var (kind, count) in Tokens(usage))
        {
            if (Check(count) > 0 && LineFor(price, kind, totalInput) is { } line)
            {
                parts.Add(new Part(kind, count, line));
            }
        }

        foreach (var (kind, count) in (units ?? UnitCounts.One).ByKind)
        {
            if (Check(count) > 0 && price.Base(kind) is { } line)
            {
                parts.Add(new Part(kind, count, line));
            }
        }

        return Bill.Of(price.Id, parts, Scale(price), Whole + markupBps);
    }

    /// <summary>
    /// The most that a call can cost: its input at the dearest input price that may apply, <c>n</c> times its output
    /// ceiling at the dearest output price that may apply, and its units. No usage within the ceilings costs more.
    /// </summary>
    public static Money UpperBound(PriceVersion price, CallCeiling ceiling, int markupBps = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(markupBps);
        var sum = FixedPart(price, ceiling) + OutputPart(price, ceiling, Check(ceiling.OutputTokens));
        return RoundUp(sum, Scale(price), Whole + markupBps);
    }

    /// <summary>
    /// How many output tokens per choice fit into <paramref name="available"/> beside the rest of the call: at least 0,
    /// below 2^31. The bound at that ceiling is within the amount.
    /// </summary>
    public static long AffordableOutput(PriceVersion price, CallCeiling ceiling, Money available, int markupBps = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(markupBps);
        var scale = Scale(price);
        var budget = checked((Int128)available.Nano * PicoPerNano * Whole * scale);
        var left = checked(budget - FixedPart(price, ceiling) * (Whole + markupBps));
        if (left < 0)
        {
            return 0;
        }

        var perToken = checked(OutputPart(price, ceiling, 1) * (Whole + markupBps));
        return perToken == 0 ? CountLimit - 1 : (long)Int128.Min(left / perToken, CountLimit - 1);
    }

    /// <summary>The price line that a kind is billed by in a call with this much input, or null.</summary>
    public static PriceLine? LineFor(PriceVersion price, PriceKind kind, long totalInput)
    {
        if (Applicable(price, kind, totalInput) is { } own)
        {
            return own;
        }

        var fallbacks = Chains.FirstOrDefault(chain => chain.Kind == kind).Fallbacks ?? [];
        return fallbacks.Select(fallback => Applicable(price, fallback, totalInput))
            .FirstOrDefault(line => line is not null);
    }

    /// <summary>
    /// The smallest number that every divisor of the version divides: sums are kept as multiples of 1 over it.
    /// </summary>
    internal static long Scale(PriceVersion price)
    {
        long scale = 1;
        foreach (var line in price.Lines)
        {
            var (a, b) = (scale, line.Divisor);
            while (b != 0)
            {
                (a, b) = (b, a % b);
            }

            scale = checked(scale / a * line.Divisor);
        }

        return scale;
    }

    /// <summary>Pico-dollars times scale, with the margin, to nano-dollars; the one rounding, and it goes up.</summary>
    internal static Money RoundUp(Int128 scaledPico, long scale, int factor)
    {
        var numerator = checked(scaledPico * factor);
        var denominator = (Int128)Whole * scale * PicoPerNano;
        return new Money(checked((long)CeilingOf(numerator, denominator)));
    }

    /// <summary>Division of a number that is not negative, rounded up.</summary>
    internal static Int128 CeilingOf(Int128 numerator, Int128 denominator) =>
        (numerator + denominator - 1) / denominator;

    private static long Check(long count) =>
        count is >= 0 and < CountLimit ? count
            : throw new ArgumentOutOfRangeException(nameof(count), count, "A count lies in [0, 2^31).");

    private static PriceLine? Applicable(PriceVersion price, PriceKind kind, long totalInput)
    {
        PriceLine? best = null;
        foreach (var line in price.Lines)
        {
            if (line.Kind != kind || (line.TierFrom > 0 && totalInput <= line.TierFrom))
            {
                continue;
            }

            if (best is null || line.TierFrom > best.TierFrom)
            {
                best = line;
            }
        }

        return best;
    }

    private static (PriceKind Kind, long Count)[] Tokens(Usage usage) =>
    [
        (PriceKind.Input, (usage.InputUncached ?? 0) + (usage.ToolPrompt ?? 0)),
        (PriceKind.CacheRead, usage.CacheRead ?? 0),
        (PriceKind.CacheWrite5m, usage.CacheWrite5m ?? 0),
        (PriceKind.CacheWrite1h, usage.CacheWrite1h ?? 0),
        (PriceKind.AudioInput, usage.AudioInput ?? 0),
        (PriceKind.Output, usage.OutputText ?? 0),
        (PriceKind.Reasoning, usage.Reasoning ?? 0),
        (PriceKind.AudioOutput, usage.AudioOutput ?? 0),
        (PriceKind.ImageOutput, usage.Images ?? 0),
        (PriceKind.ThousandQueries, usage.ServerTools ?? 0),
    ];

    /// <summary>Input and units, in pico-dollars times scale.</summary>
    private static Int128 FixedPart(PriceVersion price, CallCeiling ceiling)
    {
        var scale = Scale(price);
        var input = Check(ceiling.InputTokens);
        var audio = Check(ceiling.AudioInputTokens);
        var perToken = Dearest(price, TextInput, input + audio, scale);
        var perAudioToken = Dearest(price, AudioInput, input + audio, scale);
        var sum = checked(input * perToken + audio * perAudioToken);
        foreach (var (kind, count) in ceiling.Units.ByKind)
        {
            if (price.Base(kind) is { } line)
            {
                sum = checked(sum + Check(count) * Scaled(line, scale));
            }
        }

        return sum;
    }

    private static Int128 OutputPart(PriceVersion price, CallCeiling ceiling, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ceiling.Choices, 1);
        List<PriceKind> kinds = [PriceKind.Output, PriceKind.Reasoning];
        if (ceiling.AudioOutput)
        {
            kinds.Add(PriceKind.AudioOutput);
        }

        if (ceiling.ImageOutput)
        {
            kinds.Add(PriceKind.ImageOutput);
        }

        var dearest = Dearest(price, kinds, ceiling.InputTokens + ceiling.AudioInputTokens, Scale(price));
        return checked((Int128)tokens * ceiling.Choices * dearest);
    }

    /// <summary>The dearest line of these kinds in any tier that so much input could reach.</summary>
    private static Int128 Dearest(PriceVersion price, IReadOnlyList<PriceKind> kinds, long mostInput, long scale)
    {
        Int128 dearest = 0;
        foreach (var line in price.Lines)
        {
            if (kinds.Contains(line.Kind) && (line.TierFrom == 0 || mostInput > line.TierFrom))
            {
                dearest = Int128.Max(dearest, Scaled(line, scale));
            }
        }

        return dearest;
    }

    internal static Int128 Scaled(PriceLine line, long scale) => checked((Int128)line.Pico * (scale / line.Divisor));

    /// <summary>One kind of thing counted in a call, with the line that prices it.</summary>
    internal readonly record struct Part(PriceKind Kind, long Count, PriceLine Line);
}
