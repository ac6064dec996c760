using System.Globalization;
using System.Numerics;

namespace Mercato.Catalog;

/// <summary>
/// Names, units and limits of the price kinds, and the one way from a stated price to exact integers.
/// </summary>
public static class PriceKinds
{
    /// <summary>A stated price (per million tokens, per image, ...) must lie below this many dollars.</summary>
    public const long MaxUsd = 10_000;

    /// <summary>More decimals than this are refused; the finest price known to us has seven.</summary>
    private const int MaxDecimals = 12;

    private sealed record Row(PriceKind Kind, string Name, string Unit, string StatedPer, long UnitsPerStatedPrice);

    private static readonly Row[] Table =
    [
        new(PriceKind.Input, "input", "token", "million tokens", 1_000_000),
        new(PriceKind.Output, "output", "token", "million tokens", 1_000_000),
        new(PriceKind.CacheRead, "cache_read", "token", "million tokens", 1_000_000),
        new(PriceKind.CacheWrite5m, "cache_write_5m", "token", "million tokens", 1_000_000),
        new(PriceKind.CacheWrite1h, "cache_write_1h", "token", "million tokens", 1_000_000),
        new(PriceKind.Reasoning, "reasoning", "token", "million tokens", 1_000_000),
        new(PriceKind.AudioInput, "audio_input", "token", "million tokens", 1_000_000),
        new(PriceKind.AudioOutput, "audio_output", "token", "million tokens", 1_000_000),
        new(PriceKind.Image, "image", "image", "image", 1),
        new(PriceKind.ImageOutput, "image_output", "token", "million tokens", 1_000_000),
        new(PriceKind.Request, "request", "request", "request", 1),
        new(PriceKind.MinuteAudio, "minute_audio", "second", "minute", 60),
        new(PriceKind.ThousandQueries, "thousand_queries", "query", "thousand queries", 1_000),
        new(PriceKind.MillionChars, "million_chars", "character", "million characters", 1_000_000),
    ];

    private static readonly Dictionary<string, PriceKind> ByName = Table.ToDictionary(row => row.Name, row => row.Kind);

    /// <summary>The kind's name in JSON and SQL, such as <c>cache_read</c>.</summary>
    public static string NameOf(PriceKind kind) => Table[(int)kind].Name;

    /// <summary>What the quantity counts, such as <c>token</c> or <c>second</c>.</summary>
    public static string UnitOf(PriceKind kind) => Table[(int)kind].Unit;

    /// <summary>What a stated price is for, such as <c>million tokens</c>.</summary>
    public static string StatedPer(PriceKind kind) => Table[(int)kind].StatedPer;

    /// <summary>Reads a name, or throws <see cref="FormatException"/>.</summary>
    public static PriceKind Parse(string name) =>
        ByName.TryGetValue(name, out var kind) ? kind : throw new FormatException($"'{name}' is not a kind of price.");

    /// <summary>
    /// Turns a stated price in USD into a line, exactly. Throws <see cref="FormatException"/> when the text is no plain
    /// decimal, is negative, is not below <see cref="MaxUsd"/>, or has more decimals than we can hold.
    /// </summary>
    public static PriceLine Line(PriceKind kind, string usd, int tierFrom = 0)
    {
        if (!decimal.TryParse(usd, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
        {
            throw new FormatException($"'{usd}' is not a price in plain decimals.");
        }

        if (value >= MaxUsd)
        {
            throw new FormatException($"A price of {usd} USD is not below {MaxUsd}.");
        }

        if (tierFrom < 0)
        {
            throw new FormatException("A tier cannot begin below zero tokens.");
        }

        var dot = usd.IndexOf('.');
        if (dot >= 0 && usd.TrimEnd('0').Length - dot - 1 > MaxDecimals)
        {
            throw new FormatException($"'{usd}' has too many decimals.");
        }

        var pico = (long)(value * 1_000_000_000_000m);
        var divisor = Table[(int)kind].UnitsPerStatedPrice;
        var shared = (long)BigInteger.GreatestCommonDivisor(pico, divisor);
        return new PriceLine(kind, pico / shared, divisor / shared, tierFrom);
    }

}
