using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

public sealed class AnthropicFakeTests
{
    private const string Tools = """
        [{"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]
        """;

    private static readonly Speech Speech = Speech.ByName["anthropic"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_hasTheGrammarOfMessages()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var events = await Speech.ReadEventsAsync(
            client,
            Speech.Ask("fake-tools;calls=2;reasoning=4;events=2", stream: true, new() { ["tools"] = JsonNode.Parse(Tools) }),
            Token);

        string.Join(' ', events.Select(data => (string?)data["delta"]?["type"] ?? (string?)data["type"])).ShouldBe(
            "message_start content_block_start ping thinking_delta thinking_delta signature_delta content_block_stop "
            + "content_block_start input_json_delta input_json_delta content_block_stop "
            + "content_block_start input_json_delta input_json_delta content_block_stop message_delta message_stop");
        events.Where(data => (string?)data["type"] == "content_block_start")
            .Select(data => $"{data["index"]} {data["content_block"]!.ToJsonString()}").ShouldBe(
            [
                """0 {"type":"thinking","thinking":"","signature":""}""",
                """1 {"type":"tool_use","id":"toolu_fake_1_0","name":"weather","input":{}}""",
                """2 {"type":"tool_use","id":"toolu_fake_1_1","name":"weather","input":{}}""",
            ]);
        events[^2].ToJsonString().ShouldStartWith(
            """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":20,""");
    }

