using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>Ollama's own chat. Its counts stand in the answer itself, without a usage member around them.</summary>
internal sealed class OllamaDialect : Dialect
{
    public override string Name => "ollama";

    public override UsageNames UsageNames { get; } = new(["prompt_eval_count"], ["eval_count"], [], null);

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/api/chat";

    public override (string? Model, bool Streamed) Glance(HttpRequest request, JsonElement? body) =>
        (base.Glance(request, body).Model, body?.Find("stream") is not { ValueKind: Kind.False });

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        OllamaCheck.FindComplaint(root);

    public override bool HasMember(JsonElement root, string member) =>
        base.HasMember(root, member) || root.Find("options")?.Find(member) is not null;

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        var last = messages.LastOrDefault();
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Framing = root.Find("stream") is { ValueKind: Kind.False } ? null : Framing.Lines,
            OutputLimit = root.Find("options")?.Find("num_predict")?.GetInt32() is { } limit and > 0 ? limit : null,
            Tools = ChatDialect.FunctionTools(root),
            ToolResult = last.Find("role")?.GetString() == "tool" ? Asked.TextOf(last.Find("content")) : null,
            LastUserText = Asked.TextOf(messages.LastOrDefault(message =>
                message.Find("role")?.GetString() == "user").Find("content")),
            AnswerSchema = root.Find("format") is { ValueKind: Kind.Object } schema ? schema : null,
            ShowsThoughts = root.Find("think") is not { ValueKind: Kind.False },
        };
    }

    public override Telling Write(Turn turn, Story story) => new OllamaFormat(turn, story).Write();

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => new() { ["error"] = complaint.Message };

    public override Saying Stray(Turn turn) => new(new JsonObject { ["model"] = turn.Request.Model, ["done"] = false });
}
