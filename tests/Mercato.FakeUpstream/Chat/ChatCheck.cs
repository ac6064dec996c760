using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>
/// The strict gate: what OpenAI's chat endpoint would refuse, and above all each top-level member it does not know, so
/// that a gateway which leaks its own extensions is caught.
/// </summary>
internal static class ChatCheck
{
    // https://platform.openai.com/docs/api-reference/chat/create
    private static readonly Members Members = new()
    {
        Required = ["model", "messages"],
        ["audio"] = Shape.Map,
        ["frequency_penalty"] = Shape.Decimal(-2, 2),
        ["function_call"] = Shape.TextOrMap,
        ["functions"] = Shape.List,
        ["logit_bias"] = Shape.Map,
        ["logprobs"] = Shape.Flag,
        ["max_completion_tokens"] = Shape.Between(1, int.MaxValue),
        ["max_tokens"] = Shape.Between(1, int.MaxValue),
        ["messages"] = Shape.Filled,
        ["metadata"] = Shape.Map,
        ["modalities"] = Shape.List,
        ["model"] = Shape.Text,
        ["moderation"] = Shape.Map,
        ["n"] = Shape.Between(1, 128),
        ["parallel_tool_calls"] = Shape.Flag,
        ["prediction"] = Shape.Map,
        ["presence_penalty"] = Shape.Decimal(-2, 2),
        ["prompt_cache_key"] = Shape.Text,
        ["prompt_cache_options"] = Shape.Map,
        ["prompt_cache_retention"] = Shape.Text,
        ["reasoning_effort"] = Shape.Text,
        ["response_format"] = Shape.Map,
        ["safety_identifier"] = Shape.Text,
        ["seed"] = Shape.Whole,
        ["service_tier"] = Shape.Text,
        ["stop"] = Shape.TextOrList,
        ["store"] = Shape.Flag,
        ["stream"] = Shape.Flag,
        ["stream_options"] = Shape.Map,
        ["temperature"] = Shape.Decimal(0, 2),
        ["tool_choice"] = Shape.TextOrMap,
        ["tools"] = Shape.List,
        ["top_logprobs"] = Shape.Between(0, 20),
        ["top_p"] = Shape.Decimal(0, 1),
        ["user"] = Shape.Text,
        ["verbosity"] = Shape.Text,
        ["web_search_options"] = Shape.Map,
    };

    private static readonly HashSet<string> Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <summary>Null when the request may be answered.</summary>
    public static Complaint? FindComplaint(JsonElement root)
    {
        if (root.ValueKind != Kind.Object)
        {
            return Complaint.WrongValue(null, "We could not parse the JSON body of your request.");
        }

        return Members.FindComplaint(root, "", Complaint.OpenAi)
            ?? FindContradiction(root) ?? FindWrongTool(root) ?? FindWrongMessage(root);
    }

    private static Complaint? FindContradiction(JsonElement root)
    {
        if (root.Find("max_tokens") is not null && root.Find("max_completion_tokens") is not null)
        {
            return Complaint.WrongValue(
                "max_tokens", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.");
        }

        return root.Find("stream_options") is not null && root.Find("stream") is not { ValueKind: Kind.True }
            ? Complaint.WrongValue(
                "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
            : null;
    }

    private static Complaint? FindWrongTool(JsonElement root)
    {
        if (root.Find("tools") is not { } tools)
        {
            return root.Find("tool_choice") is null
                ? null
                : Complaint.WrongValue("tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
        }

        return tools.EnumerateArray().Any(tool => !IsTool(tool))
            ? Complaint.WrongValue("tools", "Each tool needs a 'type', and a function a 'name'.")
            : null;
    }

    private static bool IsTool(JsonElement tool) => tool.Find("type") is { ValueKind: Kind.String } type
        && (type.GetString() != "function" || tool.Find("function")?.Find("name") is { ValueKind: Kind.String });

    private static Complaint? FindWrongMessage(JsonElement root)
    {
        var open = new HashSet<string>();
        foreach (var message in root.GetProperty("messages").EnumerateArray())
        {
            if (message.Find("role") is not { ValueKind: Kind.String } role || !Roles.Contains(role.GetString()!))
            {
                return Complaint.WrongValue("messages", "Each message needs one of the supported roles.");
            }

            if (role.GetString() == "tool" && !open.Remove(message.Find("tool_call_id")?.ToString() ?? ""))
            {
                return Complaint.WrongValue(
                    "messages", "A message with role 'tool' must answer a preceding message with 'tool_calls'.");
            }

            if (message.Find("tool_calls") is { ValueKind: Kind.Array } calls)
            {
                open.UnionWith(calls.EnumerateArray().Select(call => call.Find("id")?.ToString() ?? ""));
            }
        }

        return open.Count == 0
            ? null
            : Complaint.WrongValue("messages", "A message with 'tool_calls' must be followed by their results.");
    }

    /// <summary>
    /// In the current turn each message with calls must bring its reasoning_content back, as DeepSeek's thinking models
    /// demand.
    /// </summary>
    public static Complaint? FindForgottenThought(JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        var turn = messages.FindLastIndex(message => message.GetProperty("role").GetString() == "user");
        var forgotten = messages.FindIndex(turn + 1, message =>
            message.Find("tool_calls") is { ValueKind: Kind.Array } && message.Find("reasoning_content") is null);
        return forgotten < 0
            ? null
            : Complaint.WrongValue(
                "messages", $"Missing `reasoning_content` field in the assistant message at message index {forgotten}.");
    }
}
