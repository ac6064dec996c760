using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>OpenAI's image generation: each image is the same small picture, counted as <c>out</c> tokens.</summary>
internal sealed class OpenAiImages : Dialect
{
    private const int TokensOfImage = 1000;

    /// <summary>A PNG of one grey point.</summary>
    private const string Picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg==";

    private static readonly Members Root = new()
    {
        Required = ["prompt"],
        ["background"] = Shape.OneOf("transparent", "opaque", "auto"),
        ["model"] = Shape.Text,
        ["moderation"] = Shape.Text,
        ["n"] = Shape.Between(1, 10),
        ["output_compression"] = Shape.Between(0, 100),
        ["output_format"] = Shape.OneOf("png", "jpeg", "webp"),
        ["partial_images"] = Shape.Between(0, 3),
        ["prompt"] = Shape.Text,
        ["quality"] = Shape.OneOf("auto", "high", "medium", "low", "hd", "standard"),
        ["response_format"] = Shape.OneOf("url", "b64_json"),
        ["size"] = Shape.Text,
        ["stream"] = new Shape("false", value => value.ValueKind == JsonValueKind.False),
        ["style"] = Shape.OneOf("vivid", "natural"),
        ["user"] = Shape.Text,
    };

    public override string Name => "openai-images";

    public override UsageNames UsageNames { get; } = new(["input_tokens"], ["output_tokens"], ["total_tokens"], null);

    public override bool Serves(HttpRequest request) => request.Method == "POST" && request.Path == "/v1/images/generations";

    public override Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals) =>
        Root.FindComplaint(root, "", Complaint.OpenAi);

    public override Asked Read(HttpRequest request, JsonElement root) => new()
    {
        Model = root.Find("model")?.GetString() ?? "dall-e-2",
        Choices = root.Find("n")?.GetInt32() ?? 1,
        WantsBase64 = root.Find("response_format")?.GetString() != "url",
    };

    public override Story Tell(Turn turn)
    {
        var tokens = turn.Amount("out", TokensOfImage);
        var usage = new Usage(turn.Amount("in", 20), tokens * turn.Request.Choices, 0, 0, 0);
        return new Story([], [], [], tokens, "stop", usage);
    }

    public override Telling Write(Turn turn, Story story)
    {
        var claim = Language.ClaimUsage(ToJson(story.Usage), turn);
        var body = new JsonObject
        {
            ["created"] = turn.Time.GetUtcNow().ToUnixTimeSeconds(),
            ["data"] = new JsonArray([.. Enumerable.Range(0, turn.Request.Choices).Select(i => turn.Request.WantsBase64
                ? new JsonObject { ["b64_json"] = Picture }
                : new JsonObject { ["url"] = $"https://images.invalid/{turn.Number}/{i}.png" })]),
        };
        if (claim is not null)
        {
            body["usage"] = claim.DeepClone();
        }

        return new Telling(Answer.Plain(body.ToBytes(), story.Usage.Output, 0), claim);
    }

    public override JsonObject ToJson(Complaint complaint, Turn? turn) => complaint.ToJson();

    private static JsonObject ToJson(Usage usage) => new()
    {
        ["input_tokens"] = usage.Input,
        ["input_tokens_details"] = new JsonObject { ["text_tokens"] = usage.Input, ["image_tokens"] = 0 },
        ["output_tokens"] = usage.Output,
        ["total_tokens"] = usage.Input + usage.Output,
    };
}
