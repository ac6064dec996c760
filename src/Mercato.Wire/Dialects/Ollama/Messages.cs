using System.Text.Json;

namespace Mercato.Wire.Dialects.Ollama;

/// <summary>The conversation as <c>messages</c>. A message is one text and then its pictures, so that a text behind a
/// picture begins another message, as in Ollama's own OpenAI layer.</summary>
internal sealed class Messages(Utf8JsonWriter json, ChatRequest chat, DroppedMembers dropped)
{
    private readonly Dictionary<string, string> _names = [];

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
                    foreach (var result in message.Parts.OfType<ToolResultPart>())
                    {
                        WriteResult(result);
                    }

                    WriteParts("user", message.Parts.Where(part => part is not ToolResultPart));
                    break;
                default:
                    WriteParts("system", message.Parts);
                    break;
            }
        }

        json.WriteEndArray();
    }

    private void WriteAssistant(IReadOnlyList<ChatPart> parts)
    {
        var calls = parts.OfType<ToolCallPart>().ToList();
        var (text, thought) = (Turns.TextOf(parts), Turns.OpenThought(parts));
        dropped.AddIf(
            parts.Any(part => part is not (ToolCallPart or ReasoningPart) && Turns.WordsOf(part) is null), "messages");
        if (calls.Count == 0 && text.Length == 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role", "assistant");
        json.WriteString("content", text);
        json.WriteTextIfAny("thinking", thought.Length > 0 ? thought : null);
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls");
            calls.ForEach(WriteCall);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call)
    {
        _names[call.Id] = call.Name;
        json.WriteStartObject();
        json.WriteString("id", call.Id);
        json.WriteStartObject("function");
        json.WriteString("name", call.Name);
        json.WriteRaw("arguments", call.ToObject());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        var others = result.Parts.Where(part => Turns.WordsOf(part) is null).ToList();
        dropped.AddIf(others.Exists(part => PictureOf(part) is null), "messages");
        json.WriteStartObject();
        json.WriteString("role", "tool");
        json.WriteString("content", Turns.TextOf(Turns.Told(result)));
        json.WriteTexts("images", [.. others.Select(PictureOf).OfType<string>()]);
        json.WriteTextIfAny("tool_name", result.Name ?? _names.GetValueOrDefault(result.CallId));
        json.WriteString("tool_call_id", result.CallId);
        json.WriteEndObject();
    }

    private void WriteParts(string role, IEnumerable<ChatPart> parts)
    {
        var texts = new List<ChatPart>();
        var pictures = new List<string>();
        foreach (var part in parts)
        {
            if (Turns.WordsOf(part) is { } text)
            {
                if (pictures.Count > 0 && text.Length > 0)
                {
                    WriteMessage(role, texts, pictures);
                }

                texts.Add(part);
            }
            else if (PictureOf(part) is { } picture)
            {
                pictures.Add(picture);
            }
            else
            {
                dropped.Add("messages");
            }
        }

        WriteMessage(role, texts, pictures);
    }

    private void WriteMessage(string role, List<ChatPart> texts, List<string> pictures)
    {
        var text = Turns.TextOf(texts);
        if (text.Length > 0 || pictures.Count > 0)
        {
            json.WriteStartObject();
            json.WriteString("role", role);
            json.WriteString("content", text);
            json.WriteTexts("images", pictures);
            json.WriteEndObject();
        }

        texts.Clear();
        pictures.Clear();
    }

    // The host reads no addresses.
    private static string? PictureOf(ChatPart part) =>
        part is ImagePart { Source: InlineMedia media } ? media.Base64 : null;
}
