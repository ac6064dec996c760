using Mercato.Wire.Dialects.Cohere;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests.Cohere;

public sealed class WriteRequestTests
{
    private static readonly Upstream Cohere = new(CohereDialect.Instance, "command-x");

    [Fact]
    public void Path_isTheSameForAll() => CohereDialect.Instance.PathOf("m", true).ShouldBe("v2/chat");

    [Fact]
    public void PlainRequest_isWrittenToTheByte()
    {
        var chat = new ChatRequest
        {
            Messages = [Instruction("Be brief."), User("Hé"), Model(new TextPart("Yes?")), User("Go on.")],
            IsStream = true,
            OutputLimit = 256,
            Temperature = Json("0.70"),
            TopP = Json("0.9"),
            TopK = Json("40"),
            Seed = Json("9007199254740993"),
            FrequencyPenalty = Json("0.5"),
            Stop = ["END"],
        };

        Cohere.Body(chat).ShouldBe(
            """
            {"model":"command-x","stream":true,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hé"},{"role":"assistant","content":"Yes?"},{"role":"user","content":"Go on."}],"max_tokens":256,"stop_sequences":["END"],"temperature":0.70,"p":0.9,"k":40,"seed":9007199254740993,"frequency_penalty":0.5}
            """);
    }

    [Fact]
    public void TextFile_isItsWords()
    {
        var file = new FilePart(new InlineMedia("text/csv", "YSxi"), "a.csv");

        Cohere.Body(User(file, new TextPart("?"))).ShouldContain("""[{"role":"user","content":"a,b?"}]""");
        Cohere.Write(new ChatRequest { Messages = [User(file)] }).Dropped.ShouldBeEmpty();
    }

    [Fact]
    public void CallsOfOneTurn_standTogether_andResultsBehindThem()
    {
        Cohere.Body(
                User("Both?"),
                Model(new ReasoningPart("I ask both.")),
                Model(Call("c1", "a", """{"n":1.0}""")),
                Model(Call("c2", "b", "")),
                User(Result("c1", "one")),
                User(new TextPart("And now?"), Result("c2", "two")))
            .ShouldBe(
                """
                {"model":"command-x","stream":false,"messages":[{"role":"user","content":"Both?"},{"role":"assistant","tool_plan":"I ask both.","tool_calls":[{"id":"c1","type":"function","function":{"name":"a","arguments":"{\"n\":1.0}"}},{"id":"c2","type":"function","function":{"name":"b","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":"two"},{"role":"user","content":"And now?"}]}
                """);
    }

    [Fact]
    public void SealedThought_isNotShown() =>
        Cohere.Body(User("x"), Model(new ReasoningPart("secret", new Seal("anthropic", "s")), Call("c1", "a", "{}")), User(Result("c1", "r")))
            .ShouldNotContain("secret");

    [Fact]
    public void ResultWithoutItsCall_isTheUsersWords() =>
        Cohere.Body(User(Result("c9", "late"))).ShouldEndWith("""[{"role":"user","content":"late"}]}""");

    [Fact]
    public void PictureOfAResult_isShownByTheUser() =>
        Cohere.Body(
                User("x"), Model(Call("c1", "shot", "{}")),
                User(new ToolResultPart("c1", [new TextPart("done"), new ImagePart(new InlineMedia("image/png", "iVBO"))])))
            .ShouldEndWith(
                """{"role":"tool","tool_call_id":"c1","content":"done"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}}]}]}""");

    [Fact]
    public void Pictures_standBetweenTexts() =>
        Cohere.Body(User(
                new TextPart("a"), new ImagePart(new RemoteMedia("https://x.example/a.png"), "low"), new TextPart("b")))
            .ShouldEndWith(
                """:[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"https://x.example/a.png","detail":"low"}},{"type":"text","text":"b"}]}]}""");

    [Fact]
    public void Tools_keepTheirSchemaToTheByte()
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", "Does.", Json("""{"type":"object", "x":1.0}"""), true), new FunctionTool("b", null, null)],
            ToolChoice = new ToolChoice(ToolChoiceKind.Required),
        };

        Cohere.Body(chat).ShouldEndWith(
            ""","tools":[{"type":"function","function":{"name":"a","description":"Does.","parameters":{"type":"object", "x":1.0}}},{"type":"function","function":{"name":"b","parameters":{"type":"object","properties":{}}}}],"tool_choice":"REQUIRED"}""");
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, null, false)]
    [InlineData(ToolChoiceKind.None, "NONE", false)]
    [InlineData(ToolChoiceKind.Named, "REQUIRED", true)]
    public void Choice_hasTwoWords(ToolChoiceKind kind, string? word, bool isNamed)
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", null, null), new FunctionTool("b", null, null)],
            ToolChoice = new ToolChoice(kind, "a"),
        };

        Cohere.Body(chat).Contains("\"tool_choice\":\"" + word, StringComparison.Ordinal).ShouldBe(word is not null);
        Cohere.Write(chat).Dropped.ShouldBe(isNamed ? ["tool_choice"] : []);
    }

    [Fact]
    public void Format_isJsonOrASchema()
    {
        Cohere.Body(new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(null) })
            .ShouldEndWith(""","response_format":{"type":"json_object"}}""");
        Cohere.Body(new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(Json("""{"x":1.0}""")) })
            .ShouldEndWith(""","response_format":{"type":"json_object","json_schema":{"x":1.0}}}""");
    }

    public static TheoryData<ReasoningOptions, string> Wishes => new()
    {
        { new("high"), """{"type":"enabled"}""" },
        { new("none"), """{"type":"disabled"}""" },
        { new(IsEnabled: false), """{"type":"disabled"}""" },
        { new(BudgetTokens: 500), """{"type":"enabled","token_budget":500}""" },
    };

    [Theory]
    [MemberData(nameof(Wishes))]
    public void Reasoning_isThinking(ReasoningOptions wish, string thinking) =>
        Cohere.Body(new ChatRequest { Messages = [User("x")], Reasoning = wish })
            .ShouldEndWith(",\"thinking\":" + thinking + "}");

    [Theory]
    [InlineData("1", "0.99")]
    [InlineData("1.0", "0.99")]
    [InlineData("0.990", "0.990")]
    [InlineData("0.1", "0.1")]
    public void TopP_staysInTheHostsRange(string wish, string written) =>
        Cohere.Body(new ChatRequest { Messages = [User("x")], TopP = Json(wish) }).ShouldEndWith(",\"p\":" + written + "}");

    [Fact]
    public void WhatHasNoPlace_isNamed()
    {
        var chat = new ChatRequest
        {
            Messages = [User(new FilePart(new InlineMedia("application/pdf", "JVBE")), new TextPart("x"))],
            Tools = [new OpaqueTool(Dialect.OpenAiResponses, "web_search", Json("{}"))],
            FrequencyPenalty = Json("-1"),
            PresencePenalty = Json("1"),
            Choices = 2,
            AllowsParallelCalls = false,
            Others = ["logit_bias", "store"],
        };

        var request = Cohere.Write(chat);

        request.Dropped.ShouldBe(
            ["logit_bias", "messages", "tools", "frequency_penalty", "n", "parallel_tool_calls"]);
        Cohere.Body(chat).ShouldEndWith("""[{"role":"user","content":"x"}],"presence_penalty":1}""");
    }
}
