using Mercato.Wire.Dialects.Gemini;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests.Gemini;

public sealed class WriteRequestTests
{
    private static readonly Upstream Gemini = new(GeminiDialect.Instance, "gemini-2.5-flash");
    private static readonly Upstream Gemini3 = new(GeminiDialect.Instance, "gemini-3-flash-preview");

    [Theory]
    [InlineData("gemini-2.5-pro", false, "v1beta/models/gemini-2.5-pro:generateContent")]
    [InlineData("gemini-2.5-pro", true, "v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse")]
    [InlineData("models/gemini-2.5-pro", false, "v1beta/models/gemini-2.5-pro:generateContent")]
    [InlineData("tunedModels/mine", false, "v1beta/tunedModels/mine:generateContent")]
    [InlineData("a:b", false, "v1beta/models/a%3Ab:generateContent")]
    [InlineData("a/b?c#d e", false, "v1beta/models/a/b%3Fc%23d%20e:generateContent")]
    [InlineData("../../x", false, "v1beta/models/..%2F..%2Fx:generateContent")]
    public void Path_holdsTheModelAndTheOperation(string model, bool isStream, string path) =>
        GeminiDialect.Instance.PathOf(model, isStream).ShouldBe(path);

    [Fact]
    public void PlainRequest_isWrittenToTheByte()
    {
        var chat = new ChatRequest
        {
            Messages = [Instruction("Be brief."), User("Hé \"you\""), Model(new TextPart("Yes?")), User("Go on.")],
            OutputLimit = 256,
            Temperature = Json("0.70"),
            TopP = Json("9e-1"),
            TopK = Json("40"),
            Seed = Json("9007199254740993"),
            FrequencyPenalty = Json("0.5"),
            PresencePenalty = Json("-0.25"),
            Stop = ["END", "", "\n"],
        };

        Gemini.Body(chat).ShouldBe(
            """
            {"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"Hé \"you\""}]},{"role":"model","parts":[{"text":"Yes?"}]},{"role":"user","parts":[{"text":"Go on."}]}],"generationConfig":{"maxOutputTokens":256,"temperature":0.70,"topP":9e-1,"topK":40,"seed":9007199254740993,"frequencyPenalty":0.5,"presencePenalty":-0.25,"stopSequences":["END","\n"]}}
            """);
    }

    [Fact]
    public void Instructions_areGatheredWhereverTheyStand()
    {
        Gemini.Body(
                new ChatMessage(ChatRole.System, [new TextPart("A"), new TextPart("B")]), User("1"),
                new ChatMessage(ChatRole.Developer, [new TextPart("C")]), User("2"))
            .ShouldBe(
                """
                {"systemInstruction":{"parts":[{"text":"A"},{"text":"B"},{"text":"\n\nC"}]},"contents":[{"role":"user","parts":[{"text":"1"},{"text":"2"}]}]}
                """);
    }

    [Fact]
    public void InstructionsAlone_areTheUsersWords() =>
        Gemini.Body(Instruction("Tell a joke.")).ShouldBe(
            """{"contents":[{"role":"user","parts":[{"text":"Tell a joke."}]}]}""");

    [Fact]
    public void ParallelCalls_areAnsweredInOneContent()
    {
        Gemini.Body(
                User("Both?"),
                Model(
                    new TextPart("I look."), Call("call_1", "a", """{"n":12345678901234567890.10}"""),
                    Call("call_2", "b", "")),
                User(Result("call_1", "one")), User(Result("call_2", """{"x":1.0}"""), new TextPart("And now?")))
            .ShouldBe(
                """
                {"contents":[{"role":"user","parts":[{"text":"Both?"}]},{"role":"model","parts":[{"text":"I look."},{"functionCall":{"name":"a","args":{"n":12345678901234567890.10}}},{"functionCall":{"name":"b","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"a","response":{"output":"one"}}},{"functionResponse":{"name":"b","response":{"output":"{\"x\":1.0}"}}},{"text":"And now?"}]}]}
                """);
    }

    [Fact]
    public void BrokenArgumentsInHistory_areWrappedNotSent() =>
        Gemini.Body(User("x"), Model(Call("call_1", "a", "{\"n\":")), User(Result("call_1", "")))
            .ShouldContain("""{"functionCall":{"name":"a","args":{"input":"{\"n\":"}}}""");

    [Fact]
    public void FailedResult_keepsItsWordsAndSaysSo() =>
        Gemini.Body(
                User("x"), Model(Call("call_1", "a", "{}")),
                User(new ToolResultPart("call_1", [new TextPart("no "), new TextPart("file")], IsError: true)))
            .ShouldContain("""{"functionResponse":{"name":"a","response":{"output":"no file","is_error":true}}}""");

