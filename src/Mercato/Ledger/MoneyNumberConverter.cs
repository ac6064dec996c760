using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mercato.Ledger;

/// <summary>
/// Money as a JSON number with its exact decimal digits, where a contract that others made has a number. Attach it to
/// the member, and put a `_usd` member with the exact string beside it.
/// </summary>
public sealed class MoneyNumberConverter : JsonConverter<Money>
{
    private static readonly MoneyConverter Reader = new();

    /// <summary>Reads as everywhere: a number or a string of dollars.</summary>
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Reader.Read(ref reader, typeToConvert, options);

    /// <summary>Writes the digits from the integer; no double takes part.</summary>
    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString(), skipInputValidation: true);
}
