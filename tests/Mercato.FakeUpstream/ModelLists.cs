using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>What a host offers, in each provider's shape.</summary>
internal static class ModelLists
{
    public static JsonObject? Find(HttpRequest request, IEnumerable<string> models) =>
        (request.Method, request.Path.Value) switch
        {
            ("GET", "/v1/models") when request.Headers.ContainsKey("anthropic-version") => OfAnthropic(models),
            ("GET", "/v1/models") when request.Query.ContainsKey("endpoint") => OfCohere(models),
            ("GET", "/v1/models") => OfOpenAi(models),
            ("GET", "/v1beta/models") => OfGemini(models),
            ("GET", "/api/tags") => OfOllama(models),
            _ => null,
        };

    private static JsonArray List(IEnumerable<string> models, Func<string, JsonObject> toJson) => new([.. models.Select(toJson)]);

    private static JsonObject OfOpenAi(IEnumerable<string> models) => new()
    {
        ["object"] = "list",
        ["data"] = List(models, name => new JsonObject
        {
            ["id"] = name, ["object"] = "model", ["created"] = 1_750_000_000, ["owned_by"] = "fake",
        }),
    };

    private static JsonObject OfAnthropic(IEnumerable<string> models) => new()
    {
        ["data"] = List(models, name => new JsonObject
        {
            ["type"] = "model", ["id"] = name, ["display_name"] = name, ["created_at"] = "2025-06-15T00:00:00Z",
        }),
        ["has_more"] = false,
        ["first_id"] = models.First(),
        ["last_id"] = models.Last(),
    };

    private static JsonObject OfCohere(IEnumerable<string> models) => new()
    {
        ["models"] = List(models, name => new JsonObject
        {
            ["name"] = name, ["endpoints"] = new JsonArray("chat", "embed"), ["context_length"] = 128_000,
        }),
    };

    private static JsonObject OfGemini(IEnumerable<string> models) => new()
    {
        ["models"] = List(models, name => new JsonObject
        {
            ["name"] = $"models/{name}",
            ["displayName"] = name,
            ["inputTokenLimit"] = 1_048_576,
            ["outputTokenLimit"] = 65_536,
            ["supportedGenerationMethods"] = new JsonArray("generateContent", "batchEmbedContents"),
        }),
    };

    private static JsonObject OfOllama(IEnumerable<string> models) => new()
    {
        ["models"] = List(models, name => new JsonObject
        {
            ["name"] = name,
            ["model"] = name,
            ["modified_at"] = "2025-06-15T00:00:00Z",
            ["size"] = 1_000_000_000,
            ["digest"] = FakeUpstream.Digest(name),
            ["details"] = new JsonObject
            {
                ["format"] = "gguf", ["family"] = "fake", ["parameter_size"] = "1B", ["quantization_level"] = "Q4_0",
            },
        }),
    };
}
