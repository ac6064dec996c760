using System.Globalization;
using System.Numerics;
using System.Text.Json.Serialization;
using Mercato.Hosting;

namespace Mercato.Ledger;

/// <summary>
/// An amount in signed 64-bit nano-dollars (1e-9 USD; range about 9.2 billion dollars). All arithmetic is checked;
/// there is no conversion to or from a floating-point number.
/// </summary>
/// <param name="Nano">The amount in nano-dollars.</param>
[JsonConverter(typeof(MoneyConverter))]
[WrittenAs("string", Pattern = @"^-?\d+(\.\d{1,9})?$")]
public readonly record struct Money(long Nano) : IComparable<Money>,
    IAdditionOperators<Money, Money, Money>, ISubtractionOperators<Money, Money, Money>
{
    /// <summary>Nano-dollars in a dollar.</summary>
    public const long NanoPerDollar = 1_000_000_000;

    public static Money Zero => default;

    /// <summary>A whole number of dollars.</summary>
    public static Money Dollars(long dollars) => new(checked(dollars * NanoPerDollar));

    public static Money operator +(Money left, Money right) => new(checked(left.Nano + right.Nano));
    public static Money operator -(Money left, Money right) => new(checked(left.Nano - right.Nano));
    public static Money operator -(Money value) => new(checked(-value.Nano));
    public static bool operator <(Money left, Money right) => left.Nano < right.Nano;
    public static bool operator >(Money left, Money right) => left.Nano > right.Nano;
    public static bool operator <=(Money left, Money right) => left.Nano <= right.Nano;
    public static bool operator >=(Money left, Money right) => left.Nano >= right.Nano;

    public static Money Min(Money left, Money right) => left <= right ? left : right;

    public int CompareTo(Money other) => Nano.CompareTo(other.Nano);

    /// <summary>
    /// Reads a decimal amount of dollars such as "12.5" or "-0.000000001". More than nine decimals, exponents, signs
    /// other than a leading minus and anything out of range are refused.
    /// </summary>
    public static bool TryParse(string? text, out Money money)
    {
        money = default;
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (string.IsNullOrEmpty(text) || text.Length > 30 || text[0] == '+'
            || !decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var dollars)
            || decimal.Abs(dollars) > 9_000_000_000m)
        {
            return false;
        }

        var nano = dollars * NanoPerDollar;
        if (nano != decimal.Truncate(nano))
        {
            return false;
        }

        money = new Money((long)nano);
        return true;
    }

    /// <summary>The exact decimal digits in dollars, without trailing zeros: "0.0012", "-3", "0".</summary>
    public override string ToString()
    {
        var magnitude = Int128.Abs(Nano);
        var whole = (magnitude / NanoPerDollar).ToString(CultureInfo.InvariantCulture);
        var fraction = ((long)(magnitude % NanoPerDollar)).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return (Nano < 0 ? "-" : "") + whole + (fraction.Length == 0 ? "" : "." + fraction);
    }
}
