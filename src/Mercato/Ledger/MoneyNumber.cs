using System.Text.Json;
using System.Text.Json.Serialization;
using Mercato.Hosting;

namespace Mercato.Ledger;

/// <summary>
/// Money where another service's contract has a JSON number: the exact decimal digits, written from the integer and
/// never through a double.
/// </summary>
[JsonConverter(typeof(Converter))]
[WrittenAs("number")]
public readonly record struct MoneyNumber(Money Value)
{
    private sealed class Converter : JsonConverter<MoneyNumber>
    {
        public override MoneyNumber Read(
            ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<Money>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, MoneyNumber value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Value.ToString());
    }
}
