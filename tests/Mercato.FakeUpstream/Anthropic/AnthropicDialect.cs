using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>Anthropic's messages.</summary>
internal sealed class AnthropicDialect : Dialect
{
    public override string Name => "anthropic";

    public override string CallPrefix => "toolu_fake_";

    public override UsageNames UsageNames { get; } = new(
        ["input_tokens"],
        ["output_tokens"],
        ["cache_read_input_tokens", "cache_creation_input_tokens"],
        "cache_read_input_tokens");

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v1/messages";

    public override Complaint? FindWrongKey(HttpRequest request, string key) =>
        request.Headers["x-api-key"] == key || base.FindWrongKey(request, key) is null
            ? null
            : new Complaint(401, "authentication_error", "invalid x-api-key");

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        request.Headers["anthropic-version"].Count == 0
            ? AnthropicCheck.Wrong("anthropic-version: header is required")
            : AnthropicCheck.FindComplaint(root, request.Headers["anthropic-beta"].ToString())
                ?? AnthropicMessages.FindComplaint(root)
                ?? AnthropicThoughts.FindComplaint(root, seals, this);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        var last = messages[^1].GetProperty("content");
        var results = last.ValueKind == Kind.Array
            ? last.EnumerateArray().Where(block => AnthropicMessages.TypeOf(block) == "tool_result").ToList()
            : [];
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Framing = root.Find("stream") is { ValueKind: Kind.True } ? Framing.Events : null,
            OutputLimit = root.GetProperty("max_tokens").GetInt32(),
            MayCall = root.Find("tool_choice")?.Find("type")?.GetString() != "none",
            Tools = root.Find("tools") is { } tools
                ? [.. tools.EnumerateArray().Where(tool => tool.Find("input_schema") is not null)
                    .Select(tool => (tool.GetProperty("name").GetString()!, tool.Find("input_schema")))]
                : [],
            ToolResult = results.Count > 0 ? Asked.TextOf(results[^1].Find("content")) : null,
            LastUserText = Asked.TextOf(messages.LastOrDefault(message =>
                message.GetProperty("role").GetString() == "user").Find("content")),
            AnswerSchema = (root.Find("output_config")?.Find("format") ?? root.Find("output_format"))?.Find("schema"),
            StopSequence = root.Find("stop_sequences")?.EnumerateArray().Select(stop => stop.GetString()).FirstOrDefault(),
            Thinks = root.Find("thinking")?.Find("type")?.GetString() is "enabled",
            ShowsThoughts = root.Find("thinking")?.Find("display")?.GetString() is not "omitted",
        };
    }

    public override Telling Write(Turn turn, Story story) => new AnthropicFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => new()
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = ErrorType(complaint.Status), ["message"] = complaint.Message },
        ["request_id"] = turn is null ? "req_fake" : $"req_fake_{turn.Number}",
    };

    public override Saying ErrorInStream(Complaint complaint, Turn turn) => new(ToJson(complaint, turn), "error");

    public override Saying Stray(Turn turn) => new(new JsonObject { ["type"] = "ping" }, "ping");

    private static string ErrorType(int status) => status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
