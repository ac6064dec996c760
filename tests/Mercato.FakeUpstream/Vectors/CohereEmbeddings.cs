using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Cohere's embed: vectors as floats, billed by input.</summary>
internal sealed class CohereEmbeddings : VectorDialect
{
    private const int MostTexts = 96;

    private static readonly Members Root = new()
    {
        Required = ["model", "input_type"],
        ["embedding_types"] = Shape.Texts,
        ["images"] = Shape.Texts,
        ["input_type"] = Shape.OneOf("search_document", "search_query", "classification", "clustering", "image"),
        ["inputs"] = Shape.List,
        ["max_tokens"] = Shape.Whole,
        ["model"] = Shape.Text,
        ["output_dimension"] = Shape.Between(1, 4096),
        ["priority"] = Shape.Whole,
        ["texts"] = new Shape(
            $"an array of 1 to {MostTexts} strings", value => Shape.Texts.Fits(value) && value.GetArrayLength() is > 0 and <= MostTexts),
        ["truncate"] = Shape.OneOf("NONE", "START", "END"),
    };

    public override string Name => "cohere-embeddings";

    public override UsageNames UsageNames { get; } = new(["billed_units.input_tokens"], [], [], null);

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v2/embed";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        Root.FindComplaint(root, "", CohereCheck.Wording)
        ?? (root.Find("texts") is null ? CohereCheck.Wording.Missing("texts") : null);

    public override Asked Read(HttpRequest request, JsonElement root) => new()
    {
        Model = root.GetProperty("model").GetString()!,
        Texts = [.. root.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)],
        Dimensions = root.Find("output_dimension")?.GetInt32(),
    };

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => CohereDialect.ErrorOf(complaint, turn);

    protected override JsonObject UsageOf(Usage usage) =>
        new() { ["billed_units"] = new JsonObject { ["input_tokens"] = usage.Input } };

    protected override JsonObject Body(Turn turn, JsonNode? usage)
    {
        var meta = usage as JsonObject ?? [];
        meta["api_version"] = new JsonObject { ["version"] = "2" };
        return new JsonObject
        {
            ["id"] = $"fake-{turn.Number}",
            ["embeddings"] = new JsonObject { ["float"] = new JsonArray([.. VectorsOf(turn).Select(Vector.ToJson)]) },
            ["texts"] = new JsonArray([.. turn.Request.Texts.Select(text => JsonValue.Create(text))]),
            ["meta"] = meta,
            ["response_type"] = "embeddings_by_type",
        };
    }
}
