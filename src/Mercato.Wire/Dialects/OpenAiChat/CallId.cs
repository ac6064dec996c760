using System.Security.Cryptography;
using System.Text;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Ids of tool calls. A changed id is a hash of the old one, so that the call and its result, in this request
/// and in later ones, change alike.</summary>
internal static class CallId
{
    private const int MaxLength = 40;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>A new id.</summary>
    public static string Mint() => $"call_{Guid.NewGuid():N}";

    /// <summary>The id, or a hash where it is longer than the dialect allows.</summary>
    public static string Fit(string id) =>
        id.Length <= MaxLength ? id : "call_" + Convert.ToHexStringLower(Hash(id).AsSpan(0, 16));

    /// <summary>The id as nine letters and digits, which is what Mistral demands.</summary>
    public static string FitNine(string id)
    {
        if (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit))
        {
            return id;
        }

        var hash = Hash(id);
        return string.Create(9, hash, (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++)
            {
                text[index] = Letters[BitConverter.ToUInt16(bytes, 2 * index) % Letters.Length];
            }
        });
    }

    private static byte[] Hash(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id));
}
