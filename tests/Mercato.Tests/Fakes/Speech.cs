using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

/// <summary>How a caller asks in a dialect and reads an answer: written for the tests, apart from the fake's own code.</summary>
internal sealed record Speech
{
    public static readonly IReadOnlyDictionary<string, Speech> ByName = new[]
    {
        new Speech
        {
            Name = "openai-chat",
            Address = (_, _) => "v1/chat/completions",
            Body = text => new JsonObject { ["messages"] = Messages(text) },
            StreamEnd = "data: [DONE]",
            PlainEnd = "\"usage\":{",
            TextOf = body => (string?)body["choices"]?[0]?["delta"]?["content"] ?? "",
        },
        new Speech
        {
            Name = "openai-responses",
            Address = (_, _) => "v1/responses",
            Body = text => new JsonObject { ["input"] = text },
            StreamEnd = "\"type\":\"response.completed\"",
            PlainEnd = "\"usage\":{",
            TextOf = body => (string?)body["type"] == "response.output_text.delta" ? (string)body["delta"]! : "",
        },
        new Speech
        {
            Name = "anthropic",
            Address = (_, _) => "v1/messages",
            Body = text => new JsonObject { ["max_tokens"] = 2000, ["messages"] = Messages(text) },
            KeyHeader = "x-api-key",
            StreamEnd = "\"type\":\"message_stop\"",
            PlainEnd = "\"usage\":{",
            TextOf = body => (string?)body["delta"]?["text"] ?? "",
        },
        new Speech
        {
            Name = "gemini",
            Address = (model, stream) => $"v1beta/models/{Uri.EscapeDataString(model)}:"
                + (stream ? "streamGenerateContent?alt=sse" : "generateContent"),
            Body = text => new JsonObject
            {
                ["contents"] = new JsonArray(new JsonObject
                {
                    ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = text }),
                }),
            },
            KeyHeader = "x-goog-api-key",
            StreamEnd = "\"finishReason\":\"STOP\"",
            PlainEnd = "\"usageMetadata\":{",
            TextOf = body => (string?)body["candidates"]?[0]?["content"]?["parts"]?[0]?["text"] ?? "",
        },
        new Speech
        {
            Name = "cohere",
            Address = (_, _) => "v2/chat",
            Body = text => new JsonObject { ["messages"] = Messages(text) },
            StreamEnd = "\"finish_reason\":\"COMPLETE\"",
            PlainEnd = "\"usage\":{",
            TextOf = body => (string?)body["delta"]?["message"]?["content"].Member("text") ?? "",
        },
        new Speech
        {
            Name = "ollama",
            Address = (_, _) => "api/chat",
            Body = text => new JsonObject { ["messages"] = Messages(text) },
            StreamEnd = "\"done\":true",
            PlainEnd = "\"eval_count\":",
            TextOf = body => (string?)body["message"]?["content"] ?? "",
        },
    }.ToDictionary(speech => speech.Name);

    public required string Name { get; init; }

    /// <summary>The address for a model, streamed or not, relative to the host.</summary>
    public required Func<string, bool, string> Address { get; init; }

    /// <summary>A request with one user text; model and stream are added where the dialect has them in the body.</summary>
    public required Func<string, JsonObject> Body { get; init; }

    /// <summary>The header that carries the bare key; null for a bearer.</summary>
    public string? KeyHeader { get; init; }

    public required string StreamEnd { get; init; }

    public required string PlainEnd { get; init; }

    /// <summary>The text that one event adds.</summary>
    public required Func<JsonNode, string> TextOf { get; init; }

    public static TheoryData<string> Names => [.. ByName.Keys];

    public HttpRequestMessage Ask(string model, bool stream, JsonObject? extra = null, string text = "Hello")
    {
        var body = Body(text);
        if (Name != "gemini")
        {
            body["model"] = model;
            body["stream"] = stream;
        }

        foreach (var (name, value) in extra ?? [])
        {
            body[name] = value?.DeepClone();
        }

        var request = new HttpRequestMessage(HttpMethod.Post, Address(model, stream)) { Content = JsonContent.Create(body) };
        request.Headers.Add("anthropic-version", "2023-06-01");
        return request;
    }

    public static async Task<JsonNode> ReadAsync(HttpClient client, HttpRequestMessage request, CancellationToken token)
    {
        using var reply = await client.SendAsync(request, token);
        return JsonNode.Parse(await reply.Content.ReadAsStringAsync(token))!;
    }

    /// <summary>The events of a whole stream, without an end marker that is not JSON.</summary>
    public static async Task<List<JsonNode>> ReadEventsAsync(
        HttpClient client, HttpRequestMessage request, CancellationToken token)
    {
        using var reply = await client.SendAsync(request, token);
        var body = await reply.Content.ReadAsStringAsync(token);
        return
        [
            .. body.ReplaceLineEndings("\n").Split('\n')
                .Select(line => line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : line)
                .Where(line => line.StartsWith('{'))
                .Select(line => JsonNode.Parse(line)!),
        ];
    }

    public static JsonArray Messages(string text) => new(new JsonObject { ["role"] = "user", ["content"] = text });
}

internal static class NodeReading
{
    /// <summary>The member, if this is an object at all.</summary>
    public static JsonNode? Member(this JsonNode? node, string name) => (node as JsonObject)?[name];
}
