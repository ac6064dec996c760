using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What Cohere refuses: unknown members (its names differ from OpenAI's), empty texts, lonely tool results.</summary>
internal static class CohereCheck
{
    public static readonly Wordings Wording = new(
        name => Wrong($"unknown field: parameter '{name}' is not a valid field"),
        (name, expected) => Wrong($"invalid type: parameter '{name}' must be {expected}"),
        name => Wrong($"missing required field: parameter '{name}'"));

    // https://docs.cohere.com/reference/chat
    private static readonly Members Root = new()
    {
        Required = ["model", "messages"],
        ["citation_options"] = Shape.Map,
        ["documents"] = Shape.List,
        ["frequency_penalty"] = Shape.Decimal(0, 1),
        ["k"] = Shape.Between(0, 500),
        ["logprobs"] = Shape.Flag,
        ["max_tokens"] = Shape.Between(1, int.MaxValue),
        ["messages"] = Shape.Filled,
        ["model"] = Shape.Text,
        ["p"] = Shape.Decimal(0.01m, 0.99m),
        ["presence_penalty"] = Shape.Decimal(0, 1),
        ["priority"] = Shape.Between(0, 999),
        ["raw_prompting"] = Shape.Flag,
        ["reasoning_effort"] = Shape.OneOf("none", "high"),
        ["response_format"] = Shape.Map,
        ["safety_mode"] = Shape.OneOf("CONTEXTUAL", "STRICT", "OFF", "NONE"),
        ["seed"] = Shape.Whole,
        ["stop_sequences"] = Shape.Texts,
        ["stream"] = Shape.Flag,
        ["strict_tools"] = Shape.Flag,
        ["temperature"] = Shape.Decimal(0, 1),
        ["thinking"] = Shape.Map,
        ["tool_choice"] = Shape.OneOf("REQUIRED", "NONE"),
        ["tools"] = Shape.List,
    };

    private static readonly Members Message = new()
    {
        Required = ["role"],
        ["citations"] = Shape.List,
        ["content"] = Shape.TextOrList,
        ["role"] = Shape.OneOf("user", "assistant", "system", "tool"),
        ["tool_call_id"] = Shape.Text,
        ["tool_calls"] = Shape.List,
        ["tool_plan"] = Shape.Text,
    };

    private static readonly Members Function = new()
    {
        Required = ["name", "parameters"],
        ["description"] = Shape.Text,
        ["name"] = Shape.Text,
        ["parameters"] = Shape.Map,
    };

    private static readonly Dictionary<string, string[]> PartsOf = new()
    {
        ["user"] = ["text", "image_url"],
        ["assistant"] = ["text", "thinking"],
        ["system"] = ["text"],
        ["tool"] = ["text", "document"],
    };

    public static Complaint? FindComplaint(JsonElement root) =>
        Root.FindComplaint(root, "", Wording) ?? FindWrongTool(root) ?? FindWrongFormat(root) ?? FindWrongMessage(root);

    /// <summary>A result's text; a document keeps it in its data.</summary>
    public static string TextOfResult(JsonElement message) =>
        message.Find("content") is { ValueKind: Kind.Array } parts
            ? string.Concat(parts.EnumerateArray().Select(part => part.Find("document")?.Find("data") is { } data
                ? data.ValueKind == Kind.String ? data.GetString() : data.GetRawText()
                : part.Find("text")?.GetString()))
            : Asked.TextOf(message.Find("content"));

    private static Complaint Wrong(string message) => new(400, "invalid_request", $"invalid request: {message}");

    private static Complaint? FindWrongTool(JsonElement root)
    {
        foreach (var tool in root.Find("tools")?.EnumerateArray() ?? [])
        {
            if (tool.Find("type")?.ToString() != "function" || tool.Find("function") is not { } function)
            {
                return Wrong("each tool must be of type 'function' and have a 'function'");
            }

            if (Function.FindComplaint(function, "tools.function.", Wording) is { } complaint)
            {
                return complaint;
            }
        }

        return root.Find("tool_choice") is not null && root.Find("tools") is null
            ? Wrong("tool_choice can only be specified if tools are specified")
            : null;
    }

    private static Complaint? FindWrongFormat(JsonElement root) =>
        root.Find("response_format") is not { } format ? null
        : format.Find("type")?.ToString() is not ("text" or "json_object")
            ? Wrong("response_format.type must be one of 'text', 'json_object'")
            : format.Find("json_schema") is { } schema && schema.Find("schema") is not null && schema.Find("name") is not null
                ? Wrong("response_format.json_schema must be a JSON schema, not a wrapper around one")
                : null;

    private static Complaint? FindWrongMessage(JsonElement root)
    {
        var open = new HashSet<string>();
        foreach (var message in root.GetProperty("messages").EnumerateArray())
        {
            if (Message.FindComplaint(message, "messages.", Wording) is { } complaint)
            {
                return complaint;
            }

            var role = message.GetProperty("role").GetString()!;
            var calls = (message.Find("tool_calls")?.EnumerateArray() ?? []).ToList();
            var wrong = FindWrongContent(message, role, calls.Count > 0);
            if (wrong is not null)
            {
                return wrong;
            }

            if (role == "tool" && !open.Remove(message.Find("tool_call_id")?.ToString() ?? ""))
            {
                return Wrong("tool_call_id of a message with role 'tool' must be that of a call before it");
            }

            if (role != "tool" && open.Count > 0)
            {
                return Wrong("all tool calls must be followed by tool messages with their results");
            }

            if (calls.Any(call => call.Find("id") is not { ValueKind: Kind.String }
                || call.Find("function")?.Find("name") is not { ValueKind: Kind.String }
                || call.Find("function")?.Find("arguments") is not { ValueKind: Kind.String }))
            {
                return Wrong("each tool call needs an id, a name and arguments as a string");
            }

            open.UnionWith(calls.Select(call => call.GetProperty("id").GetString()!));
        }

        return open.Count == 0 ? null : Wrong("all tool calls must be followed by tool messages with their results");
    }

    private static Complaint? FindWrongContent(JsonElement message, string role, bool calls)
    {
        if (message.Find("content") is not { } content)
        {
            return calls ? null : Wrong("all elements in messages must have either content or tool_calls");
        }

        if (content.ValueKind == Kind.String)
        {
            return content.GetString()!.Length > 0 || calls || role == "tool" ? null : Wrong("message must be at least 1 token long");
        }

        var part = content.EnumerateArray().FirstOrDefault(part =>
            !PartsOf[role].Contains(part.Find("type")?.ToString()) || part.Find(part.Find("type")!.Value.GetString()!) is null);
        return part.ValueKind == Kind.Undefined
            ? null
            : Wrong($"content of type '{part.Find("type")}' is not valid in a message with role '{role}'");
    }
}
