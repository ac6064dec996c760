using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>Writes the parts of messages and of tools' results.</summary>
internal static class InputParts
{
    /// <summary>Whether the dialect has a place for the part.</summary>
    public static bool CanWrite(ChatPart part) => part is TextPart or RefusalPart or ImagePart or FilePart
        or AudioPart { Source: InlineMedia } or OpaquePart { Dialect: Dialect.OpenAiResponses };

    public static void Write(Utf8JsonWriter json, ChatPart part)
    {
        if (part is OpaquePart opaque)
        {
            json.WriteRaw(opaque.Json);
            return;
        }

        json.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                json.WriteString("type", "input_text");
                json.WriteString("text", text.Text);
                break;
            case RefusalPart refusal:
                json.WriteString("type", "input_text");
                json.WriteString("text", refusal.Text);
                break;
            case ImagePart image:
                json.WriteString("type", "input_image");
                WriteSource(json, image.Source, "image_url", "image_url");
                json.WriteString("detail", image.Detail ?? "auto");
                break;
            case AudioPart { Source: InlineMedia media } audio:
                json.WriteString("type", "input_audio");
                json.WriteStartObject("input_audio");
                json.WriteString("data", media.Base64);
                json.WriteString("format", audio.Format);
                json.WriteEndObject();
                break;
            case FilePart { Source: InlineText text }:
                json.WriteString("type", "input_text");
                json.WriteString("text", text.Text);
                break;
            case FilePart file:
                json.WriteString("type", "input_file");
                if (file.Source is InlineMedia inline)
                {
                    // A host takes no data without a name.
                    json.WriteString("filename", file.FileName ?? NameFor(inline.MediaType));
                }

                WriteSource(json, file.Source, "file_data", "file_url");
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, MediaSource source, string inlineName, string urlName)
    {
        switch (source)
        {
            case InlineMedia media:
                json.WriteString(inlineName, DataUri.Write(media));
                break;
            case RemoteMedia remote:
                json.WriteString(urlName, remote.Url);
                break;
            case HostedMedia hosted:
                json.WriteString("file_id", hosted.Id);
                break;
        }
    }

    private static string NameFor(string mediaType) => mediaType switch
    {
        "application/pdf" => "document.pdf",
        "text/plain" => "document.txt",
        _ => "document." + mediaType[(mediaType.LastIndexOf('/') + 1)..],
    };
}
