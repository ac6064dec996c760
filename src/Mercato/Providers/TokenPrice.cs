using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mercato.Providers;

/// <summary>A price in whole pico-dollars per token, read from decimal dollars without a detour over a double.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct TokenPrice(long Pico)
{
    /// <summary>$10,000 per million tokens: what is dearer is a mistake.</summary>
    public const long MaxPico = 10_000_000_000;

    public static bool TryParse(string? text, out TokenPrice price)
    {
        price = default;
        // Clients write small prices as 1e-06 as well as 0.000001.
        const NumberStyles style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text is null || text.Length > 40
            || !decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var dollars) || dollars >= 1)
        {
            return false;
        }

        var pico = dollars * 1_000_000_000_000m;
        if (pico != decimal.Truncate(pico) || pico >= MaxPico)
        {
            return false;
        }

        price = new TokenPrice((long)pico);
        return true;
    }

    public override string ToString() =>
        (Pico / 1_000_000_000_000m).ToString("0.############", CultureInfo.InvariantCulture);

    private sealed class Converter : JsonConverter<TokenPrice>
    {
        public override TokenPrice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number => Encoding.ASCII.GetString(
                    reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
                _ => null,
            };
            return TryParse(text, out var price)
                ? price
                : throw new JsonException("A price is USD per single token, from 0 to under 0.01, with at most 12 "
                    + "decimals; per million tokens divide by 1,000,000.");
        }

        public override void Write(Utf8JsonWriter writer, TokenPrice value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
