using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What the responses endpoint refuses outside of the input items.</summary>
internal static class ResponsesCheck
{
    private const int LeastOutput = 16;

    // https://platform.openai.com/docs/api-reference/responses/create
    private static readonly Members Root = new()
    {
        Required = ["model"],
        ["background"] = Shape.Flag,
        ["client_metadata"] = Shape.Map,
        ["context_management"] = Shape.List,
        ["conversation"] = Shape.TextOrMap,
        ["include"] = Shape.Texts,
        ["input"] = Shape.Either(Shape.Text, Shape.Filled),
        ["instructions"] = Shape.TextOrList,
        ["max_output_tokens"] = Shape.Whole,
        ["max_tool_calls"] = Shape.Between(1, int.MaxValue),
        ["metadata"] = Shape.Map,
        ["model"] = Shape.Text,
        ["moderation"] = Shape.Map,
        ["parallel_tool_calls"] = Shape.Flag,
        ["previous_response_id"] = Shape.Text,
        ["prompt"] = Shape.Map,
        ["prompt_cache_key"] = Shape.Text,
        ["prompt_cache_options"] = Shape.Map,
        ["prompt_cache_retention"] = Shape.Text,
        ["reasoning"] = Shape.Map,
        ["safety_identifier"] = Shape.Text,
        ["service_tier"] = Shape.Text,
        ["store"] = Shape.Flag,
        ["stream"] = Shape.Flag,
        ["stream_options"] = Shape.Map,
        ["temperature"] = Shape.Decimal(0, 2),
        ["text"] = Shape.Map,
        ["tool_choice"] = Shape.TextOrMap,
        ["tools"] = Shape.List,
        ["top_logprobs"] = Shape.Between(0, 20),
        ["top_p"] = Shape.Decimal(0, 1),
        ["truncation"] = Shape.OneOf("auto", "disabled"),
        ["user"] = Shape.Text,
    };

    private static readonly Members Reasoning = new()
    {
        ["context"] = Shape.Text,
        ["effort"] = Shape.OneOf("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        ["generate_summary"] = Shape.Text,
        ["summary"] = Shape.OneOf("auto", "concise", "detailed"),
    };

    private static readonly Members Text = new() { ["format"] = Shape.Map, ["verbosity"] = Shape.OneOf("low", "medium", "high") };

    private static readonly Members Format = new()
    {
        Required = ["type"],
        ["description"] = Shape.Text,
        ["name"] = Shape.Text,
        ["schema"] = Shape.Map,
        ["strict"] = Shape.Flag,
        ["type"] = Shape.OneOf("text", "json_object", "json_schema"),
    };

    private static readonly Members Function = new()
    {
        Required = ["type", "name"],
        ["defer_loading"] = Shape.Flag,
        ["description"] = Shape.Text,
        ["name"] = Shape.Text,
        ["parameters"] = Shape.Map,
        ["strict"] = Shape.Flag,
        ["type"] = Shape.Text,
    };

    private static readonly HashSet<string> ToolTypes =
    [
        "function", "custom", "namespace", "web_search", "web_search_preview", "file_search", "code_interpreter",
        "image_generation", "mcp", "local_shell", "shell", "apply_patch", "computer", "computer_use_preview", "tool_search",
    ];

    public static Complaint? FindComplaint(JsonElement root) =>
        Root.FindComplaint(root, "", Complaint.OpenAi)
        ?? (new[] { "input", "prompt", "previous_response_id", "conversation" }.All(name => root.Find(name) is null)
            ? Complaint.OpenAi.Missing("input")
            : null)
        ?? FindInner(root, "reasoning", Reasoning)
        ?? FindInner(root, "text", Text)
        ?? (root.Find("text")?.Find("format") is { } format ? FindWrongFormat(format) : null)
        ?? FindWrongTool(root)
        ?? FindWrongChoice(root)
        ?? (root.Find("max_output_tokens") is { } limit && (!limit.TryGetInt32(out var most) || most < LeastOutput)
            ? new Complaint(
                400,
                "integer_below_min_value",
                $"Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {LeastOutput}, "
                    + $"but got {limit.GetRawText()} instead.",
                "max_output_tokens")
            : null);

    private static Complaint? FindInner(JsonElement root, string name, Members members) =>
        root.Find(name) is { } value ? members.FindComplaint(value, $"{name}.", Complaint.OpenAi) : null;

    private static Complaint? FindWrongFormat(JsonElement format) =>
        Format.FindComplaint(format, "text.format.", Complaint.OpenAi)
        ?? (format.Find("type")!.Value.GetString() == "json_schema"
            ? new[] { "name", "schema" }.FirstOrDefault(name => format.Find(name) is null) is { } missing
                ? Complaint.OpenAi.Missing($"text.format.{missing}")
                : null
            : null);

    private static Complaint? FindWrongTool(JsonElement root)
    {
        foreach (var (tool, i) in (root.Find("tools")?.EnumerateArray() ?? []).Select((tool, i) => (tool, i)))
        {
            if (tool.Find("type") is not { ValueKind: Kind.String } type)
            {
                return Complaint.OpenAi.Missing($"tools[{i}].type");
            }

            // Dated variants of the hosted tools carry their date behind an underscore.
            if (!ToolTypes.Any(known => type.GetString()!.StartsWith(known, StringComparison.Ordinal)))
            {
                return Complaint.WrongValue($"tools[{i}].type", $"Invalid value: '{type.GetString()}'.");
            }

            if (type.GetString() == "function"
                && Function.FindComplaint(tool, $"tools[{i}].", Complaint.OpenAi) is { } complaint)
            {
                return complaint;
            }
        }

        return null;
    }

    private static Complaint? FindWrongChoice(JsonElement root)
    {
        if (root.Find("tool_choice") is not { } choice)
        {
            return null;
        }

        if (choice.ValueKind == Kind.String)
        {
            return choice.GetString() is not ("auto" or "none" or "required")
                ? Complaint.WrongValue(
                    "tool_choice",
                    $"Invalid value: '{choice.GetString()}'. Supported values are: 'none', 'auto', and 'required'.")
                : choice.GetString() == "required" && root.Find("tools") is null
                    ? Complaint.WrongValue("tool_choice", "Tool choice 'required' must be specified with 'tools' parameter.")
                    : null;
        }

        return choice.Find("function") is not null
            ? Complaint.UnknownMember("tool_choice.function")
            : choice.Find("type") is null ? Complaint.OpenAi.Missing("tool_choice.type") : null;
    }
}
