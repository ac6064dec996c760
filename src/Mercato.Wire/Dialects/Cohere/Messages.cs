using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Cohere;

/// <summary>The conversation as <c>messages</c>: results of tools as messages of their own, right behind their
/// calls.</summary>
internal sealed class Messages(Utf8JsonWriter json, ChatRequest chat, DroppedMembers dropped)
{
    private readonly HashSet<string> _calls = [];

    public void Write()
    {
        json.WriteStartArray("messages");
        foreach (var message in Turns.Of(TextFiles.Open(chat)))
        {
            switch (message.Role)
            {
                case ChatRole.Assistant:
                    WriteAssistant(message.Parts);
                    break;
                case ChatRole.User:
                    WriteUser(message.Parts);
                    break;
                default:
                    WriteSystem(message.Parts);
                    break;
            }
        }

        json.WriteEndArray();
    }

    private void WriteSystem(IReadOnlyList<ChatPart> parts)
    {
        dropped.AddIf(parts.Any(part => Turns.WordsOf(part) is null), "messages");
        if (Turns.TextOf(parts) is { Length: > 0 } text)
        {
            json.WriteStartObject();
            json.WriteString("role", "system");
            json.WriteString("content", text);
            json.WriteEndObject();
        }
    }

    private void WriteAssistant(IReadOnlyList<ChatPart> parts)
    {
        var calls = parts.OfType<ToolCallPart>().ToList();
        var text = Turns.TextOf(parts);
        dropped.AddIf(
            parts.Any(part => part is not (ToolCallPart or ReasoningPart) && Turns.WordsOf(part) is null), "messages");
        if (calls.Count == 0 && text.Length == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", "assistant");
        if (text.Length > 0)
        {
            json.WriteString("content", text);
        }

        if (calls.Count > 0)
        {
            // The host keeps its plan for the tools beside the calls.
            var plan = Turns.OpenThought(parts);
            json.WriteTextIfAny("tool_plan", plan.Length > 0 ? plan : null);
            json.WriteStartArray("tool_calls");
            calls.ForEach(WriteCall);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call)
    {
        _calls.Add(call.Id);
        json.WriteStartObject();
        json.WriteString("id", call.Id);
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", call.Name);
        json.WriteString("arguments", Encoding.UTF8.GetString(call.ToObject()));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // A result is text only; its pictures are shown by the user, behind all results of the turn.
    private void WriteUser(IReadOnlyList<ChatPart> parts)
    {
        var shown = new List<ChatPart>();
        foreach (var result in parts.OfType<ToolResultPart>())
        {
            if (!_calls.Contains(result.CallId))
            {
                // The answer to a call that isn't there would be refused; as the user's words it is heard.
                shown.AddRange(result.Parts);
                continue;
            }

            json.WriteStartObject();
            json.WriteString("role", "tool");
            json.WriteString("tool_call_id", result.CallId);
            json.WriteString("content", Turns.TextOf(Turns.Told(result)));
            json.WriteEndObject();
            shown.AddRange(result.Parts.Where(part => Turns.WordsOf(part) is null));
        }

        shown.AddRange(parts.Where(part => part is not ToolResultPart));
        dropped.AddIf(shown.Any(part => Turns.WordsOf(part) is null && AddressOf(part) is null), "messages");
        shown.RemoveAll(part => Turns.WordsOf(part) is null or "" && AddressOf(part) is null);
        if (shown.Count == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", "user");
        if (shown.TrueForAll(part => Turns.WordsOf(part) is not null))
        {
            json.WriteString("content", Turns.TextOf(shown));
        }
        else
        {
            json.WriteStartArray("content");
            shown.ForEach(WritePart);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WritePart(ChatPart part)
    {
        json.WriteStartObject();
        if (Turns.WordsOf(part) is { } text)
        {
            json.WriteString("type", "text");
            json.WriteString("text", text);
        }
        else
        {
            json.WriteString("type", "image_url");
            json.WriteStartObject("image_url");
            json.WriteString("url", AddressOf(part));
            json.WriteTextIfAny("detail", ((ImagePart)part).Detail);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string? AddressOf(ChatPart part) => part is not ImagePart image ? null : image.Source switch
    {
        InlineMedia media => $"data:{media.MediaType};base64,{media.Base64}",
        RemoteMedia media => media.Url,
        _ => null,
    };
}
