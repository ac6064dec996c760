using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Everything of a request but its messages, as hosts of this dialect get it.</summary>
public sealed class HostOptionsTests
{
    private static readonly HostQuirks Plain = new();

    private static readonly ChatRequest Full = new()
    {
        Messages = [],
        OutputLimit = 100,
        Stop = ["a", "", "b"],
        Temperature = Json("0.70"),
        TopP = Json("1e-1"),
        TopK = Json("4"),
        FrequencyPenalty = Json("0.5"),
        PresencePenalty = Json("-0.5"),
        Seed = Json("12345678901234567890"),
        Reasoning = new ReasoningOptions("medium"),
        Choices = 2,
        IsStream = true,
        EndUser = "u",
        CacheKey = "k",
        Verbosity = "low",
        Others = ["store", "logit_bias"],
    };

    [Fact]
    public void HostThatDepartsInNothing_getsWhatAllKnow()
    {
        var request = Write(Full, Plain);

        Members(request).ShouldBe(
            "\"max_tokens\":100,\"stop\":[\"a\",\"b\"],\"temperature\":0.70,\"top_p\":1e-1,\"frequency_penalty\":0.5,"
            + "\"presence_penalty\":-0.5,\"seed\":12345678901234567890,\"user\":\"u\",\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true}");
        request.Dropped.ShouldBe(["logit_bias", "top_k", "reasoning", "verbosity", "prompt_cache_key", "n"]);
    }

    [Fact]
    public void OpenAisReasoningModel_getsNoSampling()
    {
        var request = Write(Full, Provider.BuiltIn["openai"].Quirks, "gpt-5-mini");

        Members(request).ShouldBe(
            "\"max_completion_tokens\":100,\"seed\":12345678901234567890,\"reasoning_effort\":\"medium\","
            + "\"verbosity\":\"low\",\"user\":\"u\",\"prompt_cache_key\":\"k\",\"stream\":true,"
            + "\"stream_options\":{\"include_usage\":true}");
        request.Dropped.ShouldBe(
            ["logit_bias", "stop", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "n"]);
    }

    [Fact]
    public void Mistral_isSpokenToInItsOwnWords()
    {
        var request = Write(
            Full with
            {
                ToolChoice = new ToolChoice(ToolChoiceKind.Required),
                Tools = [new FunctionTool("f", null, null)],
            },
            Provider.BuiltIn["mistral"].Quirks);

        Members(request).ShouldBe(
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\","
            + "\"properties\":{}}}}],\"tool_choice\":\"any\",\"max_tokens\":100,\"stop\":[\"a\",\"b\"],\"temperature\":0.70,"
            + "\"top_p\":1e-1,\"frequency_penalty\":0.5,\"presence_penalty\":-0.5,\"random_seed\":12345678901234567890,"
            + "\"stream\":true");
    }

    [Theory]
    [InlineData("o1", true)]
    [InlineData("o3-mini", true)]
    [InlineData("openai/o4-mini", true)]
    [InlineData("gpt-5", true)]
    [InlineData("gpt-5.2-codex", true)]
    [InlineData("gpt-5-chat-latest", false)]
    [InlineData("gpt-4o", false)]
    [InlineData("gpt-oss-120b", false)]
    [InlineData("olmo-2", false)]
    [InlineData("o200k", false)]
    public void ReasoningModels_areKnownByName(string model, bool reasons)
    {
        var sent = Members(Write(new ChatRequest { Messages = [], OutputLimit = 5, Temperature = Json("1") }, Plain, model));

        sent.ShouldBe(reasons ? "\"max_completion_tokens\":5" : "\"max_tokens\":5,\"temperature\":1");
    }

    [Theory]
    [InlineData("m", "low", "low")]
    [InlineData("m", "minimal", "low")]
    [InlineData("m", "max", "high")]
    [InlineData("m", "none", "none")]
    [InlineData("o3", "none", "low")]
    [InlineData("o3", "xhigh", "high")]
    [InlineData("gpt-5", "none", "minimal")]
    [InlineData("gpt-5", "minimal", "minimal")]
    [InlineData("gpt-5.1", "minimal", "low")]
    [InlineData("gpt-5.1", "none", "none")]
    [InlineData("gpt-5.2", "max", "xhigh")]
    [InlineData("gpt-5-pro", "low", "high")]
    [InlineData("gpt-5.1-codex-max", "max", "xhigh")]
    [InlineData("gpt-5-codex", "minimal", "low")]
    [InlineData("m", "odd", "odd")]
    public void Effort_isTheNearestThatTheModelKnows(string model, string wish, string expected)
    {
        Reasoning(new ReasoningOptions(wish), model).ShouldBe($"\"reasoning_effort\":\"{expected}\"");
    }

    [Theory]
    [InlineData(null, 1024L, null, "low")]
    [InlineData(null, 10_000L, null, "medium")]
    [InlineData(null, 31_999L, null, "high")]
    [InlineData(null, 0L, null, "none")]
    [InlineData("high", 1024L, null, "high")]
    [InlineData("high", null, false, "none")]
    [InlineData(null, null, true, null)]
    public void Budget_becomesEffort(string? effort, long? budget, bool? isEnabled, string? expected)
    {
        Reasoning(new ReasoningOptions(effort, budget, isEnabled), "m")
            .ShouldBe(expected is null ? "" : $"\"reasoning_effort\":\"{expected}\"");
    }

