using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>Google's batchEmbedContents. Its answers carry no usage.</summary>
internal sealed class GeminiEmbeddings : VectorDialect
{
    private static readonly Members Root = new() { Required = ["requests"], ["requests"] = Shape.Filled };

    private static readonly Members Request = GeminiCheck.Both(new Members
    {
        Required = ["model", "content"],
        ["content"] = Shape.Map,
        ["model"] = Shape.Text,
        ["outputDimensionality"] = Shape.Between(1, 4096),
        ["taskType"] = Shape.Text,
        ["title"] = Shape.Text,
    });

    public override string Name => "gemini-embeddings";

    public override bool TellsDelayInBody => true;

    public override bool Serves(HttpRequest request) =>
        request.Method == "POST" && GeminiAddress.Of(request) is { Method: "batchEmbedContents" };

    public override (string? Model, bool Streamed) Glance(HttpRequest request, JsonElement? body) =>
        (GeminiAddress.Of(request)?.Model, false);

    public override Complaint? FindWrongKey(HttpRequest request, string key) => GeminiAddress.FindWrongKey(request, key);

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        Root.FindComplaint(root, "", GeminiCheck.Wording)
        ?? root.GetProperty("requests").EnumerateArray()
            .Select((one, i) => Request.FindComplaint(one, $"requests[{i}].", GeminiCheck.Wording)
                ?? (one.GetProperty("model").GetString() == $"models/{GeminiAddress.Of(request)!.Model}"
                    ? null
                    : GeminiCheck.Wrong($"* BatchEmbedContentsRequest.requests[{i}].model: must be the model of the address")))
            .FirstOrDefault(wrong => wrong is not null);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var requests = root.GetProperty("requests").EnumerateArray().ToList();
        return new Asked
        {
            Model = GeminiAddress.Of(request)!.Model,
            Texts =
            [
                .. requests.Select(one => string.Concat(
                    GeminiContents.PartsOf(one.GetProperty("content")).Select(part => part.Find("text")?.GetString()))),
            ],
            Dimensions = requests[0].FindEither("outputDimensionality")?.GetInt32(),
        };
    }

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => GeminiDialect.ErrorOf(complaint, turn);

    protected override JsonObject UsageOf(Usage usage) => [];

    protected override JsonObject Body(Turn turn, JsonNode? usage) => new()
    {
        ["embeddings"] = new JsonArray([.. VectorsOf(turn).Select(vector =>
            new JsonObject { ["values"] = Vector.ToJson(vector) })]),
    };
}
