using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class WriteRequestTests
{
    private const string Kept = "\"store\":false,\"include\":[\"reasoning.encrypted_content\"]}";

    [Fact]
    public void Conversation_isInstructionsAndItems()
    {
        var chat = new ChatRequest
        {
            Messages =
            [
                new(ChatRole.System, [new TextPart("Be brief.")]),
                new(ChatRole.User, [new TextPart("Look \"here\""), new ImagePart(new InlineMedia("image/png", "AAAA")), new ImagePart(new RemoteMedia("https://example.org/a.png"), "high")]),
                new(ChatRole.Developer, [new TextPart("Metric units.")]),
                new(ChatRole.Assistant, [new TextPart("Hm."), new ToolCallPart("call_1", "weigh", "{\"n\":1.50}"), new ToolCallPart("toolu_2", "list", "")]),
                new(ChatRole.User, [new ToolResultPart("call_1", [new TextPart("3 kg"), new TextPart(" net")]), new ToolResultPart("toolu_2", [new TextPart("see"), new ImagePart(new HostedMedia("file-1"))]), new TextPart("Well?")]),
            ],
            IsStream = true,
        };

        Wire.Written(chat).ShouldBe(
            """{"model":"large","instructions":"Be brief.","input":["""
            + """{"type":"message","role":"user","content":[{"type":"input_text","text":"Look \"here\""},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"auto"},{"type":"input_image","image_url":"https://example.org/a.png","detail":"high"}]},"""
            + """{"type":"message","role":"developer","content":[{"type":"input_text","text":"Metric units."}]},"""
            + """{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hm."}]},"""
            + """{"type":"function_call","call_id":"call_1","name":"weigh","arguments":"{\"n\":1.50}"},{"type":"function_call","call_id":"toolu_2","name":"list","arguments":"{}"},"""
            + """{"type":"function_call_output","call_id":"call_1","output":"3 kg net"},"""
            + """{"type":"function_call_output","call_id":"toolu_2","output":[{"type":"input_text","text":"see"},{"type":"input_image","file_id":"file-1","detail":"auto"}]},"""
            + """{"type":"message","role":"user","content":[{"type":"input_text","text":"Well?"}]}],"stream":true,""" + Kept);
    }

    [Fact]
    public void SystemTextInParts_staysInParts() =>
        Input(new ChatMessage(ChatRole.System, [new TextPart("a"), new TextPart("b")]))
            .ShouldBe("""[{"type":"message","role":"system","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}]""");

    [Fact]
    public void Files_areDataAddressesOrIds() =>
        Input(new ChatMessage(ChatRole.User,
            [
                new FilePart(new InlineMedia("application/pdf", "JVBERi0="), "a.pdf"), new FilePart(new InlineMedia("application/pdf", "JVBERi0=")),
                new FilePart(new RemoteMedia("https://example.org/a.pdf")), new FilePart(new HostedMedia("file-1")), new FilePart(new InlineText("plain")),
            ]))
            .ShouldBe("""[{"type":"message","role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="},{"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,JVBERi0="},{"type":"input_file","file_url":"https://example.org/a.pdf"},{"type":"input_file","file_id":"file-1"},{"type":"input_text","text":"plain"}]}]""");

    [Fact]
    public void OwnReasoning_goesBackAndThatOfOthersDoesNot() =>
        Input(new ChatMessage(ChatRole.Assistant,
            [
                new ReasoningPart("Not theirs.", new Seal("another", "sig")), new ReasoningPart("Bare.", new Seal(null, "gB")), new ReasoningPart("Unsealed."),
                new ReasoningPart("Add.", new Seal("host", "gA", ItemId: "rs_1")), new ToolCallPart("c", "f", "{}"),
            ]))
            .ShouldBe("""[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Add."}],"encrypted_content":"gA"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]""");

    [Fact]
    public void ReasoningThatNothingFollows_staysBehind() =>
        Input(new ChatMessage(ChatRole.Assistant, [new TextPart("So."), new ReasoningPart("", new Seal("host", "gA")), new TextPart("")]))
            .ShouldBe("""[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"So."}]}]""");

    [Fact]
    public void EmptyTexts_areNotSent() =>
        Input(new ChatMessage(ChatRole.User, [new TextPart("")]), new ChatMessage(ChatRole.Assistant, [new TextPart("")]))
            .ShouldBe("[]");

    [Fact]
    public void LongCallIds_areShortenedAlikeInCallAndResult()
    {
        var id = new string('i', 65);
        var items = JsonElement.Parse(Input(
            new ChatMessage(ChatRole.Assistant, [new ToolCallPart(id, "f", "{}")]),
            new ChatMessage(ChatRole.User, [new ToolResultPart(id, [new TextPart("r")])])));

        var sent = items[0].GetProperty("call_id").GetString()!;
        sent.Length.ShouldBeLessThanOrEqualTo(64);
        items[1].GetProperty("call_id").GetString().ShouldBe(sent);
    }

    [Fact]
    public void CustomTools_keepTheirOwnItems()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"x"},{"type":"custom_tool_call","call_id":"c","name":"patch","input":"*** \"B\""},
            {"type":"custom_tool_call_output","call_id":"c","output":"ok"}],
            "tools":[{"type":"custom","name":"patch","format":{"type":"text"}},{"type":"web_search","n":1.0}],"tool_choice":{"type":"custom","name":"patch"}
            """);

        Wire.Written(chat).ShouldBe(
            """{"model":"large","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"x"}]},"""
            + """{"type":"custom_tool_call","call_id":"c","name":"patch","input":"*** \"B\""},{"type":"custom_tool_call_output","call_id":"c","output":"ok"}],"tools":["""
            + """{"type":"custom","name":"patch","format":{"type":"text"}},{"type":"web_search","n":1.0}],"tool_choice":{"type":"custom","name":"patch"},""" + Kept);
    }

    [Fact]
    public void Tools_areFlatAndNotStrictUnlessAsked()
    {
        var chat = Hello with
        {
            Tools =
            [
                new FunctionTool("a", "A", JsonElement.Parse("""{"type":"object","n":1.0}"""u8), true), new FunctionTool("b", null, null),
                new OpaqueTool(Dialect.Anthropic, "web_search_20250305", JsonElement.Parse("{}"u8)),
            ],
            ToolChoice = new ToolChoice(ToolChoiceKind.Required, Allowed: ["a"]),
            AllowsParallelCalls = false,
        };

        Member(chat, "tools").ShouldBe(
            """[{"type":"function","name":"a","description":"A","parameters":{"type":"object","n":1.0},"strict":true},{"type":"function","name":"b","parameters":{"type":"object","properties":{}},"strict":false}]""");
        Member(chat, "tool_choice").ShouldBe("""{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"a"}]}""");
        Member(chat, "parallel_tool_calls").ShouldBe("false");
        Wire.Dropped(chat).ShouldBe(["tools"]);
        Member(chat with { Tools = [], ToolChoice = new(ToolChoiceKind.Auto) }, "tool_choice").ShouldBeNull();
    }

    [Fact]
    public void Format_standsUnderText()
    {
        var schema = JsonElement.Parse("""{"type":"object","x":1.0}"""u8);

        Member(Hello with { Format = new AnswerFormat(schema, "n", "d", true), Verbosity = "low" }, "text").ShouldBe(
            """{"format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object","x":1.0},"strict":true},"verbosity":"low"}""");
        Member(Hello with { Format = new AnswerFormat(schema) }, "text").ShouldBe(
            """{"format":{"type":"json_schema","name":"answer","schema":{"type":"object","x":1.0}}}""");
        Member(Hello with { Format = new AnswerFormat(null) }, "text").ShouldBe("""{"format":{"type":"json_object"}}""");
    }

    [Theory]
    [InlineData("gpt-5.2", "high", null, null, """{"effort":"high"}""")]
    [InlineData("gpt-5.2", "max", null, null, """{"effort":"xhigh"}""")]
    [InlineData("o3", "max", null, null, """{"effort":"high"}""")]
    [InlineData("o4-mini", "minimal", null, null, """{"effort":"low"}""")]
    [InlineData("gpt-5-mini", null, 31_999, null, """{"effort":"high"}""")]
    [InlineData("gpt-5-mini", null, 8_000, null, """{"effort":"medium"}""")]
    [InlineData("gpt-5-mini", null, 1_024, null, """{"effort":"low"}""")]
    [InlineData("gpt-5-mini", null, null, false, """{"effort":"minimal"}""")]
    [InlineData("gpt-5.1", null, null, false, """{"effort":"none"}""")]
    [InlineData("gpt-5.1", null, null, true, null)]
    [InlineData("unheard-of", null, null, false, null)]
    [InlineData("gpt-4o", "high", null, null, null)]
    public void Reasoning_isTheNearestEffort(string model, string? effort, int? budget, bool? isEnabled, string? sent) =>
        Member(Hello with { Reasoning = new ReasoningOptions(effort, budget, isEnabled) }, "reasoning", Wire.Host(model))
            .ShouldBe(sent);

    [Fact]
    public void Summary_isAskedForOnlyWhenTheCallerWantsToReadIt()
    {
        Member(Hello with { Reasoning = new ReasoningOptions("low", Summary: "auto") }, "reasoning").ShouldBe("""{"effort":"low","summary":"auto"}""");
        Member(Hello with { Reasoning = new ReasoningOptions("low", Summary: "auto", IsHidden: true) }, "reasoning").ShouldBe("""{"effort":"low"}""");
    }

    [Fact]
    public void Limit_isTheSmallerAndNeverUnderTheDialectsLeast()
    {
        Member(Hello with { OutputLimit = 900 }, "max_output_tokens", Wire.Host() with { OutputLimit = 500 }).ShouldBe("500");
        Member(Hello with { OutputLimit = 400 }, "max_output_tokens", Wire.Host() with { OutputLimit = 500 }).ShouldBe("400");
        Member(Hello with { OutputLimit = 1 }, "max_output_tokens").ShouldBe("16");
        Member(Hello, "max_output_tokens").ShouldBeNull();
    }

    [Fact]
    public void WhatTheHostCantTake_isNamed()
    {
        var chat = Hello with
        {
            Temperature = JsonElement.Parse("0.70"u8), TopP = JsonElement.Parse("1.0"u8), TopK = JsonElement.Parse("4"u8),
            Seed = JsonElement.Parse("7"u8), FrequencyPenalty = JsonElement.Parse("0"u8), PresencePenalty = JsonElement.Parse("0.5"u8),
            Stop = ["END"], Choices = 2, Others = ["store", "logit_bias", "metadata"],
        };

        Member(chat, "temperature").ShouldBe("0.70");
        Wire.Dropped(chat).ShouldBe(["top_k", "presence_penalty", "seed", "stop", "n", "logit_bias"]);
        Member(chat, "temperature", Wire.Host("o3")).ShouldBeNull();
        Wire.Dropped(chat, Wire.Host("o3")).ShouldBe(
            ["temperature", "top_p", "top_k", "presence_penalty", "seed", "stop", "n", "logit_bias"]);
        Member(chat, "temperature", Wire.Host("o3", new ModelTraits(TakesSampling: true))).ShouldBe("0.70");
        Member(chat, "temperature", Wire.Host(traits: new ModelTraits(TakesSampling: false))).ShouldBeNull();
    }

    [Fact]
    public void LongKeys_areToldByTheirHash()
    {
        Member(Hello with { EndUser = "u", CacheKey = "k" }, "user").ShouldBe("\"u\"");
        Member(Hello with { CacheKey = new string('k', 65) }, "prompt_cache_key")!.Length.ShouldBe(66);
    }

    [Fact]
    public void HalfASurrogatePair_isCarried()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"a\ud83d"},{"type":"x_call","v":"\ud83d"}],"tools":[{"type":"function","name":"f","parameters":{"d":"\ud83d"}}]
            """);

        Member(chat, "tools").ShouldBe("""[{"type":"function","name":"f","parameters":{"d":"\ud83d"},"strict":false}]""");
        Member(chat, "input").ShouldBe("""[{"type":"message","role":"user","content":[{"type":"input_text","text":"a�"}]},{"type":"x_call","v":"\ud83d"}]""");
    }

    [Fact]
    public void Path_isTheOperation() => Wire.Upstream.PathOf("m", isStream: true).ShouldBe("responses");

    private static ChatRequest Hello { get; } = new() { Messages = [new(ChatRole.User, [new TextPart("Hello")])] };

    private static string Input(params IReadOnlyList<ChatMessage> messages) =>
        Member(new ChatRequest { Messages = messages }, "input")!;

    private static string? Member(ChatRequest chat, string name, HostTarget? target = null) =>
        JsonElement.Parse(Wire.Written(chat, target)).TryGetProperty(name, out var value) ? value.Raw() : null;
}
