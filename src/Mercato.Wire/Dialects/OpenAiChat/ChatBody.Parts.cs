using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class ChatBody
{
    private static readonly (string Base64, string Type)[] Beginnings =
    [
        ("iVBOR", "image/png"), ("/9j/", "image/jpeg"), ("R0lG", "image/gif"), ("UklGR", "image/webp"),
        ("JVBER", "application/pdf"),
    ];

    private List<ChatPart> ReadContent(JsonElement content, string path)
    {
        var parts = new List<ChatPart>();
        switch (content.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null:
                break;
            case JsonValueKind.String:
                AddText(content.ReadText(), null, parts);
                break;
            case JsonValueKind.Array:
                foreach (var (index, part) in content.EnumerateArray().Index())
                {
                    ReadPart(part, $"{path}[{index}]", parts);
                }

                break;
            default:
                RefuseType(path, "a string or an array of parts");
                break;
        }

        return parts;
    }

    private void ReadPart(JsonElement part, string path, List<ChatPart> parts)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            AddText(part.ReadText(), null, parts);
            return;
        }

        var type = part.FindText("type") ?? TypeOf(part);
        var hint = CacheHintOf(part);
        switch (type)
        {
            case "text" or "input_text" or "output_text":
                if (part.FindText("text") is { } text)
                {
                    AddText(text, hint, parts);
                }
                else
                {
                    RefuseMissing(path + ".text");
                }

                break;
            case "refusal":
                parts.Add(new RefusalPart(part.FindText("refusal") ?? ""));
                break;
            default:
                if ((ReadMedia(type, part, path) ?? ReadForeign(type, part, path)) is { } read)
                {
                    parts.Add(read with { CacheHint = hint });
                }
                else
                {
                    Refuse(path + ".type", $"is '{type}', which this model's host has no word for", "invalid_value");
                }

                break;
        }
    }

    private static void AddText(string text, string? hint, List<ChatPart> parts)
    {
        if (text.Length > 0)
        {
            parts.Add(new TextPart(text) { CacheHint = hint });
        }
    }

    private static string? TypeOf(JsonElement part)
    {
        foreach (var name in (ReadOnlySpan<string>)["text", "image_url", "input_audio", "file"])
        {
            if (part.Find(name) is not null)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Pictures, sound and documents, of this dialect and of Responses. A payload that is missing or no text
    /// is refused, and stands as an empty address.</summary>
    private ChatPart? ReadMedia(string? type, JsonElement part, string path)
    {
        var inner = type is null ? null : part.Find(type);
        switch (type)
        {
            case "image_url":
                return new ImagePart(
                    ReadAddress(Payload(inner, "url", $"{path}.image_url"), "image/png"), inner?.FindText("detail"));
            case "input_image" when part.FindText("file_id") is { } id:
                return new ImagePart(new HostedMedia(id), part.FindText("detail"));
            case "input_image":
                return new ImagePart(
                    ReadAddress(Payload(part.Find("image_url"), "url", $"{path}.image_url"), "image/png"),
                    part.FindText("detail"));
            case "input_audio":
                var format = inner?.FindText("format") ?? "wav";
                return new AudioPart(
                    ReadAddress(Payload(inner, "data", $"{path}.input_audio"), "audio/" + format), format);
            case "file":
                return ReadFile(inner ?? default, path + ".file");
            case "input_file":
                return ReadFile(part, path);
            case "document_url":
                return new FilePart(
                    ReadAddress(Payload(inner, "url", $"{path}.document_url"), "application/pdf"),
                    part.FindText("document_name"));
            case "video_url":
                var source = ReadAddress(Payload(inner, "url", $"{path}.video_url"), "video/mp4");
                return new FilePart(source is RemoteMedia video ? video with { MediaType = "video/mp4" } : source);
            default:
                return null;
        }
    }

    private FilePart ReadFile(JsonElement file, string path)
    {
        var name = file.FindText("filename");
        if (file.FindText("file_id") is { } id)
        {
            return new FilePart(new HostedMedia(id), name);
        }

        var payload = file.FindText("file_data") ?? file.FindText("file_url");
        if (payload is null)
        {
            RefuseMissing(path + ".file_data");
        }

        return new FilePart(ReadAddress(payload ?? "", "application/pdf"), name);
    }

    // An address, or the bare base64 that some callers send; its first letters tell what it is.
    private static MediaSource ReadAddress(string text, string fallbackType)
    {
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || text.Contains("://", StringComparison.Ordinal))
        {
            return DataUri.Read(text);
        }

        var type = Beginnings.FirstOrDefault(one => text.StartsWith(one.Base64, StringComparison.Ordinal)).Type;
        return new InlineMedia(type ?? fallbackType, text);
    }

    // A string, or an object that holds it.
    private string Payload(JsonElement? value, string name, string path)
    {
        var text = value is { ValueKind: JsonValueKind.String } plain ? plain.ReadText() : value?.FindText(name);
        if (text is null)
        {
            RefuseType(path, $"a string or an object with '{name}'");
        }

        return text ?? "";
    }

    /// <summary>Blocks of Anthropic's dialect, which some clients leave in a history that they send here.</summary>
    private ChatPart? ReadForeign(string? type, JsonElement part, string path)
    {
        switch (type)
        {
            case "tool_use" when part.FindText("name") is { Length: > 0 } name:
                return OpenCall(new ToolCallPart(
                    part.FindText("id") ?? "", name, part.Find("input")?.ToRaw() ?? ""));
            case "tool_result" when part.FindText("tool_use_id") is { } id:
                return CloseCall(new ToolResultPart(
                    id, ReadContent(part.Find("content") ?? default, path + ".content"),
                    part.FindFlag("is_error") == true));
            case "thinking":
                return ReadThinking(part);
            case "redacted_thinking" when part.FindText("data") is { Length: > 0 } data:
                return new ReasoningPart("", Seal.Parse(data, isRedacted: true));
            case "image" when part.Find("source") is { } source:
                return new ImagePart(ReadSource(source, "image/png", path + ".source"));
            case "document" when part.Find("source") is { } source:
                return new FilePart(
                    ReadSource(source, "application/pdf", path + ".source"), part.FindText("title"),
                    part.Find("citations")?.FindFlag("enabled") == true);
            default:
                return null;
        }
    }

    // Mistral keeps an array of text parts where Anthropic has a string.
    private static ReasoningPart ReadThinking(JsonElement part)
    {
        var text = part.FindText("thinking")
            ?? string.Concat(part.List("thinking").Select(piece => piece.FindText("text")));
        return new ReasoningPart(
            text, part.FindText("signature") is { Length: > 0 } signature ? Seal.Parse(signature) : null);
    }

    private MediaSource ReadSource(JsonElement source, string fallbackType, string path)
    {
        var type = source.FindText("media_type");
        switch (source.FindText("type"))
        {
            case "base64" when source.FindText("data") is { } data:
                return new InlineMedia(type ?? fallbackType, data);
            case "text" when source.FindText("data") is { } text:
                return new InlineText(text);
            case "url" when source.FindText("url") is { } url:
                return new RemoteMedia(url, type);
            case "file" when source.FindText("file_id") is { } id:
                return new HostedMedia(id);
            default:
                Refuse(path, "must be a base64, text, url or file source", "invalid_value");
                return new HostedMedia("");
        }
    }
}
