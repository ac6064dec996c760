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
            InputParts.Write(json, part);
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
        var told = Turns.Told(result);
        if (told.All(part => part is TextPart))
        {
            // Not every host of this dialect knows results in parts.
            json.WriteString("output", string.Concat(told.Cast<TextPart>().Select(part => part.Text)));
        }
        else
        {
            json.WriteStartArray("output");
            foreach (var part in result.Parts.Where(CanWrite))
            {
                InputParts.Write(json, part);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private bool CanWrite(ChatPart part)
    {
        if (InputParts.CanWrite(part))
        {
            return true;
        }

        dropped.Add("messages");
        return false;
    }

    /// <summary>Whether it is a part of a message, not an item of its own.</summary>
    private static bool IsContent(OpaquePart part) =>
        part.Json.FindText("type")?.StartsWith("input_", StringComparison.Ordinal) ?? false;

    private static string IdOf(string id) => id.Length <= MaxIdLength
        ? id
        : "call_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 20));
}
