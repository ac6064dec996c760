using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>OpenAI's responses.</summary>
internal sealed class ResponsesDialect : Dialect
{
    public override string Name => "openai-responses";

    public override UsageNames UsageNames { get; } = new(
        ["input_tokens"], ["output_tokens"], ["total_tokens"], "input_tokens_details.cached_tokens");

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v1/responses";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        ResponsesCheck.FindComplaint(root) ?? ResponsesItems.FindComplaint(root, seals, this);

    public override Complaint? FindForgottenThought(JsonElement root) => ResponsesItems.FindForgottenThought(root);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var items = ResponsesItems.Of(root).ToList();
        var format = root.Find("text")?.Find("format");
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Framing = root.Find("stream") is { ValueKind: Kind.True } ? Framing.Events : null,
            OutputLimit = root.Find("max_output_tokens")?.GetInt32(),
            MayCall = root.Find("tool_choice") is not { ValueKind: Kind.String } choice || choice.GetString() != "none",
            Tools = root.Find("tools") is { } tools
                ? [.. tools.EnumerateArray().Where(tool => tool.Find("type")!.Value.GetString() == "function")
                    .Select(tool => (tool.GetProperty("name").GetString()!, tool.Find("parameters")))]
                : [],
            ToolResult = items.Count > 0 && ResponsesItems.TypeOf(items[^1]) == "function_call_output"
                ? Asked.TextOf(items[^1].Find("output"))
                : null,
            LastUserText = root.Find("input") is { ValueKind: Kind.String } text
                ? text.GetString()!
                : Asked.TextOf(items.LastOrDefault(item => item.Find("role")?.ToString() == "user").Find("content")),
            AnswerSchema = format?.Find("schema"),
            SealsThoughts = root.Find("include")?.EnumerateArray()
                .Any(name => name.GetString() == "reasoning.encrypted_content") is true,
            ShowsThoughts = root.Find("reasoning")?.Find("summary") is not null,
        };
    }

    public override Telling Write(Turn turn, Story story) => new ResponsesFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => complaint.ToJson();

    public override Saying ErrorInStream(Complaint complaint, Turn turn) => new(
        new JsonObject
        {
            ["type"] = "error",
            ["sequence_number"] = turn.Amount("error-event", 0),
            ["code"] = complaint.Code,
            ["message"] = complaint.Message,
            ["param"] = complaint.Param,
        },
        "error");

    public override Saying Stray(Turn turn) =>
        new(new JsonObject { ["type"] = "keepalive", ["sequence_number"] = int.MaxValue }, "keepalive");
}
