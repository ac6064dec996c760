using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>Ollama's own embed. Its count stands in the answer itself, without a usage member around it.</summary>
internal sealed class OllamaEmbeddings : VectorDialect
{
    private static readonly Wordings Wording = new(
        name => Wrong($"unknown field {name}"),
        (name, expected) => Wrong($"json: cannot unmarshal into Go struct field EmbedRequest.{name} of type {expected}"),
        name => Wrong($"{name} is required"));

    // https://docs.ollama.com/api/embed
    private static readonly Members Root = new()
    {
        Required = ["model", "input"],
        ["dimensions"] = Shape.Between(1, 4096),
        ["input"] = Shape.Either(Shape.Text, Shape.Texts),
        ["keep_alive"] = Shape.Either(Shape.Text, Shape.Decimal(-1_000_000, 1_000_000)),
        ["model"] = Shape.Text,
        ["options"] = Shape.Map,
        ["truncate"] = Shape.Flag,
    };

    public override string Name => "ollama-embeddings";

    public override UsageNames UsageNames { get; } = new(["prompt_eval_count"], [], [], null);

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/api/embed";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        Root.FindComplaint(root, "", Wording);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var input = root.GetProperty("input");
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            Texts = input.ValueKind == Kind.String
                ? [input.GetString()!]
                : [.. input.EnumerateArray().Select(text => text.GetString()!)],
            Dimensions = root.Find("dimensions")?.GetInt32(),
        };
    }

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => new() { ["error"] = complaint.Message };

    protected override JsonObject UsageOf(Usage usage) => new() { ["prompt_eval_count"] = usage.Input };

    protected override JsonObject Body(Turn turn, JsonNode? usage)
    {
        var body = new JsonObject
        {
            ["model"] = turn.Request.Model,
            ["embeddings"] = new JsonArray([.. VectorsOf(turn).Select(Vector.ToJson)]),
            ["total_duration"] = 14143917,
        };
        if (usage?["prompt_eval_count"] is { } count)
        {
            body["prompt_eval_count"] = count.DeepClone();
        }

        return body;
    }

    private static Complaint Wrong(string message) => new(400, "bad_request", message);
}
