using System.Text.Json;
using System.Text.Json.Nodes;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>OpenAI's embeddings: an array of numbers, or base64 of little-endian floats as its clients like it.</summary>
internal sealed class OpenAiEmbeddings : VectorDialect
{
    private static readonly Shape Input = new("a string, an array of strings or token arrays", value =>
        value.ValueKind == Kind.String
            ? value.GetString()!.Length > 0
            : value.ValueKind == Kind.Array && value.GetArrayLength() is > 0 and <= 2048
                && value.EnumerateArray().All(one => one.ValueKind is Kind.String or Kind.Number or Kind.Array));

    private static readonly Members Root = new()
    {
        Required = ["model", "input"],
        ["dimensions"] = Shape.Between(1, 4096),
        ["encoding_format"] = Shape.OneOf("float", "base64"),
        ["input"] = Input,
        ["model"] = Shape.Text,
        ["user"] = Shape.Text,
    };

    public override string Name => "openai-embeddings";

    public override UsageNames UsageNames { get; } = new(["prompt_tokens"], ["total_tokens"], [], null);

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v1/embeddings";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        Root.FindComplaint(root, "", Complaint.OpenAi);

    public override Asked Read(HttpRequest request, JsonElement root)
    {
        var input = root.GetProperty("input");
        return new Asked
        {
            Model = root.GetProperty("model").GetString()!,
            // A list of numbers is one text, given as its tokens.
            Texts = input.ValueKind == Kind.String || input[0].ValueKind == Kind.Number
                ? [input.ToString()]
                : [.. input.EnumerateArray().Select(text => text.ToString())],
            Dimensions = root.Find("dimensions")?.GetInt32(),
            WantsBase64 = root.Find("encoding_format")?.GetString() == "base64",
        };
    }

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => complaint.ToJson();

    protected override JsonObject UsageOf(Usage usage) =>
        new() { ["prompt_tokens"] = usage.Input, ["total_tokens"] = usage.Input };

    protected override JsonObject Body(Turn turn, JsonNode? usage)
    {
        var body = new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. VectorsOf(turn).Select((vector, i) => new JsonObject
            {
                ["object"] = "embedding",
                ["index"] = i,
                ["embedding"] = turn.Request.WantsBase64 ? Vector.ToBase64(vector) : Vector.ToJson(vector),
            })]),
            ["model"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model,
        };
        if (usage is not null)
        {
            body["usage"] = usage;
        }

        return body;
    }
}
