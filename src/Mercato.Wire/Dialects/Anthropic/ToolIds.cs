using System.Security.Cryptography;
using System.Text;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Ids of tool calls, which in this dialect are letters, digits, <c>_</c> and <c>-</c>.</summary>
internal static class ToolIds
{
    private const string Prefix = "toolu_";

    /// <summary>The id itself where it is allowed; otherwise one made from it, always the same.</summary>
    public static string Of(string id) =>
        id.Length > 0 && id.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '_' or '-')
            ? id
            : Prefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..24];

    /// <summary>As <see cref="Of"/>, and not among those taken, to which it is added.</summary>
    public static string NewOf(string id, HashSet<string> taken)
    {
        var allowed = Of(id);
        var unique = allowed;
        // After a hundred alike it leaps: a conversation of nothing but one id would count up for ever.
        for (var number = 2; !taken.Add(unique); number += number < 100 ? 1 : taken.Count)
        {
            unique = $"{allowed}_{number}";
        }

        return unique;
    }
}
