using System.Text;

namespace Mercato.Wire.Dialects;

/// <summary>Files that are text, for hosts that take no files: their words can be said.</summary>
internal static class TextFiles
{
    /// <summary>The request with the words of its text files in their place.</summary>
    public static ChatRequest Open(ChatRequest chat) =>
        chat.Messages.Any(message => message.Parts.Any(part => part is FilePart or ToolResultPart))
            ? chat with
            {
                Messages = [.. chat.Messages.Select(message => message with { Parts = Open(message.Parts) })],
            }
            : chat;

    public static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
        || type is "application/json" or "application/xml" or "application/yaml" or "application/x-yaml";

    /// <summary>The text; null when it is no base64.</summary>
    public static string? Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var count)
            ? Encoding.UTF8.GetString(bytes.AsSpan(0, count))
            : null;
    }

    private static List<ChatPart> Open(IReadOnlyList<ChatPart> parts) => [.. parts.Select(part => part switch
    {
        FilePart { Source: InlineMedia media } file
            when IsText(media.MediaType) && Decode(media.Base64) is { } text => file with { Source = new InlineText(text) },
        ToolResultPart result => result with { Parts = Open(result.Parts) },
        _ => part,
    })];
}
