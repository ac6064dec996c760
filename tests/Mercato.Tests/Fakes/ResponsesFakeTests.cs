using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

public sealed class ResponsesFakeTests
{
    private const string Tools = """
        [{"type":"function","name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}]
        """;

    private static readonly Speech Speech = Speech.ByName["openai-responses"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_countsItsEventsAndRepeatsTheWholeAtTheEnd()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var events = await Speech.ReadEventsAsync(
            client,
            Speech.Ask("fake-reasoning;reasoning=4;out=8;events=4", stream: true, new()
            {
                ["reasoning"] = new JsonObject { ["summary"] = "auto" },
            }),
            Token);

        events.Select(data => (int)data["sequence_number"]!).ShouldBe(Enumerable.Range(0, events.Count));
        string.Join(' ', events.Select(data => ((string)data["type"]!)["response.".Length..])).ShouldBe(
            "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
            + "reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done output_item.done "
            + "output_item.added content_part.added output_text.delta output_text.delta output_text.done content_part.done "
            + "output_item.done completed");
        var whole = events[^1]["response"]!;
        whole["output"]![0]!.ToJsonString().ShouldBe(
            """{"id":"rs_fake_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"the sun rose over"}]}""");
        ((string)whole["output"]![1]!["content"]![0]!["text"]!).ShouldBe(string.Concat(events.Select(Speech.TextOf)));
        whole["usage"]!["output_tokens_details"]!["reasoning_tokens"]!.GetValue<int>().ShouldBe(4);
    }

    [Theory]
    [InlineData("length", "incomplete", "max_output_tokens")]
    [InlineData("content_filter", "incomplete", "content_filter")]
    [InlineData("failed", "failed", null)]
    public async Task AnswerThatIsNotComplete_saysWhy(string finish, string status, string? reason)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var events = await Speech.ReadEventsAsync(client, Speech.Ask($"fake-ok;finish={finish}", stream: true), Token);

        ((string)events[^1]["type"]!).ShouldBe($"response.{status}");
        ((string)events[^1]["response"]!["status"]!).ShouldBe(status);
        ((string?)events[^1]["response"]!["incomplete_details"]?["reason"]).ShouldBe(reason);
    }

    [Theory]
    [InlineData("keep", null)]
    [InlineData("drop", "Item 'fc_fake_1_1' of type 'function_call' was provided without its required 'reasoning' item.")]
    [InlineData("forge", "The encrypted content for item rs_fake_1_0 could not be verified.")]
    [InlineData("unanswered", "No tool output found for function call call_1_1.")]
    [InlineData("uncalled", "No tool call found for function call output with call_id call_1_0.")]
    [InlineData("lonely", "Item 'rs_fake_1_0' of type 'reasoning' was provided without its required following item.")]
    public async Task ToolLoop_takesItsReasoningAndCallsBackInPairs(string how, string? complaint)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        const string Model = "fake-tools;calls=2;reasoning=4;strict-thoughts";
        var extra = new JsonObject
        {
            ["tools"] = JsonNode.Parse(Tools), ["include"] = new JsonArray("reasoning.encrypted_content"),
        };
        var first = await Speech.ReadAsync(client, Speech.Ask(Model, stream: false, extra), Token);
        var items = first["output"]!.DeepClone().AsArray();
        var outputs = items.Where(item => item!["call_id"] is not null).Select(item => new JsonObject
        {
            ["type"] = "function_call_output", ["call_id"] = (string)item!["call_id"]!, ["output"] = "sunny",
        }).ToList();
        items.Insert(0, new JsonObject { ["role"] = "user", ["content"] = "Hello" });
        outputs.ForEach(items.Add);
        switch (how)
        {
            case "drop": items.RemoveAt(1); break;
            case "forge": items[1]!["encrypted_content"] = "gAAAAABo"; break;
            case "unanswered": items.RemoveAt(5); break;
            case "uncalled": items.RemoveAt(2); break;
            case "lonely": items.RemoveRange(2, 4); break;
        }

        extra["input"] = items;
        var body = await Speech.ReadAsync(client, Speech.Ask(Model, stream: false, extra), Token);

        if (complaint is null)
        {
            ((string)body["output"]![1]!["content"]![0]!["text"]!).ShouldBe("The tool said: sunny");
        }
        else
        {
            ((string)body["error"]!["message"]!).ShouldStartWith(complaint);
        }
    }

    [Theory]
    [InlineData("""{"max_tokens":100}""", "max_tokens")]
    [InlineData("""{"stop":["a"]}""", "stop")]
    [InlineData("""{"max_output_tokens":15}""", "max_output_tokens")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"reasoning":{"effort":"extreme"}}""", "reasoning.effort")]
    [InlineData("""{"text":{"format":{"type":"json_schema","json_schema":{"name":"a"}}}}""", "text.format.json_schema")]
    [InlineData("""{"text":{"format":{"type":"json_schema","name":"a"}}}""", "text.format.schema")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"f"}}]}""", "tools[0].function")]
    [InlineData("""{"tool_choice":{"type":"function","function":{"name":"f"}}}""", "tool_choice.function")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"text","text":"a"}]}]}""", "input[0].content[0]")]
    [InlineData("""{"input":[{"role":"assistant","content":[{"type":"input_text","text":"a"}]}]}""", "input[0].content[0]")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image","image_url":{"url":"https://a.test"}}]}]}""", "input[0].content[0].image_url")]
    [InlineData("""{"input":[{"role":"assistant","content":"","tool_calls":[]}]}""", "input[0].tool_calls")]
    [InlineData("""{"input":[{"role":"tool","content":"a"}]}""", "input[0].role")]
    [InlineData("""{"input":[{"type":"function_call","id":"call_1","call_id":"a","name":"f","arguments":"{}"}]}""", "input[0].id")]
    [InlineData("""{"input":[{"type":"function_call","call_id":"a","name":"f","arguments":{}}]}""", "input[0].arguments")]
    public async Task RequestThatOpenAiWouldRefuse_is400(string change, string param)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var body = await Speech.ReadAsync(
            client, Speech.Ask("fake-ok", stream: false, JsonNode.Parse(change)!.AsObject()), Token);

        ((string?)body["error"]?["param"]).ShouldBe(param);
    }
}
