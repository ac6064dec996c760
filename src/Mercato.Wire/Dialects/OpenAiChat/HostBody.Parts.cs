using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class HostBody
{
    private static bool IsText(ChatPart part) =>
        part is TextPart or RefusalPart or FilePart { Source: InlineText };

    /// <summary>The parts that this dialect has words for; the others are named as dropped.</summary>
    private List<ChatPart> Sayable(IEnumerable<ChatPart> parts)
    {
        var all = parts.ToList();
        var sayable = all.FindAll(part => IsText(part) || part is ImagePart { Source: not InlineText }
            or AudioPart { Source: InlineMedia } or FilePart or OpaquePart { Dialect: Dialect.OpenAiChat });
        _dropped.AddIf(sayable.Count < all.Count, "messages");
        return sayable;
    }

    private void WriteContent(Utf8JsonWriter json, List<ChatPart> parts)
    {
        var texts = parts.Where(IsText).Select(TextOf).ToList();
        if (texts.Count == parts.Count && (texts.Count <= 1 || !_quirks.AcceptsTextParts))
        {
            json.WriteString("content", string.Join("\n", texts));
            return;
        }

        json.WriteStartArray("content");
        foreach (var part in parts)
        {
            WritePart(json, part);
        }

        json.WriteEndArray();
    }

    private static string TextOf(ChatPart part) => part switch
    {
        TextPart text => text.Text,
        RefusalPart refusal => refusal.Text,
        FilePart { Source: InlineText text } file => file.FileName is null ? text.Text : $"{file.FileName}:\n{text.Text}",
        _ => "",
    };

    private void WritePart(Utf8JsonWriter json, ChatPart part)
    {
        switch (part)
        {
            case ImagePart { Source: InlineMedia media } image:
                WriteImage(json, DataUri.Write(media), image.Detail);
                break;
            case ImagePart { Source: RemoteMedia media } image:
                WriteImage(json, media.Url, image.Detail);
                break;
            case ImagePart { Source: HostedMedia hosted }:
                WriteNested(json, "file", "file_id", hosted.Id);
                break;
            case AudioPart { Source: InlineMedia sound } audio:
                WriteNested(json, "input_audio", "data", sound.Base64, "format", audio.Format);
                break;
            case FilePart { Source: InlineMedia media } when media.MediaType.StartsWith("video/", StringComparison.Ordinal):
                WriteNested(json, "video_url", "url", DataUri.Write(media));
                break;
            case FilePart { Source: RemoteMedia { MediaType: { } type } video }
                when type.StartsWith("video/", StringComparison.Ordinal):
                WriteNested(json, "video_url", "url", video.Url);
                break;
            case FilePart { Source: InlineMedia media } file:
                WriteNested(json, "file", "filename", file.FileName ?? "document.pdf", "file_data", DataUri.Write(media));
                break;
            case FilePart { Source: HostedMedia hosted }:
                WriteNested(json, "file", "file_id", hosted.Id);
                break;
            case FilePart { Source: RemoteMedia remote }:
                // The dialect has no addresses for documents; the model can at least be told of it.
                _dropped.Add("messages");
                WriteTextPart(json, $"Document at {remote.Url}");
                break;
            case OpaquePart { Dialect: Dialect.OpenAiChat } opaque:
                json.WriteRaw(opaque.Json);
                break;
            default:
                WriteTextPart(json, TextOf(part));
                break;
        }
    }

    private static void WriteTextPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, string url, string? detail)
    {
        json.WriteStartObject();
        json.WriteString("type", "image_url");
        json.WriteStartObject("image_url");
        json.WriteString("url", url);
        json.WriteTextIfAny("detail", detail);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNested(
        Utf8JsonWriter json, string type, string name, string value, string? secondName = null, string second = "")
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartObject(type);
        json.WriteString(name, value);
        if (secondName is not null)
        {
            json.WriteString(secondName, second);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
