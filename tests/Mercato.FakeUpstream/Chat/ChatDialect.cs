using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>OpenAI's chat completions, which most hosts speak.</summary>
internal sealed class ChatDialect : Dialect
{
    public override string Name => "openai-chat";

    public override UsageNames UsageNames { get; } = new(
        ["prompt_tokens"], ["completion_tokens"], ["total_tokens"], "prompt_tokens_details.cached_tokens");

    public override bool Serves(HttpRequest request) =>
        request.Method == "POST" && request.Path == "/v1/chat/completions";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        ChatCheck.FindComplaint(root);

    public override Complaint? FindForgottenThought(JsonElement root) => ChatCheck.FindForgottenThought(root);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Framing = root.Find("stream") is { ValueKind: JsonValueKind.True } ? Framing.Events : null,
            IncludeUsage = root.Find("stream_options")?.Find("include_usage") is { ValueKind: JsonValueKind.True },
            Choices = root.Find("n")?.GetInt32() ?? 1,
            OutputLimit = (root.Find("max_completion_tokens") ?? root.Find("max_tokens"))?.GetInt32(),
            MayCall = root.Find("tool_choice") is not { ValueKind: JsonValueKind.String } choice
                || choice.GetString() != "none",
            Tools = FunctionTools(root),
            ToolResult = RoleOf(messages[^1]) == "tool" ? Asked.TextOf(messages[^1].Find("content")) : null,
            LastUserText = Asked.TextOf(messages.LastOrDefault(message => RoleOf(message) == "user").Find("content")),
            AnswerSchema = root.Find("response_format")?.Find("json_schema")?.Find("schema"),
        };
    }

    public override Telling Write(Turn turn, Story story) => new ChatFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => complaint.ToJson();

    public override Saying Stray(Turn turn) => new(new JsonObject { ["choices"] = new JsonArray() });

    /// <summary>The functions among tools that keep name and parameters under <c>function</c>.</summary>
    public static IReadOnlyList<(string Name, JsonElement? Parameters)> FunctionTools(JsonElement root) =>
        root.Find("tools") is not { } tools
            ? []
            : [.. tools.EnumerateArray()
                .Select(tool => tool.Find("function"))
                .OfType<JsonElement>()
                .Select(function => (function.GetProperty("name").GetString()!, function.Find("parameters")))];

    private static string? RoleOf(JsonElement message) => message.GetProperty("role").GetString();
}
