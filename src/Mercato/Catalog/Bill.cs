using System.Collections.Immutable;
using Mercato.Ledger;

namespace Mercato.Catalog;

/// <summary>One line of a bill. Unit price and amount are decimal dollars with up to 12 places, as text.</summary>
/// <param name="Kind">What was counted (<c>input</c>, <c>cache_read</c>, ...), or <c>rounding</c> for the last
/// line.</param>
/// <param name="Quantity">Tokens, images, requests, seconds, queries or characters.</param>
/// <param name="UnitPrice">USD per unit with the margin inside; rounded to 12 places where it has more.</param>
/// <param name="Amount">USD.</param>
public sealed record LineItem(string Kind, long Quantity, string UnitPrice, string Amount);

/// <summary>What a call costs. The amounts of the items sum to the total exactly.</summary>
/// <param name="Total">Rounded up to the nano-dollar, once.</param>
/// <param name="LineItems">One per kind with a count; a last <c>rounding</c> of less than a nano-dollar when there is
/// any.</param>
/// <param name="PriceVersion">The id of the price version that the call was billed by.</param>
public sealed record Bill(Money Total, ImmutableArray<LineItem> LineItems, string PriceVersion)
{
    private const string Rounding = "rounding";
    private const int PicoPerNano = 1_000;

    /// <summary>
    /// Sums the parts. Each amount is the growth of the running sum, rounded up to the pico-dollar, so the amounts sum
    /// to the exact cost rounded up to the pico-dollar, and what is missing to the total is less than a nano-dollar.
    /// </summary>
    internal static Bill Of(string priceVersion, List<Pricing.Part> parts, long scale, int factor)
    {
        var perPico = (Int128)10_000 * scale;

        var items = ImmutableArray.CreateBuilder<LineItem>();
        Int128 sum = 0, shown = 0;
        foreach (var part in parts)
        {
            var unit = checked(Pricing.Scaled(part.Line, scale) * factor);
            sum = checked(sum + unit * part.Count);
            var upTo = Pricing.CeilingOf(sum, perPico);
            items.Add(new LineItem(
                PriceKinds.NameOf(part.Kind), part.Count, Dollars((unit + perPico / 2) / perPico),
                Dollars(upTo - shown)));
            shown = upTo;
        }

        var total = new Money(checked((long)Pricing.CeilingOf(shown, PicoPerNano)));
        var rest = (Int128)total.Nano * PicoPerNano - shown;
        if (rest > 0)
        {
            items.Add(new LineItem(Rounding, 1, Dollars(rest), Dollars(rest)));
        }

        return new Bill(total, items.ToImmutable(), priceVersion);
    }

    /// <summary>Pico-dollars as decimal dollars without trailing zeros.</summary>
    internal static string Dollars(Int128 pico)
    {
        const long picoPerDollar = 1_000_000_000_000;
        var fraction = ((long)(pico % picoPerDollar)).ToString("D12").TrimEnd('0');
        var whole = (pico / picoPerDollar).ToString();
        return fraction.Length == 0 ? whole : $"{whole}.{fraction}";
    }
}
