using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>Cohere's second chat interface.</summary>
internal sealed class CohereDialect : Dialect
{
    public override string Name => "cohere";

    public override UsageNames UsageNames { get; } = new(
        ["billed_units.input_tokens", "tokens.input_tokens"],
        ["billed_units.output_tokens", "tokens.output_tokens"],
        [],
        "cached_tokens");

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v2/chat";

    public override Complaint? FindWrongKey(HttpRequest request, string key) =>
        base.FindWrongKey(request, key) is null ? null : new Complaint(401, "unauthorized", "invalid api token");

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        CohereCheck.FindComplaint(root);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Framing = root.Find("stream") is { ValueKind: Kind.True } ? Framing.Events : null,
            OutputLimit = root.Find("max_tokens")?.GetInt32(),
            MayCall = root.Find("tool_choice")?.GetString() is not "NONE",
            Tools = ChatDialect.FunctionTools(root),
            ToolResult = messages[^1].GetProperty("role").GetString() == "tool"
                ? CohereCheck.TextOfResult(messages[^1])
                : null,
            LastUserText = Asked.TextOf(messages.LastOrDefault(message =>
                message.GetProperty("role").GetString() == "user").Find("content")),
            AnswerSchema = root.Find("response_format")?.Find("json_schema") ?? root.Find("response_format")?.Find("schema"),
            ShowsThoughts = root.Find("thinking")?.Find("type")?.GetString() is not "disabled",
        };
    }

    public override Telling Write(Turn turn, Story story) => new CohereFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => ErrorOf(complaint, turn);

    public static JsonObject ErrorOf(Complaint complaint, Turn? turn) =>
        new() { ["id"] = turn is null ? "fake" : $"fake-{turn.Number}", ["message"] = complaint.Message };

    // There is no error event: the end says what went wrong.
    public override Saying ErrorInStream(Complaint complaint, Turn turn) => new(
        new JsonObject
        {
            ["type"] = "message-end",
            ["delta"] = new JsonObject { ["error"] = complaint.Message, ["finish_reason"] = "ERROR" },
        },
        "message-end");

    public override Saying Stray(Turn turn) => new(new JsonObject { ["type"] = "debug" }, "debug");
}
