using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;
using OpenAI;
using OpenAI.Embeddings;

namespace Mercato.Tests.Fakes;

/// <summary>Embeddings, images, lists of models, and DeepSeek's demand on chat.</summary>
public sealed class OtherEndpointsFakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Embeddings_areTheSameInBothEncodings()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        var sdk = new EmbeddingClient(
            "fake-ok;in=9", new ApiKeyCredential("key"), new OpenAIClientOptions { Endpoint = upstream.Address });

        var packed = (await sdk.GenerateEmbeddingAsync("sun", new EmbeddingGenerationOptions { Dimensions = 5 }, Token)).Value;
        var plain = await PostAsync(client, "embeddings", """{"model":"fake-ok;in=9","input":["moon","sun"],"dimensions":5}""");

        var vector = plain["data"]![1]!["embedding"]!.AsArray().Select(x => (float)x!).ToArray();
        packed.ToFloats().ToArray().ShouldBe(vector);
        vector.Sum(x => x * x).ShouldBe(1, 0.0001);
        ((int)plain["usage"]!["prompt_tokens"]!).ShouldBe(9);
        (await upstream.Journal.WaitForEndedAsync(2, Token)).ShouldAllBe(call => call.Bill == new Usage(9, 0, 0, 0, 0));
    }

    [Fact]
    public async Task EveryEmbeddingDialect_answersAVectorPerText()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var cohere = await PostAsync(
            client, "v2/embed", """{"model":"fake-ok","texts":["a","b"],"input_type":"search_query","output_dimension":4}""");
        var gemini = await PostAsync(client, "v1beta/models/fake-ok:batchEmbedContents", """
            {"requests":[{"model":"models/fake-ok","content":{"parts":[{"text":"a"}]},"outputDimensionality":4},
                         {"model":"models/fake-ok","content":{"parts":[{"text":"b"}]}}]}
            """);

        cohere["embeddings"]!["float"]!.AsArray().Count.ShouldBe(2);
        ((int)cohere["meta"]!["billed_units"]!["input_tokens"]!).ShouldBe(20);
        gemini["embeddings"]!.AsArray().Select(one => one!["values"]!.ToJsonString())
            .ShouldBe(cohere["embeddings"]!["float"]!.AsArray().Select(one => one!.ToJsonString()));
    }

    [Fact]
    public async Task Images_areCountedPerImage()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        var body = await PostAsync(client, "images/generations", """{"model":"fake-ok;in=8;out=50","prompt":"a sun","n":2}""");

        body["data"]!.AsArray().Count.ShouldBe(2);
        Convert.FromBase64String((string)body["data"]![0]!["b64_json"]!)[1..4].ShouldBe("PNG"u8.ToArray());
        body["usage"]!.ToJsonString().ShouldBe(
            """{"input_tokens":8,"input_tokens_details":{"text_tokens":8,"image_tokens":0},"output_tokens":100,"total_tokens":108}""");
    }

    [Theory]
    [InlineData("v1/embeddings", """{"model":"fake-ok","input":"a","texts":[]}""")]
    [InlineData("v2/embed", """{"model":"fake-ok","texts":["a"]}""")]
    [InlineData("v1beta/models/fake-ok:batchEmbedContents", """{"requests":[{"model":"models/other","content":{}}]}""")]
    [InlineData("v1/images/generations", """{"model":"fake-ok"}""")]
    public async Task WrongRequest_is400(string address, string request)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        using var reply = await client.PostAsJsonAsync(address, JsonNode.Parse(request), Token);

        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("v1/models", "data", "id", "gpt-5-mini")]
    [InlineData("v1beta/models", "models", "name", "models/gpt-5-mini")]
    [InlineData("api/tags", "models", "model", "gpt-5-mini")]
    public async Task ModelList_namesModesAndAliases(string address, string list, string member, string name)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        upstream.Alias("gpt-5-mini", "fake-ok");
        using var client = Loopback.Client(upstream.Root);

        var body = JsonNode.Parse(await client.GetStringAsync(address, Token))!;

        body[list]!.AsArray().Select(model => (string)model![member]!).ShouldContain(name);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.BadRequest)]
    public async Task StrictChat_wantsTheReasoningOfACallBack(bool kept, HttpStatusCode status)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        var call = JsonNode.Parse("""
            {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}
            """)!;
        if (kept)
        {
            call["reasoning_content"] = "I need the tool.";
        }

        using var reply = await client.PostAsJsonAsync("chat/completions", new JsonObject
        {
            ["model"] = "fake-ok;strict-thoughts",
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = "Hello" },
                call,
                new JsonObject { ["role"] = "tool", ["tool_call_id"] = "a", ["content"] = "sunny" }),
        }, Token);

        reply.StatusCode.ShouldBe(status);
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string address, string json)
    {
        using var reply = await client.PostAsJsonAsync(address, JsonNode.Parse(json), Token);
        return JsonNode.Parse(await reply.Content.ReadAsStringAsync(Token))!;
    }
}
