using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>
/// The strict gate: what OpenAI's chat endpoint would refuse, and above all each top-level member it does not know, so
/// that a gateway which leaks its own extensions is caught.
/// </summary>
internal static class RequestCheck
{
    private static readonly Shape Text = new("a string", value => value.ValueKind == Kind.String);
    private static readonly Shape Flag = new("a boolean", value => value.ValueKind is Kind.True or Kind.False);
    private static readonly Shape List = new("an array", value => value.ValueKind == Kind.Array);
    private static readonly Shape Map = new("an object", value => value.ValueKind == Kind.Object);
    private static readonly Shape TextOrList = Either(Text, List);
    private static readonly Shape TextOrMap = Either(Text, Map);
    private static readonly Shape Whole = new("an integer", value => IsNumber(value) && value.TryGetInt64(out _));

    // https://platform.openai.com/docs/api-reference/chat/create
    private static readonly Dictionary<string, Shape> Members = new()
    {
        ["audio"] = Map,
        ["frequency_penalty"] = Decimal(-2, 2),
        ["function_call"] = TextOrMap,
        ["functions"] = List,
        ["logit_bias"] = Map,
        ["logprobs"] = Flag,
        ["max_completion_tokens"] = Between(1, int.MaxValue),
        ["max_tokens"] = Between(1, int.MaxValue),
        ["messages"] = new Shape("a non-empty array", value => List.Fits(value) && value.GetArrayLength() > 0),
        ["metadata"] = Map,
        ["modalities"] = List,
        ["model"] = Text,
        ["n"] = Between(1, 128),
        ["parallel_tool_calls"] = Flag,
        ["prediction"] = Map,
        ["presence_penalty"] = Decimal(-2, 2),
        ["prompt_cache_key"] = Text,
        ["prompt_cache_retention"] = Text,
        ["reasoning_effort"] = Text,
        ["response_format"] = Map,
        ["safety_identifier"] = Text,
        ["seed"] = Whole,
        ["service_tier"] = Text,
        ["stop"] = TextOrList,
        ["store"] = Flag,
        ["stream"] = Flag,
        ["stream_options"] = Map,
        ["temperature"] = Decimal(0, 2),
        ["tool_choice"] = TextOrMap,
        ["tools"] = List,
        ["top_logprobs"] = Between(0, 20),
        ["top_p"] = Decimal(0, 1),
        ["user"] = Text,
        ["verbosity"] = Text,
        ["web_search_options"] = Map,
    };

    private static readonly string[] Required = ["model", "messages"];

    private static readonly HashSet<string> Roles = ["system", "developer", "user", "assistant", "tool", "function"];

    /// <summary>Kind.Null when the request may be answered.</summary>
    public static Complaint? FindComplaint(JsonElement root)
    {
        if (root.ValueKind != Kind.Object)
        {
            return Complaint.WrongValue(null, "We could not parse the JSON body of your request.");
        }

        foreach (var member in root.EnumerateObject())
        {
            if (!Members.TryGetValue(member.Name, out var shape))
            {
                return Complaint.UnknownMember(member.Name);
            }

            if (member.Value.ValueKind != Kind.Null && !shape.Fits(member.Value))
            {
                return Complaint.WrongType(member.Name, shape.Name);
            }
        }

        return FindMissing(root) ?? FindContradiction(root) ?? FindWrongTool(root) ?? FindWrongMessage(root);
    }

    private static Complaint? FindMissing(JsonElement root) =>
        Required.FirstOrDefault(name => root.Find(name) is null) is { } missing
            ? new Complaint(400, "missing_required_parameter", $"Missing required parameter: '{missing}'.", missing)
            : null;

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

    private static bool IsNumber(JsonElement value) => value.ValueKind == Kind.Number;

    private static Shape Either(Shape one, Shape other) =>
        new($"{one.Name} or {other.Name}", value => one.Fits(value) || other.Fits(value));

    private static Shape Between(long low, long high) =>
        new($"an integer from {low} to {high}", value =>
            IsNumber(value) && value.TryGetInt64(out var n) && n >= low && n <= high);

    private static Shape Decimal(decimal low, decimal high) =>
        new($"a number from {low} to {high}", value =>
            IsNumber(value) && value.TryGetDecimal(out var n) && n >= low && n <= high);

    private sealed record Shape(string Name, Func<JsonElement, bool> Fits);
}
