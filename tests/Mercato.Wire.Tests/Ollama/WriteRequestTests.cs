using Mercato.Wire.Dialects.Ollama;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests.Ollama;

public sealed class WriteRequestTests
{
    private static readonly Upstream Ollama = new(OllamaDialect.Instance, "qwen3:8b");

    [Fact]
    public void PathAndFraming_areOllamas()
    {
        OllamaDialect.Instance.PathOf("m", true).ShouldBe("api/chat");
        OllamaDialect.Instance.StreamsLines.ShouldBeTrue();
    }

    /// <summary>A request that leaves <c>stream</c> out is answered by a stream.</summary>
    [Theory]
    [InlineData(true, "true")]
    [InlineData(false, "false")]
    public void Stream_isAlwaysSaid(bool isStream, string flag) =>
        Ollama.Body(new ChatRequest { Messages = [User("x")], IsStream = isStream })
            .ShouldBe("{\"model\":\"qwen3:8b\",\"stream\":" + flag + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");

    [Fact]
    public void PlainRequest_isWrittenToTheByte()
    {
        var chat = new ChatRequest
        {
            Messages = [Instruction("Be brief."), User("Hé"), Model(new TextPart("Yes?")), User("Go on.")],
            OutputLimit = 256,
            Temperature = Json("0.70"),
            TopP = Json("0.9"),
            TopK = Json("40"),
            Seed = Json("9007199254740993"),
            FrequencyPenalty = Json("-0.5"),
            PresencePenalty = Json("1.5"),
            Stop = ["END", ""],
        };

        Ollama.Body(chat).ShouldBe(
            """
            {"model":"qwen3:8b","stream":false,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hé"},{"role":"assistant","content":"Yes?"},{"role":"user","content":"Go on."}],"options":{"num_predict":256,"temperature":0.70,"top_p":0.9,"top_k":40,"seed":9007199254740993,"stop":["END"],"frequency_penalty":-0.5,"presence_penalty":1.5}}
            """);
    }

    [Fact]
    public void Arguments_areObjects_andResultsBearTheToolsName()
    {
        Ollama.Body(
                User("Both?"),
                Model(new ReasoningPart("Hm."), new TextPart("I look."), Call("c1", "a", """{"n":12345678901234567890.10}""")),
                Model(Call("c2", "b", "{\"n\":")),
                User(Result("c1", "one"), new ToolResultPart("c2", [new ImagePart(new InlineMedia("image/png", "iVBO"))])))
            .ShouldBe(
                """
                {"model":"qwen3:8b","stream":false,"messages":[{"role":"user","content":"Both?"},{"role":"assistant","content":"I look.","thinking":"Hm.","tool_calls":[{"id":"c1","function":{"name":"a","arguments":{"n":12345678901234567890.10}}},{"id":"c2","function":{"name":"b","arguments":{"input":"{\"n\":"}}}]},{"role":"tool","content":"one","tool_name":"a","tool_call_id":"c1"},{"role":"tool","content":"","images":["iVBO"],"tool_name":"b","tool_call_id":"c2"}]}
                """);
    }

    [Fact]
    public void TextBehindAPicture_isAMessageOfItsOwn() =>
        Ollama.Body(User(
                new TextPart("a"), new ImagePart(new InlineMedia("image/png", "iVBO")), new TextPart("b"), new TextPart("c")))
            .ShouldEndWith("""[{"role":"user","content":"a","images":["iVBO"]},{"role":"user","content":"bc"}]}""");

    [Fact]
    public void Format_isJsonOrTheSchema()
    {
        Ollama.Body(new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(null) })
            .ShouldEndWith(""","format":"json"}""");
        Ollama.Body(new ChatRequest { Messages = [User("x")], Format = new AnswerFormat(Json("""{"x":1.0}""")) })
            .ShouldEndWith(""","format":{"x":1.0}}""");
    }

    public static TheoryData<ReasoningOptions, string> Wishes => new()
    {
        { new("minimal"), "\"low\"" },
        { new("medium"), "\"medium\"" },
        { new("max"), "\"high\"" },
        { new("none"), "false" },
        { new(IsEnabled: false), "false" },
        { new(BudgetTokens: 500), "true" },
    };

    [Theory]
    [MemberData(nameof(Wishes))]
    public void Reasoning_isThinkOrNot(ReasoningOptions wish, string think) =>
        Ollama.Body(new ChatRequest { Messages = [User("x")], Reasoning = wish }).ShouldEndWith(",\"think\":" + think + "}");

    [Fact]
    public void ModelThatDoesNotThink_isNotAsked()
    {
        var host = new Upstream(OllamaDialect.Instance) { Traits = new(Reasons: false) };
        var chat = new ChatRequest { Messages = [User("x")], Reasoning = new("high") };

        host.Body(chat).ShouldNotContain("think");
        host.Write(chat).Dropped.ShouldBe(["reasoning"]);
    }

    [Theory]
    [InlineData(ToolChoiceKind.Auto, true, false)]
    [InlineData(ToolChoiceKind.None, false, false)]
    [InlineData(ToolChoiceKind.Required, true, true)]
    public void Choice_isWhetherToolsAreShown(ToolChoiceKind kind, bool areShown, bool isDropped)
    {
        var chat = new ChatRequest
        {
            Messages = [User("x")],
            Tools = [new FunctionTool("a", null, Json("""{"type":"object", "x":1.0}"""))],
            ToolChoice = new ToolChoice(kind),
        };

        Ollama.Body(chat).Contains(
            """:[{"type":"function","function":{"name":"a","parameters":{"type":"object", "x":1.0}}}]}""",
            StringComparison.Ordinal).ShouldBe(areShown);
        Ollama.Write(chat).Dropped.ShouldBe(isDropped ? ["tool_choice"] : []);
    }

    [Fact]
    public void TextFile_isItsWords()
    {
        var file = new FilePart(new InlineMedia("text/plain", "SMOp"), "a.txt");

        Ollama.Body(User(file, new TextPart("!"))).ShouldEndWith("""[{"role":"user","content":"Hé!"}]}""");
        Ollama.Write(new ChatRequest { Messages = [User(file)] }).Dropped.ShouldBeEmpty();
        Ollama.Body(Model(Call("c", "f", "{}")), User(new ToolResultPart("c", [file])))
            .ShouldContain("\"content\":\"Hé\",\"tool_name\":\"f\"");
    }

    [Fact]
    public void WhatHasNoPlace_isNamed()
    {
        var chat = new ChatRequest
        {
            Messages =
            [
                User(
                    new ImagePart(new RemoteMedia("https://x.example/a.png")),
                    new FilePart(new InlineMedia("application/pdf", "JVBE")), new TextPart("x")),
            ],
            Choices = 2,
            AllowsParallelCalls = false,
            Others = ["logit_bias", "store"],
        };

        Ollama.Write(chat).Dropped.ShouldBe(["logit_bias", "messages", "n", "parallel_tool_calls"]);
        Ollama.Body(chat).ShouldEndWith("""[{"role":"user","content":"x"}]}""");
    }
}