    [Fact]
    public async Task ToolLoop_takesItsThinkingBackUnchanged()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        (await LoopAsync(client, "fake-tools;calls=2", _ => { }))["content"]!.AsArray()[^1]!["text"]!.GetValue<string>()
            .ShouldBe("The tool said: sunny");
        (await LoopAsync(client, "fake-tools;hidden-thoughts", _ => { }))["content"]!.AsArray()[0]!["type"]!.GetValue<string>()
            .ShouldBe("redacted_thinking");
    }

    [Theory]
    [InlineData("drop", "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`")]
    [InlineData("change", "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be")]
    [InlineData("forge", "messages.1.content.0: Invalid `signature` in `thinking` block")]
    [InlineData("mark", "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted")]
    public async Task ThinkingThatComesBackWrong_is400(string how, string complaint)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var body = await LoopAsync(client, "fake-tools;calls=2", content =>
        {
            switch (how)
            {
                case "drop": content.RemoveAt(0); break;
                case "change": content[0]!["thinking"] = "I never thought this."; break;
                case "forge": content[0]!["signature"] = "EqQBCgIYAhIM1gbcDa9GJwZA2b3h"; break;
                case "mark": content[0]!["cache_control"] = new JsonObject { ["type"] = "ephemeral" }; break;
            }
        });

        body["type"]!.GetValue<string>().ShouldBe("error");
        body["error"]!["message"]!.GetValue<string>().ShouldStartWith(complaint);
    }

    [Fact]
    public async Task SignatureOfAnotherHost_isRefused()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        await using var other = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Host = "other" });
        using var client = Loopback.Client(upstream.Root);
        using var otherClient = Loopback.Client(other.Root);
        var thought = (await Speech.ReadAsync(otherClient, Speech.Ask("fake-reasoning", stream: false), Token))["content"]![0]!;

        var body = await Speech.ReadAsync(client, Speech.Ask("fake-ok", stream: false, new()
        {
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "user", ["content"] = "Hello" },
                new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(thought.DeepClone()) },
                new JsonObject { ["role"] = "user", ["content"] = "And now?" }),
        }), Token);

        body["error"]!["message"]!.GetValue<string>().ShouldBe("messages.1.content.0: Invalid `signature` in `thinking` block");
    }

    [Theory]
    [InlineData("""{"max_tokens":null}""", "max_tokens: Field required")]
    [InlineData("""{"messages":[{"role":"assistant","content":"Hi"}]}""", "messages: first message must use the \"user\" role")]
    [InlineData("""{"messages":[{"role":"user","content":""}]}""", "messages: text content blocks must be non-empty")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":" "}]}]}""", "messages: text content blocks must contain non-whitespace text")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages.0.content.0: Input tag 'image_url' found")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"call.1","name":"f","input":{}}]}]}""", "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":"{}"}]}]}""", "messages.1.content.0.tool_use.input: Input should be an object")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"b"}]}]}""", "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b.")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"a"}]}]}""", "messages.1: `tool_use` ids were found without")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}""", "messages.0.content.0: unexpected `tool_use_id` found")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"So "}]}""", "messages: final assistant content cannot end with trailing whitespace")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}]}""", null)]
    [InlineData("""{"tools":[{"name":"f","parameters":{}}]}""", "tools.0.custom.parameters: Extra inputs are not permitted")]
    [InlineData("""{"tools":[{"name":"f","input_schema":{}}]}""", "tools.0.custom.input_schema.type: Input should be 'object'")]
    [InlineData("""{"tool_choice":{"type":"any"}}""", "tool_choice: tool_choice may only be specified while providing tools")]
    [InlineData("""{"thinking":{"type":"enabled","budget_tokens":1000}}""", "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")]
    [InlineData("""{"thinking":{"type":"enabled","budget_tokens":2000}}""", "`max_tokens` must be greater than `thinking.budget_tokens`.")]
    [InlineData("""{"thinking":{"type":"enabled","budget_tokens":1024},"temperature":0.5}""", "`temperature` may only be set to 1 when thinking is enabled.")]
    [InlineData("""{"thinking":{"type":"adaptive","display":5}}""", "A member has the wrong type.")]
    [InlineData("""{"temperature":1.5}""", "temperature: Input should be a number from 0 to 1")]
    [InlineData("""{"stop_sequences":[" "]}""", "stop_sequences: each stop sequence must contain non-whitespace")]
    [InlineData("""{"context_management":{"edits":[]}}""", "context_management: Extra inputs are not permitted")]
    public async Task RequestThatAnthropicWouldRefuse_is400(string change, string? complaint)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var body = await Speech.ReadAsync(
            client, Speech.Ask("fake-ok", stream: false, JsonNode.Parse(change)!.AsObject()), Token);

        // A tool of an unknown type passes for one that the host itself runs.
        ((string?)body["error"]?["message"])?.ShouldStartWith(complaint ?? "");
        ((string?)body["error"]?["type"]).ShouldBe(complaint is null ? null : "invalid_request_error");
    }

    [Fact]
    public async Task VersionHeader_isRequired()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        using var request = Speech.Ask("fake-ok", stream: false);
        request.Headers.Remove("anthropic-version");

        var body = await Speech.ReadAsync(client, request, Token);

        body["error"]!["message"]!.GetValue<string>().ShouldBe("anthropic-version: header is required");
    }

    [Fact]
    public async Task UsageInParts_growsOrIsSplit()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        (await OutputsAsync("running")).ShouldBe([3, 7]);
        (await OutputsAsync("delta")).ShouldBe([3, 4]);

        async Task<IEnumerable<int>> OutputsAsync(string kind) =>
            (await Speech.ReadEventsAsync(client, Speech.Ask($"fake-ok;out=7;usage-parts={kind}", stream: true), Token))
                .Where(data => (string?)data["type"] == "message_delta")
                .Select(data => (int)data["usage"]!["output_tokens"]!);
    }

    /// <summary>Calls, changes the assistant's content, and sends it back with the tools' results.</summary>
    private static async Task<JsonNode> LoopAsync(HttpClient client, string model, Action<JsonArray> change)
    {
        var extra = new JsonObject
        {
            ["tools"] = JsonNode.Parse(Tools),
            ["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 1024 },
        };
        var first = await Speech.ReadAsync(client, Speech.Ask(model, stream: false, extra), Token);
        var content = first["content"]!.DeepClone().AsArray();
        var results = content.Where(block => (string?)block!["type"] == "tool_use").Select(block => new JsonObject
        {
            ["type"] = "tool_result", ["tool_use_id"] = (string)block!["id"]!, ["content"] = "sunny",
        }).ToArray();
        change(content);
        extra["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "Hello" },
            new JsonObject { ["role"] = "assistant", ["content"] = content },
            new JsonObject { ["role"] = "user", ["content"] = new JsonArray(results) });
        return await Speech.ReadAsync(client, Speech.Ask(model, stream: false, extra), Token);
    }
}
