using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class HostBody
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}""");

    private void WriteTools(Utf8JsonWriter json)
    {
        var tools = chat.Tools.Where(IsOffered).ToList();
        if (tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        tools.ForEach(tool => WriteTool(json, tool));
        json.WriteEndArray();
        WriteChoice(json);
        if (chat.AllowsParallelCalls is { } isParallel && Takes("parallel_tool_calls"))
        {
            json.WriteBoolean("parallel_tool_calls", isParallel);
        }
    }

    private bool IsOffered(ChatTool tool)
    {
        if (tool is OpaqueTool { Dialect: not Dialect.OpenAiChat })
        {
            _dropped.Add("tools");
            return false;
        }

        // Few hosts know a list of allowed tools; offering only those says the same.
        return NameOf(tool) is not { } name || chat.ToolChoice?.Allowed?.Contains(name) != false;
    }

    private static string? NameOf(ChatTool tool) => tool switch
    {
        FunctionTool function => function.Name,
        CustomTool custom => custom.Name,
        _ => null,
    };

    private void WriteTool(Utf8JsonWriter json, ChatTool tool)
    {
        switch (tool)
        {
            case FunctionTool function:
                WriteFunction(json, function);
                break;
            case CustomTool custom when _quirks.AcceptsCustomTools:
                json.WriteStartObject();
                json.WriteString("type", "custom");
                json.WriteStartObject("custom");
                json.WriteString("name", custom.Name);
                json.WriteTextIfAny("description", custom.Description);
                json.WriteRaw("format", custom.Format);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
            case CustomTool custom:
                WriteFunction(json, custom.ToFunction());
                break;
            case OpaqueTool opaque:
                json.WriteRaw(opaque.Json);
                break;
        }
    }

    private static void WriteFunction(Utf8JsonWriter json, FunctionTool function)
    {
        json.WriteStartObject();
        json.WriteString("type", "function");
        json.WriteStartObject("function");
        json.WriteString("name", function.Name);
        json.WriteTextIfAny("description", function.Description);
        json.WriteRaw("parameters", function.Parameters ?? NoParameters);
        if (function.IsStrict is { } isStrict)
        {
            json.WriteBoolean("strict", isStrict);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter json)
    {
        if (chat.ToolChoice is not { } choice || !Takes("tool_choice"))
        {
            return;
        }

        switch (choice.Kind)
        {
            case ToolChoiceKind.Auto:
                json.WriteString("tool_choice", "auto");
                break;
            case ToolChoiceKind.None:
                json.WriteString("tool_choice", "none");
                break;
            case ToolChoiceKind.Required:
                json.WriteString("tool_choice", _quirks.RequiredChoice);
                break;
            default:
                var isCustom = _quirks.AcceptsCustomTools
                    && chat.Tools.Any(tool => tool is CustomTool && NameOf(tool) == choice.Name);
                json.WriteStartObject("tool_choice");
                json.WriteString("type", isCustom ? "custom" : "function");
                json.WriteStartObject(isCustom ? "custom" : "function");
                json.WriteString("name", choice.Name);
                json.WriteEndObject();
                json.WriteEndObject();
                break;
        }
    }
}
