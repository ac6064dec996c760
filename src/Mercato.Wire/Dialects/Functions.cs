using System.Text.Json;

namespace Mercato.Wire.Dialects;

/// <summary>The tools of a request, for hosts that know nothing but functions.</summary>
internal static class Functions
{
    /// <summary>The functions, custom tools among them; tools that only another provider can run are dropped.</summary>
    public static List<FunctionTool> Of(ChatRequest chat, DroppedMembers dropped)
    {
        dropped.AddIf(chat.Tools.Any(tool => tool is OpaqueTool), "tools");
        return [.. chat.Tools.Select(tool => tool is CustomTool custom ? custom.ToFunction() : tool)
            .OfType<FunctionTool>()];
    }

    /// <summary>Writes <c>tools</c> as OpenAI's chat has them, which Cohere and Ollama took over.</summary>
    public static void Write(Utf8JsonWriter json, List<FunctionTool> functions)
    {
        json.WriteStartArray("tools");
        foreach (var function in functions)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", function.Name);
            json.WriteTextIfAny("description", function.Description);
            if (function.Parameters is { } parameters)
            {
                json.WriteRaw("parameters", parameters);
            }
            else
            {
                json.WriteRaw("parameters", """{"type":"object","properties":{}}"""u8);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
