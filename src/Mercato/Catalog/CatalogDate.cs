using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mercato.Hosting;

namespace Mercato.Catalog;

/// <summary>A date known to the year, the month or the day; sources often give no more than a month.</summary>
[JsonConverter(typeof(CatalogDateConverter))]
[WrittenAs("string", Pattern = @"^\d{4}(-\d{2}){0,2}$")]
public readonly record struct CatalogDate(int Year, int? Month = null, int? Day = null) : IComparable<CatalogDate>
{
    /// <summary>The first instant (UTC) that the date covers.</summary>
    public DateTimeOffset Start => new(Year, Month ?? 1, Day ?? 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads <c>2026</c>, <c>2026-08</c> or <c>2026-08-21</c>.</summary>
    public static CatalogDate Parse(string text) =>
        TryParse(text, out var date) ? date : throw new FormatException($"'{text}' is not a date like 2026-08-21.");

    /// <summary>False when the text is no such date, or names a day that does not exist.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CatalogDate date)
    {
        date = default;
        var parts = text?.Split('-') ?? [];
        if (parts.Length is 0 or > 3 || parts[0].Length != 4 || !int.TryParse(parts[0], out var year) || year < 1)
        {
            return false;
        }

        int? month = null, day = null;
        if (parts.Length > 1)
        {
            if (!int.TryParse(parts[1], out var m) || m is < 1 or > 12)
            {
                return false;
            }

            month = m;
        }

        if (parts.Length > 2)
        {
            if (!int.TryParse(parts[2], out var d) || d < 1 || d > DateTime.DaysInMonth(year, month!.Value))
            {
                return false;
            }

            day = d;
        }

        date = new CatalogDate(year, month, day);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(CatalogDate other) => Start.CompareTo(other.Start);

    /// <inheritdoc/>
    public override string ToString() => (Month, Day) switch
    {
        (null, _) => $"{Year:0000}",
        (_, null) => $"{Year:0000}-{Month:00}",
        _ => $"{Year:0000}-{Month:00}-{Day:00}",
    };

    public static bool operator <(CatalogDate left, CatalogDate right) => left.CompareTo(right) < 0;
    public static bool operator >(CatalogDate left, CatalogDate right) => left.CompareTo(right) > 0;
    public static bool operator <=(CatalogDate left, CatalogDate right) => left.CompareTo(right) <= 0;
    public static bool operator >=(CatalogDate left, CatalogDate right) => left.CompareTo(right) >= 0;
}

/// <summary>In JSON a date is the text that sources write.</summary>
internal sealed class CatalogDateConverter : JsonConverter<CatalogDate>
{
    public override CatalogDate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        CatalogDate.TryParse(reader.GetString(), out var date) ? date
            : throw new JsonException("A date looks like 2026-08-21.");

    public override void Write(Utf8JsonWriter writer, CatalogDate value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
