using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>
/// Tools that take free text, for hosts that know only functions: such a tool becomes a function whose one argument
/// <c>input</c> is the text, and its calls are turned back for the caller.
/// </summary>
public static class CustomTools
{
    private static readonly JsonElement Parameters = JsonElement.Parse(
        """
        {"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input as plain text."}},"required":["input"],"additionalProperties":false}
        """u8);

    /// <summary>The tool as a function. A grammar, which a function can't enforce, is told in the
    /// description.</summary>
    public static FunctionTool ToFunction(this CustomTool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        var grammar = tool.Format?.FindText("definition") ?? tool.Format?.Find("grammar")?.FindText("definition");
        var description = grammar is null
            ? tool.Description
            : $"{tool.Description}\n\nThe input must follow this grammar:\n{grammar}".TrimStart();
        return new FunctionTool(tool.Name, description, Parameters)
        {
            CacheHint = tool.CacheHint,
            Origin = tool.Origin,
        };
    }

    /// <summary>The call as that of the function; calls of functions stay as they are.</summary>
    public static ToolCallPart ToFunctionCall(this ToolCallPart call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call.IsCustom
            ? call with
            {
                IsCustom = false,
                Arguments = Encoding.UTF8.GetString(
                    JsonWriting.WriteObject(json => json.WriteString("input", call.Arguments))),
            }
            : call;
    }

    /// <summary>The free text in such a function's arguments. Models at times leave the wrapping out; then the
    /// arguments are the text.</summary>
    public static string Unwrap(string arguments) =>
        JsonText.ParseElement(Encoding.UTF8.GetBytes(arguments))?.FindText("input") ?? arguments;

    /// <summary>A call's arguments as one raw JSON object, whatever kind of tool it calls.</summary>
    internal static byte[] ToObject(this ToolCallPart call) => call.IsCustom
        ? JsonWriting.WriteObject(json => json.WriteString("input", call.Arguments))
        : ToolArguments.ToObject(call.Arguments);
}
