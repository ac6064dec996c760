using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>Writes a conversation as <c>instructions</c> and <c>input</c> items.</summary>
internal sealed class InputItems(Utf8JsonWriter json, ChatRequest chat, string provider, List<string> dropped)
{
    private const int MaxIdLength = 64;

    /// <summary>Calls of custom tools, whose results have an item type of their own.</summary>
    private readonly HashSet<string> _customCalls = [];

    public void Write()
    {
        var messages = chat.Messages;
        var first = 0;
        // Several texts stay apart as an item; a single one stands where hosts look first.
        if (messages is [{ Role: ChatRole.System, Parts: [TextPart text] }, ..])
        {
            json.WriteString("instructions", text.Text);
            first = 1;
        }

        json.WriteStartArray("input");
        for (var index = first; index < messages.Count; index++)
        {
            var message = messages[index];
            if (message.Role == ChatRole.Assistant)
            {
                WriteTurn(message.Parts);
            }
            else
            {
                WriteMessage(message);
            }
        }

        json.WriteEndArray();
    }

    private void WriteMessage(ChatMessage message)
    {
        var role = message.Role switch
        {
            ChatRole.System => "system",
            ChatRole.Developer => "developer",
            _ => "user",
        };
        var content = new List<ChatPart>();
        foreach (var part in message.Parts)
        {
            if (part is ToolResultPart result)
            {
                WriteContent(role, content);
                WriteResult(result);
            }
            else if (part is OpaquePart { Dialect: Dialect.OpenAiResponses } item && !IsContent(item))
            {
                WriteContent(role, content);
                json.WriteRaw(item.Json);
            }
            else
            {
                content.Add(part);
            }
        }

        WriteContent(role, content);
    }

    private void WriteContent(string role, List<ChatPart> content)
    {
        content.RemoveAll(part => part is TextPart { Text.Length: 0 } || !CanWrite(part));
        if (content.Count == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteString("role", role);
        json.WriteStartArray("content");
        foreach (var part in content)
        {
            WritePart(part);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        content.Clear();
    }

    private void WriteTurn(IReadOnlyList<ChatPart> parts)
    {
        var content = new List<ChatPart>();
        for (var index = 0; index < parts.Count; index++)
        {
            switch (parts[index])
            {
                case TextPart or RefusalPart or OpaquePart { Dialect: Dialect.OpenAiResponses } when IsText(parts[index]):
                    content.Add(parts[index]);
                    continue;
                case ReasoningPart reasoning:
                    // A host refuses reasoning without the item that came of it.
                    if (reasoning.Seal is { } seal && seal.IsOf(provider) && IsFollowed(parts, index))
                    {
                        WriteSpoken(content);
                        WriteReasoning(reasoning.Text, seal);
                    }

                    continue;
                case ToolCallPart call:
                    WriteSpoken(content);
                    WriteCall(call);
                    continue;
                case OpaquePart { Dialect: Dialect.OpenAiResponses } item:
                    WriteSpoken(content);
                    json.WriteRaw(item.Json);
                    continue;
                default:
                    dropped.Add("messages");
                    continue;
            }
        }

        WriteSpoken(content);
    }

    private static bool IsText(ChatPart part) => part is not OpaquePart opaque || IsContent(opaque);

    private static bool IsFollowed(IReadOnlyList<ChatPart> parts, int index) => parts.Skip(index + 1).Any(
        part => part is ToolCallPart or TextPart { Text.Length: > 0 } or RefusalPart);

    private void WriteSpoken(List<ChatPart> content)
    {
        content.RemoveAll(part => part is TextPart { Text.Length: 0 });
        if (content.Count == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteStartArray("content");
        foreach (var part in content)
        {
            if (part is OpaquePart opaque)
            {
                json.WriteRaw(opaque.Json);
                continue;
            }

            json.WriteStartObject();
            json.WriteString("type", part is RefusalPart ? "refusal" : "output_text");
            json.WriteString(
                part is RefusalPart ? "refusal" : "text",
                part is RefusalPart refusal ? refusal.Text : ((TextPart)part).Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        content.Clear();
    }

    private void WriteReasoning(string text, Seal seal)
    {
        json.WriteStartObject();
        json.WriteString("type", "reasoning");
        json.WriteTextIfAny("id", seal.ItemId);
        json.WriteStartArray("summary");
        if (text.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type", "summary_text");
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("encrypted_content", seal.Value);
        json.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call)
    {
        json.WriteStartObject();
        json.WriteString("type", call.IsCustom ? "custom_tool_call" : "function_call");
        json.WriteString("call_id", IdOf(call.Id));
        json.WriteString("name", call.Name);
        if (call.IsCustom)
        {
            _customCalls.Add(call.Id);
            json.WriteString("input", call.Arguments);
        }
        else
        {
            json.WriteString("arguments", string.IsNullOrWhiteSpace(call.Arguments) ? "{}" : call.Arguments);
        }

        json.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        json.WriteStartObject();
        json.WriteString(
            "type", _customCalls.Contains(result.CallId) ? "custom_tool_call_output" : "function_call_output");
        json.WriteString("call_id", IdOf(result.CallId));
        if (result.Parts.All(part => part is TextPart))
        {
            // Not every host of this dialect knows results in parts.
            json.WriteString("output", string.Concat(result.Parts.Cast<TextPart>().Select(part => part.Text)));
        }
        else
        {
            json.WriteStartArray("output");
            foreach (var part in result.Parts.Where(CanWrite))
            {
                WritePart(part);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private bool CanWrite(ChatPart part)
    {
        if (part is TextPart or RefusalPart or ImagePart or FilePart or AudioPart { Source: InlineMedia }
            or OpaquePart { Dialect: Dialect.OpenAiResponses })
        {
            return true;
        }

        dropped.Add("messages");
        return false;
    }

    private void WritePart(ChatPart part)
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
                WriteSource(image.Source, "image_url", "image_url");
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

                WriteSource(file.Source, "file_data", "file_url");
                break;
        }

        json.WriteEndObject();
    }

    private void WriteSource(MediaSource source, string inlineName, string urlName)
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

    /// <summary>Whether it is a part of a message, not an item of its own.</summary>
    private static bool IsContent(OpaquePart part) =>
        part.Json.FindText("type")?.StartsWith("input_", StringComparison.Ordinal) ?? false;

    private static string IdOf(string id) => id.Length <= MaxIdLength
        ? id
        : "call_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 20));
}
