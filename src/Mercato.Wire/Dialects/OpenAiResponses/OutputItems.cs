using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>A call as a caller of this dialect knows its tool.</summary>
/// <param name="Name">The tool's own name.</param>
/// <param name="Namespace">The namespace that it stands in; null for none.</param>
/// <param name="IsCustom">Whether the caller sees free text.</param>
/// <param name="IsWrapped">Whether the host only knew it as a function, so that the text is to be unwrapped.</param>
internal readonly record struct CallKind(string Name, string? Namespace, bool IsCustom, bool IsWrapped)
{
    public static CallKind Of(ChatRequest? request, string name, bool isCustom)
    {
        var tool = request?.Tools.FirstOrDefault(tool => tool switch
        {
            FunctionTool function => function.Name == name,
            CustomTool custom => custom.Name == name,
            _ => false,
        });
        return new(
            tool?.Origin?.Name ?? name, tool?.Origin?.Namespace, isCustom || tool is CustomTool,
            !isCustom && tool is CustomTool);
    }

    /// <summary>What the caller gets of the arguments, once they are whole.</summary>
    public string Finish(string arguments) =>
        IsWrapped ? CustomTools.Unwrap(arguments)
        : IsCustom || !string.IsNullOrWhiteSpace(arguments) ? arguments
        : "{}";
}

/// <summary>Writes output items and their parts.</summary>
internal static class OutputItems
{
    public static void WriteMessage(Utf8JsonWriter json, string id, string status, IEnumerable<byte[]> parts)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", "message");
        json.WriteString("status", status);
        json.WriteString("role", "assistant");
        json.WriteStartArray("content");
        foreach (var part in parts)
        {
            json.WriteRawValue(part, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static byte[] ToPart(string text, bool isRefusal, JsonElement? annotations) => JsonWriting.WriteObject(json =>
    {
        json.WriteString("type", isRefusal ? "refusal" : "output_text");
        if (isRefusal)
        {
            json.WriteString("refusal", text);
            return;
        }

        json.WriteString("text", text);
        if (annotations is { } known)
        {
            json.WriteRaw("annotations", known);
        }
        else
        {
            json.WriteRaw("annotations", "[]"u8);
        }

        json.WriteRaw("logprobs", "[]"u8);
    });

    public static byte[] ToSummary(string text) => JsonWriting.WriteObject(json =>
    {
        json.WriteString("type", "summary_text");
        json.WriteString("text", text);
    });

    public static void WriteReasoning(Utf8JsonWriter json, string id, string text, Seal? seal)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", "reasoning");
        json.WriteStartArray("summary");
        if (text.Length > 0)
        {
            json.WriteRawValue(ToSummary(text), skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteTextIfAny("encrypted_content", seal?.ToToken());
        json.WriteEndObject();
    }

    public static void WriteCall(
        Utf8JsonWriter json, string id, string status, string callId, CallKind kind, string arguments)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("type", kind.IsCustom ? "custom_tool_call" : "function_call");
        json.WriteString("status", status);
        json.WriteString("call_id", callId);
        json.WriteTextIfAny("namespace", kind.Namespace);
        json.WriteString("name", kind.Name);
        json.WriteString(kind.IsCustom ? "input" : "arguments", arguments);
        json.WriteEndObject();
    }
}
