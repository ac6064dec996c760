using System.Text;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Addresses that carry what they name: <c>data:image/png;base64,...</c>.</summary>
internal static class DataUrl
{
    /// <summary>A picture or file by its address, by a data URL, or as the bare base64 that some callers
    /// send.</summary>
    /// <param name="text">What stands in the request.</param>
    /// <param name="fallbackType">The media type when neither the URL nor the bytes tell it.</param>
    public static MediaSource Read(string text, string fallbackType)
    {
        if (!text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return text.Contains("://", StringComparison.Ordinal)
                ? new RemoteMedia(text)
                : new InlineMedia(TypeOf(text) ?? fallbackType, text);
        }

        var comma = text.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? text[5..] : text[5..comma];
        var payload = comma < 0 ? "" : text[(comma + 1)..];
        var fields = head.Split(';');
        var type = fields[0].Length > 0 ? fields[0] : fallbackType;
        return fields.Contains("base64", StringComparer.OrdinalIgnoreCase)
            ? new InlineMedia(type, payload)
            : new InlineMedia(type, Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(payload))));
    }

    /// <summary>The data URL of inline media.</summary>
    public static string Of(InlineMedia media) => $"data:{media.MediaType};base64,{media.Base64}";

    // The first bytes of a format, in base64.
    private static string? TypeOf(string base64) => base64 switch
    {
        _ when base64.StartsWith("iVBOR", StringComparison.Ordinal) => "image/png",
        _ when base64.StartsWith("/9j/", StringComparison.Ordinal) => "image/jpeg",
        _ when base64.StartsWith("R0lG", StringComparison.Ordinal) => "image/gif",
        _ when base64.StartsWith("UklGR", StringComparison.Ordinal) => "image/webp",
        _ when base64.StartsWith("JVBER", StringComparison.Ordinal) => "application/pdf",
        _ => null,
    };
}
