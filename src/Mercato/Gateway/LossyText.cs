using System.Text.Json;

namespace Mercato.Gateway;

/// <summary>Strings of JSON that may hold half a surrogate pair: hosts do split an emoji over two chunks.</summary>
public static class LossyText
{
    /// <summary>The string, with U+FFFD in place of the whole when it cannot be decoded.</summary>
    public static string ReadText(this JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
