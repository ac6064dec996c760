using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

internal sealed partial class ResponsesBody
{
    private readonly List<ChatMessage> _messages = [];
    private readonly HashSet<string> _opaqueCalls = [];
    private List<ChatPart>? _openParts;
    private ChatRole _openRole;

    private void ReadInput()
    {
        if (Text("instructions") is { Length: > 0 } instructions)
        {
            _messages.Add(new ChatMessage(ChatRole.System, [new TextPart(instructions)]));
        }

        switch (body.Find("input"))
        {
            case { ValueKind: JsonValueKind.String } text:
                Add(ChatRole.User, [new TextPart(text.ReadText())]);
                break;
            case { ValueKind: JsonValueKind.Array } items:
                var index = 0;
                foreach (var item in items.EnumerateArray())
                {
                    ReadItem(item, $"input[{index++}]");
                }

                break;
            case null:
                if (body.Find("previous_response_id") is null && body.Find("conversation") is null
                    && body.Find("prompt") is null)
                {
                    Refuse("'input' is missing.", "input", "missing_required_parameter");
                }

                break;
            default:
                RefuseType("input", "a string or an array of items");
                break;
        }
    }

    private void ReadItem(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            RefuseType(path, "an object");
            return;
        }

        switch (item.FindText("type") ?? (item.Find("role") is null ? null : "message"))
        {
            case "message":
                ReadMessage(item, path);
                break;
            case "reasoning":
                ReadReasoning(item);
                break;
            case "function_call":
                Join(ChatRole.Assistant, new ToolCallPart(
                    CallId(item, path), NameOf(item), ArgumentsOf(item.Find("arguments"))));
                break;
            case "custom_tool_call":
                Join(ChatRole.Assistant, new ToolCallPart(
                    CallId(item, path), NameOf(item), item.FindText("input") ?? "", IsCustom: true));
                break;
            case "function_call_output" when _opaqueCalls.Contains(item.FindText("call_id") ?? ""):
                // It goes with its call, or a host would see a result of nothing.
                Join(ChatRole.User, new OpaquePart(Dialect.OpenAiResponses, item));
                break;
            case "function_call_output" or "custom_tool_call_output":
                Join(ChatRole.User, new ToolResultPart(
                    CallId(item, path), ReadContent(item.Find("output"), $"{path}.output")));
                break;
            case "additional_tools":
                break;
            case { } type:
                _opaqueCalls.Add(item.FindText("call_id") ?? "");
                Join(
                    type.EndsWith("_output", StringComparison.Ordinal) || type == "mcp_approval_response"
                        ? ChatRole.User : ChatRole.Assistant,
                    new OpaquePart(Dialect.OpenAiResponses, item));
                break;
            case null when item.FindText("id") is not null:
                // A reference may leave its type out.
                Join(ChatRole.Assistant, new OpaquePart(Dialect.OpenAiResponses, item));
                break;
            default:
                Refuse($"'{path}.type' is missing.", $"{path}.type", "missing_required_parameter");
                break;
        }
    }

    private void ReadMessage(JsonElement item, string path)
    {
        ChatRole? role = item.FindText("role") switch
        {
            "user" => ChatRole.User,
            "assistant" => ChatRole.Assistant,
            "system" => ChatRole.System,
            "developer" => ChatRole.Developer,
            _ => null,
        };
        if (role is null)
        {
            Refuse($"'{path}.role' must be user, assistant, system or developer.", $"{path}.role");
            return;
        }

        var parts = ReadContent(item.Find("content"), $"{path}.content");
        if (role != ChatRole.Assistant)
        {
            Add(role.Value, parts);
            return;
        }

        foreach (var part in parts)
        {
            Join(ChatRole.Assistant, part);
        }
    }

    /// <summary>A message of its own.</summary>
    private void Add(ChatRole role, List<ChatPart> parts)
    {
        _messages.Add(new ChatMessage(role, parts));
        _openParts = null;
    }

    /// <summary>Neighbouring items of the assistant are one turn, and so are neighbouring results.</summary>
    private void Join(ChatRole role, ChatPart part)
    {
        if (_openParts is null || _openRole != role)
        {
            (_openParts, _openRole) = ([], role);
            _messages.Add(new ChatMessage(role, _openParts));
        }

        _openParts.Add(part);
    }

    private void ReadReasoning(JsonElement item)
    {
        var texts = item.List("summary").Select(part => part.FindText("text")).OfType<string>().ToList();
        if (texts.Count == 0)
        {
            texts = [.. item.List("content").Select(part => part.FindText("text")).OfType<string>()];
        }

        var seal = item.FindText("encrypted_content") is { Length: > 0 } sealedText ? Seal.Parse(sealedText) : null;
        if (seal is { Minter: null })
        {
            seal = seal with { ItemId = item.FindText("id") };
        }

        if (seal is not null || texts.Count > 0)
        {
            Join(ChatRole.Assistant, new ReasoningPart(string.Join("\n\n", texts), seal));
        }
    }

    private string CallId(JsonElement item, string path)
    {
        if (item.FindText("call_id") is { Length: > 0 } id)
        {
            return id;
        }

        Refuse($"'{path}.call_id' is missing.", $"{path}.call_id", "missing_required_parameter");
        return "";
    }

    // Some clients send the arguments as the object that they parsed.
    private static string ArgumentsOf(JsonElement? arguments) => arguments switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.ReadText(),
        { } other => other.ToRaw(),
    };

    private List<ChatPart> ReadContent(JsonElement? content, string path)
    {
        switch (content)
        {
            case null:
                return [];
            case { ValueKind: JsonValueKind.String } text:
                return [new TextPart(text.ReadText())];
            case { ValueKind: JsonValueKind.Array } parts:
                var read = new List<ChatPart>();
                var index = 0;
                foreach (var part in parts.EnumerateArray())
                {
                    if (ReadPart(part, $"{path}[{index++}]") is { } one)
                    {
                        read.Add(one);
                    }
                }

                return read;
            default:
                RefuseType(path, "a string or an array of parts");
                return [];
        }
    }

    private ChatPart? ReadPart(JsonElement part, string path)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            return new TextPart(part.ReadText());
        }

        switch (part.FindText("type"))
        {
            case "input_text" or "output_text" or "text":
                var annotations = part.Find("annotations") is { ValueKind: JsonValueKind.Array } array
                    && array.GetArrayLength() > 0 ? array : default(JsonElement?);
                return part.FindText("text") is { } text
                    ? new TextPart(text, annotations)
                    : Refuse<TextPart>($"'{path}.text' must be a string.", $"{path}.text", "invalid_type");
            case "refusal":
                return new RefusalPart(part.FindText("refusal") ?? "");
            case "input_image":
                return ReadImage(part, path);
            case "input_file":
                return ReadFile(part, path);
            case "input_audio" when part.Find("input_audio") is { } audio:
                var format = audio.FindText("format") ?? "wav";
                return new AudioPart(new InlineMedia($"audio/{format}", audio.FindText("data") ?? ""), format);
            case null:
                return Refuse<ChatPart>($"'{path}.type' is missing.", $"{path}.type", "missing_required_parameter");
            default:
                return new OpaquePart(Dialect.OpenAiResponses, part);
        }
    }

    private ImagePart? ReadImage(JsonElement part, string path)
    {
        var url = part.FindText("image_url") ?? part.Find("image_url")?.FindText("url");
        MediaSource? source = url is not null ? DataUri.Read(url)
            : part.FindText("file_id") is { } id ? new HostedMedia(id)
            : null;
        return source is null
            ? Refuse<ImagePart>($"'{path}.image_url' is missing.", $"{path}.image_url", "missing_required_parameter")
            : new ImagePart(source, part.FindText("detail"));
    }

    private FilePart? ReadFile(JsonElement part, string path)
    {
        var name = part.FindText("filename");
        MediaSource? source = part.FindText("file_data") is { } data ? ReadFileData(data, name)
            : part.FindText("file_url") is { } url ? new RemoteMedia(url)
            : part.FindText("file_id") is { } id ? new HostedMedia(id)
            : null;
        return source is null
            ? Refuse<FilePart>($"'{path}.file_data' is missing.", $"{path}.file_data", "missing_required_parameter")
            : new FilePart(source, name);
    }

    // A data URI, or at some hosts base64 alone.
    private static MediaSource ReadFileData(string data, string? name) =>
        data.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? DataUri.Read(data)
            : new InlineMedia(DataUri.TypeOf(name) ?? "application/pdf", data);
}