    [Fact]
    public void ResultWithoutItsCall_isTheUsersWords() =>
        Gemini.Body(User(Result("call_9", "late"))).ShouldBe(
            """{"contents":[{"role":"user","parts":[{"text":"late"}]}]}""");

    [Theory]
    [InlineData("whZntcQw", true)]
    [InlineData("call_0123456789abcdef01234567", false)]
    [InlineData("toolu_01", false)]
    [InlineData("", false)]
    public void CallIds_goBackOnlyToTheirMinter(string id, bool isOwn)
    {
        var body = Gemini3.Body(User("x"), Model(Call(id, "a", "{}")), User(Result(id, "r")));

        body.Contains($"\"functionCall\":{{\"id\":\"{id}\",\"name\":\"a\"", StringComparison.Ordinal).ShouldBe(isOwn);
        body.Contains($"\"functionResponse\":{{\"id\":\"{id}\",\"name\":\"a\"", StringComparison.Ordinal).ShouldBe(isOwn);
    }

    [Fact]
    public void CustomTool_isAFunctionOfOneText()
    {
        var chat = new ChatRequest
        {
            Messages = [User("x"), Model(new ToolCallPart("call_1", "sh", "{ls}", IsCustom: true)), User(Result("call_1", "a"))],
            Tools = [new CustomTool("sh", "Runs it.")],
        };

        var body = Gemini.Body(chat);

        body.ShouldContain("""{"functionCall":{"name":"sh","args":{"input":"{ls}"}}}""");
        body.ShouldContain("""{"functionDeclarations":[{"name":"sh","description":"Runs it.","parametersJsonSchema":{""");
    }

