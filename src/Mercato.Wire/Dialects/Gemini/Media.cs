using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>Pictures, sound and documents as <c>inlineData</c> or <c>fileData</c>.</summary>
internal static class Media
{
    private static readonly string[] OwnFiles = ["https://generativelanguage.googleapis.com/", "gs://"];

    /// <summary>Writes the members of the part; null for what Gemini can't take, such as a file at another
    /// host.</summary>
    public static Action<Utf8JsonWriter>? Find(ChatPart part) => part switch
    {
        ImagePart image => Find(image.Source, "image/jpeg"),
        AudioPart audio => Find(audio.Source, "audio/" + audio.Format),
        FilePart file => Find(file.Source, "application/pdf"),
        _ => null,
    };

    private static Action<Utf8JsonWriter>? Find(MediaSource source, string usual) => source switch
    {
        InlineMedia { MediaType.Length: > 0 } media => Inline(media.MediaType, media.Base64),
        InlineMedia media => Inline(usual, media.Base64),
        RemoteMedia media => Remote(media.Url, media.MediaType ?? TypeOf(media.Url) ?? usual),
        HostedMedia media when OwnFiles.Any(own => media.Id.StartsWith(own, StringComparison.Ordinal)) =>
            Remote(media.Id, null),
        _ => null,
    };

    private static Action<Utf8JsonWriter> Inline(string type, string base64) => json =>
    {
        json.WriteStartObject("inlineData");
        json.WriteString("mimeType", type);
        json.WriteString("data", base64);
        json.WriteEndObject();
    };

    private static Action<Utf8JsonWriter> Remote(string url, string? type) => json =>
    {
        json.WriteStartObject("fileData");
        json.WriteTextIfAny("mimeType", type);
        json.WriteString("fileUri", url);
        json.WriteEndObject();
    };

    private static string? TypeOf(string url)
    {
        var path = url.Split('?', '#')[0];
        return path[(path.LastIndexOf('.') + 1)..].ToLowerInvariant() switch
        {
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "webp" => "image/webp",
            "gif" => "image/gif",
            "heic" => "image/heic",
            "pdf" => "application/pdf",
            "txt" => "text/plain",
            "mp3" => "audio/mp3",
            "wav" => "audio/wav",
            "mp4" => "video/mp4",
            _ => null,
        };
    }
}
