using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mercato.Hosting;

namespace Mercato.Providers;

/// <summary>A price in whole pico-dollars per token, read from decimal dollars without a detour over a double.</summary>
[JsonConverter(typeof(Converter))]
[WrittenAs("string", Pattern = @"^\d+(\.\d+)?$")]
public readonly record struct TokenPrice(long Pico)
{
    /// <summary>$10,000 per million tokens: what is dearer is a mistake.</summary>
    public const long MaxPico = 10_000_000_000;

    public static bool TryParse(string? text, out TokenPrice price)
    {
        var pico = PicoDollars.Read(text, MaxPico);
        price = new TokenPrice(pico ?? 0);
        return pico is not null;
    }

    public override string ToString() => PicoDollars.Write(Pico);

    private sealed class Converter : JsonConverter<TokenPrice>
    {
        public override TokenPrice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(PicoDollars.TextOf(ref reader), out var price)
                ? price
                : throw new JsonException("A price is USD per single token, from 0 to under 0.01, with at most 12 "
                    + "decimals; per million tokens divide by 1,000,000.");

        public override void Write(Utf8JsonWriter writer, TokenPrice value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}

/// <summary>A price in whole pico-dollars per picture.</summary>
[JsonConverter(typeof(Converter))]
[WrittenAs("string", Pattern = @"^\d+(\.\d+)?$")]
public readonly record struct ImagePrice(long Pico)
{
    /// <summary>$100: what is dearer is a mistake.</summary>
    public const long MaxPico = 100_000_000_000_000;

    public override string ToString() => PicoDollars.Write(Pico);

    private sealed class Converter : JsonConverter<ImagePrice>
    {
        public override ImagePrice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            PicoDollars.Read(PicoDollars.TextOf(ref reader), MaxPico) is { } pico
                ? new ImagePrice(pico)
                : throw new JsonException("The price of an image is USD from 0 to under 100, with at most 12 decimals.");

        public override void Write(Utf8JsonWriter writer, ImagePrice value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}

/// <summary>Decimal dollars to pico-dollars and back, exactly.</summary>
internal static class PicoDollars
{
    private const decimal PicoPerDollar = 1_000_000_000_000m;

    /// <summary>The amount; null when the text is no decimal, has more than 12 places, or is not below
    /// <paramref name="limit"/>.</summary>
    public static long? Read(string? text, long limit)
    {
        // Clients write small prices as 1e-06 as well as 0.000001.
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text is null || text.Length > 40
            || !decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var dollars)
            || dollars >= limit / PicoPerDollar)
        {
            return null;
        }

        var pico = dollars * PicoPerDollar;
        return pico == decimal.Truncate(pico) ? (long)pico : null;
    }

    public static string Write(long pico) =>
        (pico / PicoPerDollar).ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>A string's text or a number's digits; null for anything else.</summary>
    public static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.ASCII.GetString(
            reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
        _ => null,
    };
}
