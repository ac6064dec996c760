using System.Text.Json;
using System.Text.RegularExpressions;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What Anthropic refuses outside of the messages: unknown members, wrong types, forbidden combinations.</summary>
internal static partial class AnthropicCheck
{
    public static readonly Wordings Wording = new(
        name => Wrong($"{name}: Extra inputs are not permitted"),
        (name, expected) => Wrong($"{name}: Input should be {expected}"),
        name => Wrong($"{name}: Field required"));

    // https://docs.anthropic.com/en/api/messages
    private static readonly Members Root = new()
    {
        Required = ["model", "messages", "max_tokens"],
        ["cache_control"] = Shape.Map,
        ["container"] = Shape.TextOrMap,
        ["context_management"] = Shape.Map,
        ["inference_geo"] = Shape.Text,
        ["max_tokens"] = Shape.Between(1, int.MaxValue),
        ["mcp_servers"] = Shape.List,
        ["messages"] = Shape.Filled,
        ["metadata"] = Shape.Map,
        ["model"] = Shape.Text,
        ["output_config"] = Shape.Map,
        ["output_format"] = Shape.Map,
        ["service_tier"] = Shape.OneOf("auto", "standard_only"),
        ["speed"] = Shape.Text,
        ["stop_sequences"] = Shape.Texts,
        ["stream"] = Shape.Flag,
        ["system"] = Shape.TextOrList,
        ["temperature"] = Shape.Decimal(0, 1),
        ["thinking"] = Shape.Map,
        ["tool_choice"] = Shape.Map,
        ["tools"] = Shape.List,
        ["top_k"] = Shape.Between(0, int.MaxValue),
        ["top_p"] = Shape.Decimal(0, 1),
    };

    // https://docs.anthropic.com/en/api/messages-count-tokens: what concerns only the answer has no place.
    private static readonly Members Counted = new()
    {
        Required = ["model", "messages"],
        ["cache_control"] = Shape.Map,
        ["context_management"] = Shape.Map,
        ["mcp_servers"] = Shape.List,
        ["messages"] = Shape.Filled,
        ["model"] = Shape.Text,
        ["output_config"] = Shape.Map,
        ["output_format"] = Shape.Map,
        ["system"] = Shape.TextOrList,
        ["thinking"] = Shape.Map,
        ["tool_choice"] = Shape.Map,
        ["tools"] = Shape.List,
    };

    private static readonly Members Tool = new()
    {
        Required = ["name", "input_schema"],
        ["allowed_callers"] = Shape.Texts,
        ["cache_control"] = Shape.Map,
        ["defer_loading"] = Shape.Flag,
        ["description"] = Shape.Text,
        ["eager_input_streaming"] = Shape.Flag,
        ["input_examples"] = Shape.List,
        ["input_schema"] = Shape.Map,
        ["name"] = Shape.Text,
        ["strict"] = Shape.Flag,
        ["type"] = Shape.OneOf("custom"),
    };

    private static readonly Members Choice = new()
    {
        Required = ["type"],
        ["disable_parallel_tool_use"] = Shape.Flag,
        ["name"] = Shape.Text,
        ["type"] = Shape.OneOf("auto", "any", "tool", "none"),
    };

    /// <summary>Members that the API knows only under a beta header, so that a proxy which drops the header is caught.</summary>
    private static readonly Dictionary<string, string> Betas = new()
    {
        ["context_management"] = "context-management-",
        ["mcp_servers"] = "mcp-client-",
        ["output_format"] = "structured-outputs-",
    };

    public static Complaint Wrong(string message) => new(400, "invalid_request_error", message);

    public static Complaint? FindComplaint(JsonElement root, string betas) =>
        FindComplaint(root, betas, Root);

    public static Complaint? FindComplaintWhenCounting(JsonElement root, string betas) =>
        FindComplaint(root, betas, Counted);

