namespace Mercato.Wire;

/// <summary>
/// What a host minted around its reasoning and wants back unchanged: a signature, an encrypted item, redacted
/// thinking. It is shown to no other host. To callers of another dialect it travels as a token that names its minter,
/// in whatever field that dialect has for such things, so that nothing need be remembered between two requests.
/// </summary>
/// <param name="Minter">The provider's id, such as <c>anthropic</c>; null when the caller sent it bare, so that only
/// its own dialect may be meant.</param>
/// <param name="Value">The host's own bytes as text.</param>
/// <param name="IsRedacted">Whether the value stands for the thought itself, not for a signature on it.</param>
/// <param name="ItemId">The id of the item that it came with; null for none.</param>
public sealed record Seal(string? Minter, string Value, bool IsRedacted = false, string? ItemId = null)
{
    /// <summary>Every token of ours begins like this; no host's own seal does.</summary>
    public const string Mark = "mercato:1:";

    /// <summary>Whether this host minted it.</summary>
    public bool IsOf(string provider) => Minter == provider;

    /// <summary>The seal as one text: <c>mercato:1:kind:minter:item:value</c>; the bare value when nobody knows the
    /// minter.</summary>
    public string ToToken() =>
        Minter is null ? Value : $"{Mark}{(IsRedacted ? 'r' : 's')}:{Minter}:{ItemId}:{Value}";

    /// <summary>Reads a token, or takes the text as a bare value.</summary>
    /// <param name="token">What the caller sent back.</param>
    /// <param name="isRedacted">What a bare value is.</param>
    public static Seal Parse(string token, bool isRedacted = false)
    {
        if (!token.StartsWith(Mark, StringComparison.Ordinal))
        {
            return new Seal(null, token, isRedacted);
        }

        var fields = token[Mark.Length..].Split(':', 4);
        return fields.Length == 4
            ? new Seal(fields[1], fields[3], fields[0] == "r", fields[2].Length == 0 ? null : fields[2])
            : new Seal(null, token, isRedacted);
    }
}
