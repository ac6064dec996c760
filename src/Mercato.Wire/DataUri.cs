namespace Mercato.Wire;

/// <summary>Addresses that hold the media themselves: <c>data:image/png;base64,...</c>.</summary>
internal static class DataUri
{
    /// <summary>The media inside, or the address itself when it has none in base64.</summary>
    public static MediaSource Read(string url)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return new RemoteMedia(url);
        }

        var head = url["data:".Length..comma].Split(';');
        return head.Contains("base64", StringComparer.OrdinalIgnoreCase)
            ? new InlineMedia(head[0].Length == 0 ? "application/octet-stream" : head[0], url[(comma + 1)..])
            : new RemoteMedia(url);
    }

    /// <summary>Media as such an address.</summary>
    public static string Write(InlineMedia media) => $"data:{media.MediaType};base64,{media.Base64}";

    /// <summary>The media type that a file's name tells; null when it tells none.</summary>
    public static string? TypeOf(string? fileName) => Path.GetExtension(fileName)?.ToLowerInvariant() switch
    {
        ".pdf" => "application/pdf",
        ".txt" or ".md" => "text/plain",
        ".csv" => "text/csv",
        ".json" => "application/json",
        ".html" => "text/html",
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        _ => null,
    };
}