    private static Complaint? FindComplaint(JsonElement root, string betas, Members members) =>
        members.FindComplaint(root, "", Wording)
        ?? (Betas.Where(beta => root.Find(beta.Key) is not null && !betas.Contains(beta.Value))
            .Select(beta => beta.Key).FirstOrDefault() is { } unknown ? Wording.Unknown(unknown) : null)
        ?? FindWrongTool(root)
        ?? FindWrongChoice(root)
        ?? FindWrongThinking(root)
        ?? (root.Find("stop_sequences")?.EnumerateArray().Any(stop => string.IsNullOrWhiteSpace(stop.GetString())) is true
            ? Wrong("stop_sequences: each stop sequence must contain non-whitespace")
            : null);

    private static Complaint? FindWrongTool(JsonElement root)
    {
        var names = new HashSet<string>();
        foreach (var (tool, i) in (root.Find("tools")?.EnumerateArray() ?? []).Select((tool, i) => (tool, i)))
        {
            // Server tools have dated types and members of their own.
            var isServerTool = tool.Find("type") is { ValueKind: Kind.String } type && type.GetString() != "custom";
            var complaint = isServerTool ? null : Tool.FindComplaint(tool, $"tools.{i}.custom.", Wording);
            if (complaint is not null)
            {
                return complaint;
            }

            if (!isServerTool && tool.GetProperty("input_schema").Find("type")?.ToString() != "object")
            {
                return Wrong($"tools.{i}.custom.input_schema.type: Input should be 'object'");
            }

            if (!isServerTool && !ToolName().IsMatch(tool.GetProperty("name").GetString()!))
            {
                return Wrong($"tools.{i}.custom.name: String should match pattern '{ToolName()}'");
            }

            if (tool.Find("name") is { } name && !names.Add(name.ToString()))
            {
                return Wrong("tools: Tool names must be unique.");
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

        var name = choice.Find("name")?.ToString();
        return Choice.FindComplaint(choice, "tool_choice.", Wording)
            ?? (root.Find("tools") is not { } tools || tools.GetArrayLength() == 0
                ? Wrong("tool_choice: tool_choice may only be specified while providing tools")
                : (choice.Find("type")!.Value.GetString() == "tool") != (name is not null)
                    ? Wrong("tool_choice: a choice of type 'tool', and only that, has a name")
                    : name is not null && tools.EnumerateArray().All(tool => tool.Find("name")?.ToString() != name)
                        ? Wrong($"Tool '{name}' not found in provided tools")
                        : null);
    }

    private static Complaint? FindWrongThinking(JsonElement root)
    {
        var thinking = root.Find("thinking");
        var type = thinking?.Find("type")?.ToString();
        if (thinking is not null && type is not ("enabled" or "disabled" or "adaptive"))
        {
            return Wrong("thinking: Input tag found using 'type' does not match any of the expected tags: "
                + "'adaptive', 'disabled', 'enabled'");
        }

        if (type is not "enabled")
        {
            return thinking?.Find("budget_tokens") is null ? null : Wording.Unknown($"thinking.{type}.budget_tokens");
        }

        if (thinking!.Value.Find("budget_tokens") is not { ValueKind: Kind.Number } given
            || !given.TryGetInt32(out var budget) || budget < 1024)
        {
            return Wrong("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024");
        }

        return root.Find("max_tokens") is { } most && most.GetInt32() <= budget
            ? Wrong("`max_tokens` must be greater than `thinking.budget_tokens`.")
            : root.Find("temperature") is { } temperature && temperature.GetDecimal() != 1
                ? Wrong("`temperature` may only be set to 1 when thinking is enabled.")
                : root.Find("top_k") is not null
                    ? Wrong("`top_k` must be unset when thinking is enabled.")
                    : root.Find("tool_choice")?.Find("type")?.ToString() is "any" or "tool"
                        ? Wrong("Thinking may not be enabled when tool_choice forces tool use.")
                        : null;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,128}$")]
    private static partial Regex ToolName();
}
