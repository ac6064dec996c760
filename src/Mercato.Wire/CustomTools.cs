using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Tools that take free text, for hosts that know only functions: a function with one string,
/// <c>input</c>.</summary>
internal static class CustomTools
{
    private static readonly JsonElement Schema = JsonElement.Parse(
        """{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""u8);

    /// <summary>The function that stands for a custom tool. A grammar goes into the description, because no schema can
    /// hold it.</summary>
    internal static FunctionTool ToFunction(this CustomTool tool)
    {
        var grammar = tool.Format?.FindText("definition") ?? tool.Format?.Find("grammar")?.FindText("definition");
        var description = grammar is null
            ? tool.Description
            : $"{tool.Description}\n\nThe input follows this grammar:\n{grammar}".TrimStart();
        return new FunctionTool(tool.Name, description, Schema) { CacheHint = tool.CacheHint };
    }

    /// <summary>A call's arguments as one raw JSON object, whatever kind of tool it calls.</summary>
    internal static byte[] ToObject(this ToolCallPart call) => call.IsCustom
        ? JsonWriting.WriteObject(json => json.WriteString("input", call.Arguments))
        : ToolArguments.ToObject(call.Arguments);
}