    [Fact]
    public void Schema_isSentToTheByte()
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools =
            [
                new FunctionTool("a", "Does.", Json("""{"$schema":"s", "type":"object","properties":{"n":{"const":1.0,"description":"\ud83d"}},"additionalProperties":false}""")),
                new FunctionTool("b", null, null),
            ],
        };

        Gemini.Body(chat).ShouldBe(
            """
            {"contents":[{"role":"user","parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"a","description":"Does.","parametersJsonSchema":{"$schema":"s", "type":"object","properties":{"n":{"const":1.0,"description":"\ud83d"}},"additionalProperties":false}},{"name":"b"}]}]}
            """);
    }

    [Fact]
    public void HostWithoutJsonSchema_getsTheSubset()
    {
        var old = new Upstream(GeminiDialect.Instance, "gemini-2.5-flash") { Quirks = new(AcceptsFullSchema: false) };
        var schema = Json("""{"type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":0}},"additionalProperties":false}""");
        var tools = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", null, schema), new FunctionTool("b", null, Json("""{"type":"object"}"""))],
        };
        var format = new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(schema) };

        old.Body(tools).ShouldEndWith(
            """],"tools":[{"functionDeclarations":[{"name":"a","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}},{"name":"b"}]}]}""");
        old.Body(format).ShouldEndWith(
            """],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"object","properties":{"n":{"type":"integer"}}}}}""");
    }

    public static TheoryData<string, ToolChoice?, bool?> Choices => new()
    {
        { "", null, true },
        { ""","toolConfig":{"functionCallingConfig":{"mode":"AUTO"}}""", new ToolChoice(ToolChoiceKind.Auto), true },
        { ""","toolConfig":{"functionCallingConfig":{"mode":"NONE"}}""", new ToolChoice(ToolChoiceKind.None), null },
        { ""","toolConfig":{"functionCallingConfig":{"mode":"ANY"}}""", new ToolChoice(ToolChoiceKind.Required), null },
        {
            ""","toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["a"]}}""",
            new ToolChoice(ToolChoiceKind.Named, "a"), null
        },
        {
            ""","toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["a"]}}""",
            new ToolChoice(ToolChoiceKind.Auto, Allowed: ["a"]), null
        },
    };

    /// <summary>Bug class 9: leave for several calls in one turn must never force one.</summary>
    [Theory]
    [MemberData(nameof(Choices))]
    public void ParallelSwitch_neverBecomesAny(string config, ToolChoice? choice, bool? isParallel)
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", null, null)],
            ToolChoice = choice,
            AllowsParallelCalls = isParallel,
        };

        Gemini.Body(chat).ShouldEndWith("""[{"functionDeclarations":[{"name":"a"}]}]""" + config + "}");
    }

    [Fact]
    public void Media_isInlineOrByAddress()
    {
        Gemini.Body(User(
                new ImagePart(new InlineMedia("image/png", "iVBO")), new TextPart("and"),
                new ImagePart(new RemoteMedia("https://x.example/a.webp?s=1")),
                new FilePart(new InlineMedia("application/pdf", "JVBE"), "a.pdf"),
                new FilePart(new InlineText("words")), new AudioPart(new InlineMedia("", "UklG"), "wav"),
                new FilePart(new HostedMedia("https://generativelanguage.googleapis.com/v1beta/files/x"))))
            .ShouldBe(
                """
                {"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"iVBO"}},{"text":"and"},{"fileData":{"mimeType":"image/webp","fileUri":"https://x.example/a.webp?s=1"}},{"inlineData":{"mimeType":"application/pdf","data":"JVBE"}},{"text":"words"},{"inlineData":{"mimeType":"audio/wav","data":"UklG"}},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/x"}}]}]}
                """);
    }

    [Fact]
    public void ResultWithPicture_holdsItFromGemini3On()
    {
        ChatMessage[] messages =
        [
            User("x"), Model(Call("call_1", "shot", "{}")),
            User(new ToolResultPart("call_1", [new TextPart("done"), new ImagePart(new InlineMedia("image/png", "iVBO"))])),
        ];

        Gemini3.Body(messages).ShouldEndWith(
            """{"role":"user","parts":[{"functionResponse":{"name":"shot","response":{"output":"done"},"parts":[{"inlineData":{"mimeType":"image/png","data":"iVBO"}}]}}]}]}""");
        Gemini.Body(messages).ShouldEndWith(
            """{"role":"user","parts":[{"functionResponse":{"name":"shot","response":{"output":"done"}}},{"inlineData":{"mimeType":"image/png","data":"iVBO"}}]}]}""");
    }

    [Fact]
    public void Format_isJsonOrASchema()
    {
        var schema = new AnswerFormat(Json("""{"type":"object", "x":1.0}"""), "n");

        Gemini.Body(new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(null) })
            .ShouldEndWith(""","generationConfig":{"responseMimeType":"application/json"}}""");
        Gemini.Body(new ChatRequest { Messages = [User("x")], Format = schema }).ShouldEndWith(
            ""","generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object", "x":1.0}}}""");
    }

    [Fact]
    public void FormatBesideTools_isDroppedBeforeGemini3()
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", null, null)],
            Format = new AnswerFormat(null),
        };

        Gemini.Write(chat).Dropped.ShouldBe(["response_format"]);
        Gemini.Body(chat).ShouldNotContain("responseMimeType");
        Gemini3.Write(chat).Dropped.ShouldBeEmpty();
        Gemini3.Body(chat).ShouldContain("responseMimeType");
    }

    [Fact]
    public void WhatHasNoPlace_isNamed()
    {
        var chat = new ChatRequest
        {
            Messages = [User(new ImagePart(new HostedMedia("file_1")), new TextPart("x"))],
            Tools = [new OpaqueTool(Dialect.Anthropic, "web_search_20250305", Json("{}"))],
            Stop = ["1", "2", "3", "4", "5", "6"],
            Choices = 2,
            AllowsParallelCalls = false,
            Verbosity = "low",
            Reasoning = new ReasoningOptions("high"),
            Others = ["logit_bias", "metadata", "store"],
        };

        new Upstream(GeminiDialect.Instance, "gemini-2.0-flash").Write(chat).Dropped.ShouldBe(
            ["logit_bias", "messages", "tools", "stop", "reasoning", "n", "parallel_tool_calls", "verbosity"]);
    }

    [Fact]
    public void Limit_isTheSmallestOfBalanceAndModel()
    {
        var chat = new ChatRequest { Messages = [User("x")], OutputLimit = 100_000 };

        new Upstream(GeminiDialect.Instance) { MaxOutputTokens = 65_536 }.Body(chat)
            .ShouldContain("\"maxOutputTokens\":65536");
        new Upstream(GeminiDialect.Instance) { MaxOutputTokens = 65_536, OutputLimit = 7 }.Body(chat)
            .ShouldContain("\"maxOutputTokens\":7");
    }

    [Fact]
    public void ModelWithoutSampling_isAskedForNone()
    {
        var chat = new ChatRequest { Messages = [User("x")], Temperature = Json("1"), TopK = Json("5") };

        var request = new Upstream(GeminiDialect.Instance) { Traits = new(TakesSampling: false) }.Write(chat);

        request.Dropped.ShouldBe(["temperature", "top_k"]);
    }
}
