using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Anthropic's count of a message's input, which is free: <c>in</c> says what it comes to.</summary>
internal sealed class AnthropicCounting : Dialect
{
    private static readonly AnthropicDialect Messages = new();

    public override string Name => "anthropic-count";

    public override UsageNames UsageNames { get; } = new(["input_tokens"], [], [], null);

    public override bool Serves(HttpRequest request) =>
        request.Method == "POST" && request.Path == "/v1/messages/count_tokens";

    public override Complaint? FindWrongKey(HttpRequest request, string key) => Messages.FindWrongKey(request, key);

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        request.Headers["anthropic-version"].Count == 0
            ? AnthropicCheck.Wrong("anthropic-version: header is required")
            : AnthropicCheck.FindComplaintWhenCounting(root, request.Headers["anthropic-beta"].ToString())
                ?? AnthropicMessages.FindComplaint(root)
                ?? AnthropicThoughts.FindComplaint(root, seals, Messages);

    public override Asked Read(HttpRequest request, JsonElement root) =>
        new() { Model = root.GetProperty("model").GetString()! };

    public override Story Tell(Turn turn) => new([], [], [], 0, "stop", new Usage(0, 0, 0, 0, 0));

    public override Telling Write(Turn turn, Story story)
    {
        var counted = Language.ClaimUsage(new JsonObject { ["input_tokens"] = turn.Amount("in", 20) }, turn);
        return new Telling(Answer.Plain((counted ?? new JsonObject()).ToBytes(), 0, 0), counted);
    }

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => Messages.ToJson(complaint, turn);
}
