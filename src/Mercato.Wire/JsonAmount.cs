namespace Mercato.Wire;

/// <summary>Reads amounts of money from the bytes of a JSON number, exactly, as integers of 10^-12 (pico).</summary>
public static class JsonAmount
{
    private const int PicoDigits = 12;

    /// <summary>
    /// Reads a JSON number as pico-units: <c>0.00014175</c> is 141,750,000. Digits beyond the twelfth are rounded up,
    /// so that a provider's cost is never understated. False when it is no number, negative, or 1,000,000 and more.
    /// </summary>
    public static bool TryReadPico(ReadOnlySpan<byte> number, out long pico)
    {
        pico = 0;
        if (!JsonDigits.TryRead(number, out var digits) || (digits.IsNegative && !digits.IsZero))
        {
            return false;
        }

        if (digits.IsZero)
        {
            return true;
        }

        var wanted = digits.Point + PicoDigits;
        if (wanted > 18)
        {
            return false;
        }

        if (wanted < 0)
        {
            pico = 1;
            return true;
        }

        pico = digits.TakeDigits(number, (int)wanted) + (digits.Significant > wanted ? 1 : 0);
        return true;
    }
}
