using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

public sealed class CohereAndOllamaFakeTests
{
    private const string Tools = """
        [{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CohereStream_plansCallsAndEnds()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var events = await Speech.ReadEventsAsync(
            client,
            Speech.ByName["cohere"].Ask("fake-tools;calls=2;events=2", true, new() { ["tools"] = JsonNode.Parse(Tools) }),
            Token);

        string.Join(' ', events.Select(data => (string)data["type"]!)).ShouldBe(
            "message-start tool-plan-delta tool-call-start tool-call-delta tool-call-end "
            + "tool-call-start tool-call-delta tool-call-end message-end");
        events.Where(data => (string)data["type"]! == "tool-call-start").Select(data => data.ToJsonString()).Last().ShouldBe(
            """{"type":"tool-call-start","index":1,"delta":{"message":{"tool_calls":{"id":"call_1_1","type":"function","function":{"name":"weather","arguments":""}}}}}""");
    }

    [Fact]
    public async Task OllamaStream_sendsCallsWholeWithArgumentsAsObjects()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var lines = await Speech.ReadEventsAsync(
            client, Speech.ByName["ollama"].Ask("fake-tools;calls=2", true, new() { ["tools"] = JsonNode.Parse(Tools) }), Token);

        lines.Count.ShouldBe(3);
        lines[0]["message"]!["tool_calls"]!.ToJsonString().ShouldBe(
            """[{"function":{"name":"weather","arguments":{"city":"alpha"}}}]""");
        ((bool)lines[0]["done"]!).ShouldBeFalse();
        ((string)lines[2]["done_reason"]!).ShouldBe("stop");
    }

    [Fact]
    public async Task OllamaStream_isWhatComesUnlessDeclined()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var lines = await Speech.ReadEventsAsync(
            client, Speech.ByName["ollama"].Ask("fake-ok;events=3", false, new() { ["stream"] = null }), Token);

        lines.Count.ShouldBe(3 + 1);
    }

    [Theory]
    [InlineData("cohere")]
    [InlineData("ollama")]
    public async Task ToolLoop_endsWithText(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        var speech = Speech.ByName[dialect];
        var extra = new JsonObject { ["tools"] = JsonNode.Parse(Tools) };
        var first = await Speech.ReadAsync(client, speech.Ask("fake-tools", stream: false, extra), Token);
        var call = first["message"]!.DeepClone();
        var result = new JsonObject { ["role"] = "tool", ["content"] = "sunny" };
        result[dialect == "cohere" ? "tool_call_id" : "tool_name"] = dialect == "cohere" ? "call_1_0" : "weather";
        extra["messages"] = new JsonArray([.. Speech.Messages("Hello").Select(message => message!.DeepClone()), call, result]);

        var second = await Speech.ReadAsync(client, speech.Ask("fake-tools", stream: false, extra), Token);

        (second["message"]!["content"] is JsonArray parts ? (string)parts[0]!["text"]! : (string)second["message"]!["content"]!)
            .ShouldBe("The tool said: sunny");
    }

    [Theory]
    [InlineData("""{"top_p":0.5}""", "parameter 'top_p' is not a valid field")]
    [InlineData("""{"stop":["a"]}""", "parameter 'stop' is not a valid field")]
    [InlineData("""{"messages":[]}""", "parameter 'messages' must be a non-empty array")]
    [InlineData("""{"messages":[{"role":"developer","content":"a"}]}""", "'messages.role' must be one of user, assistant, system, tool")]
    [InlineData("""{"messages":[{"role":"user","content":""}]}""", "must be at least 1 token long")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"a","content":"b"}]}""", "must be that of a call before it")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"input_text","text":"a"}]}]}""", "content of type 'input_text' is not valid")]
    [InlineData("""{"tool_choice":"required","tools":[]}""", "'tool_choice' must be one of REQUIRED, NONE")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{}}}]}""", "parameter 'tools.function.strict' is not a valid field")]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{}}}""", "response_format.type must be one of")]
    [InlineData("""{"response_format":{"type":"json_object","json_schema":{"name":"a","schema":{}}}}""", "must be a JSON schema, not a wrapper")]
    public async Task RequestThatCohereWouldRefuse_is400(string change, string complaint) =>
        ((string?)(await AskAsync("cohere", change))["message"]).ShouldNotBeNull().ShouldContain(complaint);

    [Theory]
    [InlineData("""{"max_tokens":5}""", "unknown field max_tokens")]
    [InlineData("""{"options":{"max_tokens":5}}""", "unknown field options.max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}]}""", "ChatRequest.messages.content of type a string")]
    [InlineData("""{"messages":[{"role":"user","content":"a","images":["data:image/png;base64,AA=="]}]}""", "illegal base64 data")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]}""", "tool_calls.function.arguments of type an object")]
    [InlineData("""{"format":"xml"}""", "invalid format: \"xml\"")]
    [InlineData("""{"think":"extreme"}""", "invalid think value: \"extreme\"")]
    public async Task RequestThatOllamaWouldRefuse_is400(string change, string complaint) =>
        ((string?)(await AskAsync("ollama", change))["error"]).ShouldNotBeNull().ShouldContain(complaint);

    private static async Task<JsonNode> AskAsync(string dialect, string change)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        return await Speech.ReadAsync(
            client, Speech.ByName[dialect].Ask("fake-ok", stream: false, JsonNode.Parse(change)!.AsObject()), Token);
    }
}
