using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Gateway;

/// <summary>Tells from a body alone for which inference endpoint it was written. Chat unless something speaks for
/// another: many bodies are right in both, and mean the same.</summary>
internal static class BodyDialect
{
    private static readonly string[] OfMessages =
        ["system", "stop_sequences", "container", "context_management", "mcp_servers", "output_config"];

    private static readonly string[] BlocksOfMessages =
        ["image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"];

    private static readonly string[] ChoicesOfMessages = ["auto", "any", "tool", "none"];

    public static IClientDialect Of(byte[] body) => JsonMembers.Read(body) switch
    {
        null => OpenAiChatDialect.Instance,
        var members when members.Find("input") is not null => OpenAiResponsesDialect.Instance,
        var members when IsForMessages(members) => AnthropicDialect.Instance,
        _ => OpenAiChatDialect.Instance,
    };

    private static bool IsForMessages(JsonMembers members) =>
        Array.Exists(OfMessages, name => members.Find(name) is not null)
        || Read(members, "tool_choice")?.FindText("type") is { } choice && ChoicesOfMessages.Contains(choice)
        || Items(Read(members, "tools")).Any(tool => tool.Find("input_schema") is not null)
        || Items(Read(members, "messages")).SelectMany(message => message.List("content"))
            .Any(block => block.FindText("type") is { } type && BlocksOfMessages.Contains(type));

    private static JsonElement? Read(JsonMembers members, string name)
    {
        try
        {
            return members.FindValue(name) is { } value ? JsonElement.Parse(value.Span) : null;
        }
        catch (JsonException)
        {
            // Too deep or odd for a look; whoever reads the whole body says what is wrong with it.
            return null;
        }
    }

    private static JsonElement[] Items(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];
}
