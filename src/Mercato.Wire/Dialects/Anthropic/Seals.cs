namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>How seals travel in this dialect: as a thinking block's <c>signature</c> or redacted thinking's
/// <c>data</c>.</summary>
internal static class Seals
{
    /// <summary>
    /// Stands where a thought has no seal. A host of this dialect refuses a thought that it did not sign, so such a
    /// thought must be known for what it is when it comes back.
    /// </summary>
    public static string None { get; } = new Seal("", "").ToToken();

    /// <summary>What a caller sent back; null when the thought never had a seal.</summary>
    public static Seal? Read(string? token, bool isRedacted)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var seal = Seal.Parse(token, isRedacted);
        return seal.Value.Length == 0 ? null : seal;
    }
}