    [Fact]
    public void ModelThatCantReason_isNotAskedTo()
    {
        var traits = new ModelTraits(Reasons: false);
        var quirks = Plain with { AcceptsReasoningEffort = true };

        var asked = Write(new() { Messages = [], Reasoning = new("high") }, quirks, traits: traits);
        var spared = Write(new() { Messages = [], Reasoning = new(IsEnabled: false) }, quirks, traits: traits);

        (Members(asked), asked.Dropped.Single()).ShouldBe(("", "reasoning"));
        (Members(spared), spared.Dropped.Count).ShouldBe(("", 0));
    }

    [Theory]
    [InlineData(null, null, 100)]
    [InlineData(null, 40L, 40)]
    [InlineData(30L, 40L, 30)]
    [InlineData(30L, null, 30)]
    public void Limit_isTheBalancesAndNeverMoreThanTheModelCanSay(long? balance, long? most, int expected)
    {
        var request = OpenAiChatDialect.Instance.WriteRequest(
            new() { Messages = [], OutputLimit = 100 }, new HostTarget("host", "m", Plain, most, balance));

        Members(request).ShouldBe($"\"max_tokens\":{expected}");
    }

    [Fact]
    public void StopsBeyondFour_areNamed()
    {
        var request = Write(new() { Messages = [], Stop = ["1", "2", "3", "4", "5"] }, Plain);

        Members(request).ShouldBe("\"stop\":[\"1\",\"2\",\"3\",\"4\"]");
        request.Dropped.ShouldBe(["stop"]);
    }

    [Fact]
    public void LongName_isHashed()
    {
        var user = JsonElement.Parse(Write(new() { Messages = [], EndUser = new string('u', 65) }, Plain).Body.Span)
            .GetProperty("user").GetString();

        user.ShouldNotBeNull().ShouldMatch("^[0-9a-f]{64}$");
    }

    [Fact]
    public void Tools_keepTheirSchemasBytes()
    {
        var request = Write(
            new()
            {
                Messages = [],
                Tools =
                [
                    new FunctionTool("f", "d", Json("""{"type":"object", "maximum":1.0}"""), true),
                    new CustomTool("g", "e", Json("""{"type":"grammar","grammar":{"syntax":"lark","definition":"start: A"}}""")),
                    new OpaqueTool(Dialect.OpenAiChat, "x", Json("""{"type":"x"}""")),
                    new OpaqueTool(Dialect.Anthropic, "web_search", Json("""{"type":"web_search"}""")),
                ],
                ToolChoice = new ToolChoice(ToolChoiceKind.Named, "f"),
                AllowsParallelCalls = false,
            },
            Plain);

        Members(request).ShouldStartWith("""
            "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object", "maximum":1.0},"strict":true}},{"type":"function","function":{"name":"g","description":"e\n\nThe input must follow this grammar:\nstart: A"
            """);
        Members(request).ShouldEndWith("""
            },{"type":"x"}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false
            """);
        request.Dropped.ShouldBe(["tools"]);
    }

    [Fact]
    public void HostWithCustomTools_getsThem()
    {
        Members(Write(
            new() { Messages = [], Tools = [new CustomTool("g", null)], ToolChoice = new(ToolChoiceKind.Named, "g") },
            Plain with { AcceptsCustomTools = true }))
            .ShouldBe("""
                "tools":[{"type":"custom","custom":{"name":"g"}}],"tool_choice":{"type":"custom","custom":{"name":"g"}}
                """);
    }

    [Fact]
    public void AllowedTools_areTheOnesOffered()
    {
        Members(Write(
            new()
            {
                Messages = [],
                Tools = [new FunctionTool("f", null, null), new FunctionTool("g", null, null)],
                ToolChoice = new ToolChoice(ToolChoiceKind.Auto, Allowed: ["g"]),
            },
            Plain))
            .ShouldBe("""
                "tools":[{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto"
                """);
    }

    [Fact]
    public void ChoiceWithoutTools_isNotSent()
    {
        Members(Write(
            new() { Messages = [], ToolChoice = new(ToolChoiceKind.Auto), AllowsParallelCalls = true }, Plain)).ShouldBe("");
    }

    [Fact]
    public void Format_isHeldToItsSchemaOrToldInWords()
    {
        var schema = new ChatRequest { Messages = [], Format = new(Json("""{"a":1.0}"""), "my answer!", "d", true) };

        Members(Write(schema, Plain)).ShouldBe("""
            "response_format":{"type":"json_schema","json_schema":{"name":"myanswer","description":"d","schema":{"a":1.0},"strict":true}}
            """);
        Members(Write(schema with { Format = new(null) }, Plain)).ShouldBe("""
            "response_format":{"type":"json_object"}
            """);
        Encoding.UTF8.GetString(Write(schema, Plain with { AcceptsJsonSchema = false }).Body.Span).ShouldBe("""
            {"model":"m","messages":[{"role":"system","content":"Answer with one JSON object that fits this JSON schema:\n{\"a\":1.0}"}],"response_format":{"type":"json_object"}}
            """);
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);

    private static string Reasoning(ReasoningOptions wish, string model) => Members(
        Write(new() { Messages = [], Reasoning = wish }, Plain with { AcceptsReasoningEffort = true }, model));

    private static UpstreamRequest Write(
        ChatRequest chat, HostQuirks quirks, string model = "m", ModelTraits? traits = null) =>
        OpenAiChatDialect.Instance.WriteRequest(chat, new HostTarget("host", model, quirks, Traits: traits));

    private static string Members(UpstreamRequest request)
    {
        var body = Encoding.UTF8.GetString(request.Body.Span);
        return body[(body.IndexOf("[]", StringComparison.Ordinal) + 2)..^1].TrimStart(',');
    }
}
