using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

public sealed class GeminiFakeTests
{
    private const string Tools = """
        [{"functionDeclarations":[{"name":"weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}]
        """;

    private static readonly Speech Speech = Speech.ByName["gemini"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamWithoutSse_isOneJsonArray()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        using var reply = await client.PostAsJsonAsync(
            "v1beta/models/fake-ok%3Bout=6%3Bevents=2:streamGenerateContent", Speech.Body("Hello"), Token);
        var chunks = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Token))!.AsArray();

        string.Concat(chunks.Select(chunk => Speech.TextOf(chunk!))).ShouldBe("the sun rose over a small");
        chunks.Select(chunk => (int)chunk!["usageMetadata"]!["candidatesTokenCount"]!).ShouldBe([3, 6, 6]);
        (await upstream.Journal.WaitForEndedAsync(1, Token)).Single().EventsSent.ShouldBe(3);
    }

    [Fact]
    public async Task Stream_endsItsLinesWithCrLfAndHasNoEndMarker()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        using var reply = await client.SendAsync(Speech.Ask("fake-ok;out=4;events=2", stream: true), Token);
        var body = await reply.Content.ReadAsStringAsync(Token);

        body.Split("\r\n\r\n").Length.ShouldBe(3 + 1);
        body.ShouldNotContain("[DONE]");
    }

    [Fact]
    public async Task Thoughts_areShownOnlyOnDemandAndAlwaysSigned()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        var demand = JsonNode.Parse("""{"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}""")!.AsObject();

        var shown = Parts(await Speech.ReadAsync(client, Speech.Ask("fake-reasoning;reasoning=4;out=8", false, demand), Token));
        var hidden = Parts(await Speech.ReadAsync(client, Speech.Ask("fake-reasoning;reasoning=4;out=8", false), Token));

        shown[0]!.ToJsonString().ShouldBe("""{"text":"the sun rose over","thought":true}""");
        shown.Count.ShouldBe(3);
        hidden.Count.ShouldBe(2);
        hidden[^1]!["thoughtSignature"]!.ToJsonString().ShouldBe(shown[^1]!["thoughtSignature"]!.ToJsonString());
    }

    [Theory]
    [InlineData("keep", null)]
    [InlineData("excuse", null)]
    [InlineData("drop", "Function call is missing a thought_signature in functionCall parts.")]
    [InlineData("forge", "Thought signature is not valid.")]
    [InlineData("fewer", "Please ensure that the number of function response parts is equal")]
    [InlineData("text", "Invalid value at 'contents[2].parts[0].functionResponse.response': expected an object")]
    public async Task ToolLoop_takesSignatureAndResponsesBack(string how, string? complaint)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        const string Model = "fake-tools;calls=2;strict-thoughts";
        var extra = new JsonObject { ["tools"] = JsonNode.Parse(Tools) };
        var first = await Speech.ReadAsync(client, Speech.Ask(Model, stream: false, extra), Token);
        var call = first["candidates"]![0]!["content"]!.DeepClone();
        var parts = call["parts"]!.AsArray();
        var responses = new JsonArray(Response(), Response());
        parts.Select(part => part!["thoughtSignature"] is not null).ShouldBe([true, false]);
        switch (how)
        {
            case "excuse": parts[0]!["thoughtSignature"] = "skip_thought_signature_validator"; break;
            case "drop": parts[0]!.AsObject().Remove("thoughtSignature"); break;
            case "forge": parts[0]!["thoughtSignature"] = "CikB0e2Kbw=="; break;
            case "fewer": responses.RemoveAt(1); break;
            case "text": responses[0]!["functionResponse"]!["response"] = "sunny"; break;
        }

        extra["contents"] = new JsonArray(
            JsonNode.Parse("""{"role":"user","parts":[{"text":"Hello"}]}"""),
            call,
            new JsonObject { ["role"] = "user", ["parts"] = responses });
        var body = await Speech.ReadAsync(client, Speech.Ask(Model, stream: false, extra), Token);

        if (complaint is null)
        {
            Speech.TextOf(body).ShouldBe("The tool said: sunny");
        }
        else
        {
            ((string)body["error"]!["message"]!).ShouldStartWith(complaint);
            ((string)body["error"]!["status"]!).ShouldBe("INVALID_ARGUMENT");
        }

        static JsonNode Response() =>
            JsonNode.Parse("""{"functionResponse":{"name":"weather","response":{"output":"sunny"}}}""")!;
    }

    [Theory]
    [InlineData("""{"messages":[]}""", "Unknown name \"messages\": Cannot find field.")]
    [InlineData("""{"contents":[]}""", "contents is not specified")]
    [InlineData("""{"contents":[{"role":"assistant","parts":[{"text":"a"}]}]}""", "Please use a valid role: user, model.")]
    [InlineData("""{"contents":[{"role":"user","parts":[]}]}""", "parts must not be empty")]
    [InlineData("""{"contents":[{"role":"user","parts":[{}]}]}""", "required oneof field 'data'")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"type":"text","text":"a"}]}]}""", "Unknown name \"type\" at 'contents[0].parts[0]'")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}""", "function response turn comes immediately after a function call turn")]
    [InlineData("""{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"data:image/png;base64,AA=="}}]}]}""", "expected base64")]
    [InlineData("""{"generationConfig":{"max_tokens":3}}""", "Unknown name \"max_tokens\" at 'generation_config'")]
    [InlineData("""{"generationConfig":{"stopSequences":["1","2","3","4","5","6"]}}""", "at most 5")]
    [InlineData("""{"generationConfig":{"responseSchema":{"type":"OBJECT"}}}""", "only 'application/json'")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","const":"x"}}}}]}]}""", "Unknown name \"const\" at 'tools[0].function_declarations[0].parameters.properties[a]'")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":["string","null"]}}]}]}""", "expected a type's name")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"1f"}]}]}""", "Invalid function name.")]
    [InlineData("""{"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}}}""", "should only be set when the function calling mode is ANY")]
    public async Task RequestThatGoogleWouldRefuse_is400(string change, string complaint)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var body = await Speech.ReadAsync(
            client, Speech.Ask("fake-ok", stream: false, JsonNode.Parse(change)!.AsObject()), Token);

        ((string?)body["error"]?["message"]).ShouldNotBeNull().ShouldContain(complaint);
    }

    [Fact]
    public async Task RefusedPrompt_hasNoCandidates()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var body = await Speech.ReadAsync(client, Speech.Ask("fake-ok;finish=blocked;out=0", stream: false), Token);

        body["candidates"].ShouldBeNull();
        ((string)body["promptFeedback"]!["blockReason"]!).ShouldBe("PROHIBITED_CONTENT");
    }

    private static JsonArray Parts(JsonNode body) => body["candidates"]![0]!["content"]!["parts"]!.AsArray();
}
