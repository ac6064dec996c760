using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

internal sealed partial class RequestBody
{
    private List<ChatMessage> ReadMessages()
    {
        var messages = new List<ChatMessage>();
        ReadSystem(messages);
        if (root.Find("messages") is not { } list)
        {
            Refuse("'messages' is missing.", "messages", "missing_required_parameter");
        }
        else if (list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 0)
        {
            Refuse("'messages' is empty.", "messages", "invalid_value");
        }

        var index = 0;
        foreach (var message in Items(root, "messages"))
        {
            if (ReadMessage(message, $"messages[{index++}]") is { } read)
            {
                messages.Add(read);
            }
        }

        // Caching for the whole request means a cut behind its last block.
        if (CacheHintOf(root) is { } hint && messages is [.., { Parts: [.., var last] } end])
        {
            messages[^1] = end with { Parts = [.. end.Parts.SkipLast(1), last with { CacheHint = hint }] };
        }

        return messages;
    }

    private void ReadSystem(List<ChatMessage> messages)
    {
        if (root.Find("system") is not { } system)
        {
            return;
        }

        var parts = ReadContent(system, "system");
        if (parts.Count > 0)
        {
            messages.Add(new ChatMessage(ChatRole.System, parts));
        }
    }

    private ChatMessage? ReadMessage(JsonElement message, string path)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            RefuseType(path, "an object");
            return null;
        }

        ChatRole? role = RequiredText(message, "role", path + ".role") switch
        {
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "system" => ChatRole.System,
            _ => null,
        };
        if (role is null)
        {
            Refuse($"'{path}.role' must be one of: user, assistant, system.", path + ".role", "invalid_value");
            return null;
        }

        if (message.Find("content") is not { } content)
        {
            Refuse($"'{path}.content' is missing.", path + ".content", "missing_required_parameter");
            return null;
        }

        return new ChatMessage(role.Value, ReadContent(content, path + ".content"));
    }

    private List<ChatPart> ReadContent(JsonElement content, string path)
    {
        var parts = new List<ChatPart>();
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                var text = content.ReadText();
                if (text.Length > 0)
                {
                    parts.Add(new TextPart(text));
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var block in content.EnumerateArray())
                {
                    ReadBlock(block, $"{path}[{index++}]", parts);
                }

                break;
            default:
                RefuseType(path, "a string or an array of blocks");
                break;
        }

        return parts;
    }

    private void ReadBlock(JsonElement block, string path, List<ChatPart> parts)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            RefuseType(path, "an object");
            return;
        }

        var before = parts.Count;
        switch (RequiredText(block, "type", path + ".type"))
        {
            case "text":
                parts.Add(new TextPart(RequiredText(block, "text", path + ".text") ?? "", CitationsOf(block)));
                break;
            case "image":
                ReadImage(block, path, parts);
                break;
            case "document":
                ReadDocument(block, path, parts);
                break;
            case "search_result":
                ReadSearchResult(block, path, parts);
                break;
            case "tool_use":
                parts.Add(new ToolCallPart(
                    RequiredText(block, "id", path + ".id") ?? "", RequiredText(block, "name", path + ".name") ?? "",
                    block.Find("input")?.ToRaw() ?? "{}"));
                break;
            case "tool_result":
                parts.Add(new ToolResultPart(
                    RequiredText(block, "tool_use_id", path + ".tool_use_id") ?? "",
                    block.Find("content") is { } content ? ReadContent(content, path + ".content") : [],
                    Flag(block, "is_error", path + ".is_error") ?? false));
                break;
            case "thinking":
                parts.Add(new ReasoningPart(
                    RequiredText(block, "thinking", path + ".thinking") ?? "",
                    Seals.Read(Text(block, "signature", path + ".signature"), isRedacted: false)));
                break;
            case "redacted_thinking":
                parts.Add(new ReasoningPart(
                    "", Seals.Read(RequiredText(block, "data", path + ".data"), isRedacted: true)));
                break;
            default:
                parts.Add(new OpaquePart(Dialect.Anthropic, block));
                break;
        }

        if (CacheHintOf(block) is { } hint && parts.Count > before)
        {
            parts[^1] = parts[^1] with { CacheHint = hint };
        }
    }

    private static JsonElement? CitationsOf(JsonElement block) =>
        block.Find("citations") is { ValueKind: JsonValueKind.Array } citations && citations.GetArrayLength() > 0
            ? citations
            : null;

    private void ReadImage(JsonElement block, string path, List<ChatPart> parts)
    {
        if (ReadSource(block, path) is { } source)
        {
            parts.Add(new ImagePart(source));
        }
    }

    private void ReadDocument(JsonElement block, string path, List<ChatPart> parts)
    {
        var title = block.FindText("title");
        var wantsCitations = block.Find("citations")?.FindFlag("enabled") ?? false;
        if (block.FindText("context") is { Length: > 0 } context)
        {
            parts.Add(new TextPart(context));
        }

        if (block.Find("source") is { } own && own.FindText("type") == "content" && own.Find("content") is { } content)
        {
            // Its texts are one document; pictures inside have no place in a text.
            var inner = ReadContent(content, path + ".source.content");
            parts.AddRange(inner.Where(part => part is not TextPart));
            parts.Add(new FilePart(new InlineText(TextOf(inner)), title, wantsCitations));
        }
        else if (ReadSource(block, path) is { } source)
        {
            parts.Add(new FilePart(source, title, wantsCitations));
        }
    }

    private void ReadSearchResult(JsonElement block, string path, List<ChatPart> parts)
    {
        var text = block.Find("content") is { } content ? TextOf(ReadContent(content, path + ".content")) : "";
        var where = block.FindText("source") is { Length: > 0 } source ? source + "\n" : "";
        parts.Add(new FilePart(
            new InlineText(where + text), block.FindText("title"),
            block.Find("citations")?.FindFlag("enabled") ?? false));
    }

    private static string TextOf(List<ChatPart> parts) =>
        string.Join('\n', parts.OfType<TextPart>().Select(part => part.Text));

    private MediaSource? ReadSource(JsonElement block, string blockPath)
    {
        var path = blockPath + ".source";
        if (Object(block, "source", path) is not { } source)
        {
            Refuse($"'{path}' is missing.", path, "missing_required_parameter");
            return null;
        }

        switch (RequiredText(source, "type", path + ".type"))
        {
            case "base64":
                var data = RequiredText(source, "data", path + ".data");
                return new InlineMedia(RequiredText(source, "media_type", path + ".media_type") ?? "", data ?? "");
            case "text":
                return new InlineText(RequiredText(source, "data", path + ".data") ?? "");
            case "url":
                return new RemoteMedia(RequiredText(source, "url", path + ".url") ?? "");
            case "file":
                return new HostedMedia(RequiredText(source, "file_id", path + ".file_id") ?? "");
            default:
                Refuse(
                    $"'{path}.type' must be one of: base64, text, url, file, content.", path + ".type",
                    "invalid_value");
                return null;
        }
    }
}
