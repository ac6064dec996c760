namespace Mercato.Wire;

/// <summary>What a JSON number is, seen as a count of things.</summary>
public enum CountShape
{
    /// <summary>A whole number in [0, 2^31), however it is spelled (<c>10</c>, <c>10.0</c>, <c>1e1</c>).</summary>
    Whole,
    /// <summary>Below zero.</summary>
    Negative,
    /// <summary>Not a whole number.</summary>
    Fraction,
    /// <summary>2^31 or more.</summary>
    Huge,
    /// <summary>Not a JSON number at all.</summary>
    NotNumber
}

/// <summary>
/// Reads counts from the bytes of a JSON number without passing through a floating-point or unsigned type: a double
/// takes 1e309 as Infinity and loses the last digit of 2^53+1, both in silence.
/// </summary>
public static class JsonCount
{
    /// <summary>One more than the largest count that is ever accepted: 2^31.</summary>
    public const long Limit = 1L << 31;

    /// <summary>Reads a JSON number's bytes as a count. Time is linear in the length; nothing is allocated.</summary>
    /// <param name="number">The bytes of the number as they stand in the document.</param>
    /// <param name="value">The count in [0, 2^31), or 0 when the answer is not <see cref="CountShape.Whole"/>.</param>
    public static CountShape Read(ReadOnlySpan<byte> number, out long value)
    {
        value = 0;
        if (!JsonDigits.TryRead(number, out var digits))
        {
            return CountShape.NotNumber;
        }

        if (digits.IsZero)
        {
            return CountShape.Whole;
        }

        if (digits.IsNegative)
        {
            return CountShape.Negative;
        }

        if (digits.Point < digits.Significant)
        {
            return CountShape.Fraction;
        }

        // Ten digits hold 2^31; anything longer is out of range before it is computed.
        if (digits.Point > 10)
        {
            return CountShape.Huge;
        }

        var whole = digits.TakeDigits(number, (int)digits.Point);
        if (whole >= Limit)
        {
            return CountShape.Huge;
        }

        value = whole;
        return CountShape.Whole;
    }
}

/// <summary>
/// A JSON number as 0.d1d2d3... x 10^Point, its significant digits left where they stand in the document.
/// </summary>
internal readonly record struct JsonDigits(bool IsNegative, int First, int Significant, long Point)
{
    private const long ExponentCap = 1_000_000_000;

    public bool IsZero => Significant == 0;

    /// <summary>Finds sign, significant digits and decimal point of a JSON number; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> number, out JsonDigits digits)
    {
        digits = default;
        var negative = number is [(byte)'-', ..];
        var index = negative ? 1 : 0;
        var (integers, seen, first, firstOrdinal, last) = (0L, 0L, -1, 0L, -1);
        var inFraction = false;
        for (; index < number.Length && number[index] is (>= (byte)'0' and <= (byte)'9') or (byte)'.'; index++)
        {
            if (number[index] == '.')
            {
                if (inFraction || seen == 0)
                {
                    return false;
                }

                inFraction = true;
                continue;
            }

            if (number[index] != '0')
            {
                (first, firstOrdinal) = first < 0 ? (index, seen) : (first, firstOrdinal);
                last = index;
            }

            seen++;
            integers += inFraction ? 0 : 1;
        }

        if (seen == 0 || !TryReadExponent(number[index..], out var exponent))
        {
            return false;
        }

        if (first < 0)
        {
            digits = new JsonDigits(negative, 0, 0, 0);
            return true;
        }

        var significant = last - first + 1 - (number[first..last].Contains((byte)'.') ? 1 : 0);
        digits = new JsonDigits(negative, first, significant, integers - firstOrdinal + exponent);
        return true;
    }

    /// <summary>The first <paramref name="count"/> digits as an integer, padded with zeros; count is at most
    /// 18.</summary>
    public long TakeDigits(ReadOnlySpan<byte> number, int count)
    {
        var (value, taken) = (0L, 0);
        for (var index = First; taken < count; taken++)
        {
            var digit = 0;
            if (taken < Significant)
            {
                index += number[index] == '.' ? 1 : 0;
                digit = number[index++] - '0';
            }

            value = value * 10 + digit;
        }

        return value;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> rest, out long exponent)
    {
        exponent = 0;
        if (rest.IsEmpty)
        {
            return true;
        }

        if (rest[0] is not ((byte)'e' or (byte)'E'))
        {
            return false;
        }

        rest = rest[1..];
        var negative = rest is [(byte)'-', ..];
        rest = rest is [(byte)'-' or (byte)'+', ..] ? rest[1..] : rest;
        if (rest.IsEmpty)
        {
            return false;
        }

        foreach (var digit in rest)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            exponent = Math.Min(exponent * 10 + (digit - '0'), ExponentCap);
        }

        exponent = negative ? -exponent : exponent;
        return true;
    }
}
