using System.Globalization;
using System.Text.Json;

namespace Mercato.Audit;

/// <summary>The line items of a bill, read digit by digit.</summary>
internal static class BillItems
{
    public const int PicoPerNano = 1_000;

    private const long PicoPerDollar = 1_000_000_000_000;

    /// <summary>The sum of the amounts in pico-dollars; null when they cannot be read, or have more than 12 decimals.</summary>
    public static Int128? Sum(string json)
    {
        try
        {
            using var items = JsonDocument.Parse(json);
            Int128 sum = 0;
            foreach (var item in items.RootElement.EnumerateArray())
            {
                var amount = item.GetProperty("amount");
                var text = amount.ValueKind == JsonValueKind.Number ? amount.GetRawText() : amount.GetString();
                if (Pico(text) is not { } pico)
                {
                    return null;
                }

                sum += pico;
            }

            return sum;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    public static string Dollars(Int128 pico)
    {
        var magnitude = Int128.Abs(pico);
        var fraction = ((long)(magnitude % PicoPerDollar)).ToString("D12").TrimEnd('0');
        return (pico < 0 ? "-$" : "$") + magnitude / PicoPerDollar + (fraction.Length == 0 ? "" : "." + fraction);
    }

    private static Int128? Pico(string? text)
    {
        // A decimal holds 28 digits: 12 after the point leave 16 before it.
        if (text is null || text.Length > 28 || !decimal.TryParse(text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars)
            || decimal.Abs(dollars) > 10_000_000_000m)
        {
            return null;
        }

        var pico = dollars * PicoPerDollar;
        return pico == decimal.Truncate(pico) ? (Int128)pico : null;
    }
}
