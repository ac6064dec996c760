using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    private static void WriteTools(Utf8JsonWriter json, ChatRequest chat, List<string> dropped)
    {
        var tools = chat.Tools.Where(tool => tool is not OpaqueTool { Dialect: not Dialect.OpenAiResponses }).ToList();
        if (tools.Count < chat.Tools.Count)
        {
            dropped.Add("tools");
        }

        if (tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            WriteTool(json, tool);
        }

        json.WriteEndArray();
        WriteToolChoice(json, chat);
        if (chat.AllowsParallelCalls is { } allows)
        {
            json.WriteBoolean("parallel_tool_calls", allows);
        }
    }

    private static void WriteTool(Utf8JsonWriter json, ChatTool tool)
    {
        if (tool is OpaqueTool opaque)
        {
            json.WriteRaw(opaque.Json);
            return;
        }

        json.WriteStartObject();
        if (tool is CustomTool custom)
        {
            json.WriteString("type", "custom");
            json.WriteString("name", custom.Name);
            json.WriteTextIfAny("description", custom.Description);
            json.WriteRaw("format", custom.Format);
        }
        else if (tool is FunctionTool function)
        {
            json.WriteString("type", "function");
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

            // Left out it would mean true here, and most schemas are not written for that.
            json.WriteBoolean("strict", function.IsStrict ?? false);
        }

        json.WriteEndObject();
    }

    private static void WriteToolChoice(Utf8JsonWriter json, ChatRequest chat)
    {
        if (chat.ToolChoice is not { } choice)
        {
            return;
        }

        var mode = choice.Kind switch
        {
            ToolChoiceKind.None => "none",
            ToolChoiceKind.Required => "required",
            _ => "auto",
        };
        if (choice is { Kind: ToolChoiceKind.Named, Name: { } name })
        {
            json.WriteStartObject("tool_choice");
            WriteToolName(json, chat, name);
            json.WriteEndObject();
        }
        else if (choice.Allowed is { Count: > 0 } allowed)
        {
            json.WriteStartObject("tool_choice");
            json.WriteString("type", "allowed_tools");
            json.WriteString("mode", mode);
            json.WriteStartArray("tools");
            foreach (var one in allowed)
            {
                json.WriteStartObject();
                WriteToolName(json, chat, one);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("tool_choice", mode);
        }
    }

    private static void WriteToolName(Utf8JsonWriter json, ChatRequest chat, string name)
    {
        var isCustom = chat.Tools.Any(tool => tool is CustomTool custom && custom.Name == name);
        json.WriteString("type", isCustom ? "custom" : "function");
        json.WriteString("name", name);
    }
}
