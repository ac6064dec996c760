using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>The order that hosts demand of turns, calls and results.</summary>
public sealed class ConversationTests
{
    private static string Messages(ChatRequest chat, string model = "claude-sonnet-4-5") =>
        Wire.Raw(chat, "messages", Wire.Host(model));

    [Fact]
    public void Neighbours_becomeOneTurn() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.User("b"), Wire.Assistant(new TextPart("c")), Wire.Assistant(new TextPart("d ")),
                Wire.User("e ")))
            .ShouldBe(
                """
                [{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"c"},{"type":"text","text":"d "}]},{"role":"user","content":[{"type":"text","text":"e "}]}]
                """);

    [Fact]
    public void ResultsOfParallelCalls_standInOneTurnAndFirst() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(Wire.Call("t1", "{\"p\":1.50}"), Wire.Call("t2", "")),
                Wire.User(Wire.Result("t2", "two")), Wire.User("and"), Wire.User(Wire.Result("t1", "one"))))
            .ShouldBe(
                """
                [{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"ls","input":{"p":1.50}},{"type":"tool_use","id":"t2","name":"ls","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"},{"type":"tool_result","tool_use_id":"t2","content":"two"},{"type":"text","text":"and"}]}]
                """);

    [Fact]
    public void CallsInNeighbouringMessages_areOneTurnWithAllResults() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.Assistant(Wire.Call("t2")),
                Wire.User(Wire.Result("t1")), Wire.User(Wire.Result("t2"))))
            .ShouldContain(
                """{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"},{"type":"tool_result","tool_use_id":"t2","content":"ok"}]}""");

    [Fact]
    public void LateResult_isBroughtBehindItsCall() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.User("b"), Wire.Assistant(new TextPart("c")),
                Wire.User(Wire.Result("t1"))), "claude-opus-4-0")
            .ShouldEndWith(
                """
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"c"}]}]
                """);

    [Fact]
    public void CallWithoutResult_getsOneThatSaysSo() =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.User("b")))
            .ShouldEndWith(
                """
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"The result of this call is missing.","is_error":true},{"type":"text","text":"b"}]}]
                """);

    [Fact]
    public void CallAtTheEnd_getsItsResultToo() =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(Wire.Call("t1")))).ShouldContain("\"is_error\":true");

    [Fact]
    public void ResultWithoutCall_becomesText() =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(new TextPart("b")), Wire.User(Wire.Result("t9", "lost"))))
            .ShouldEndWith(
                """
                {"role":"user","content":[{"type":"text","text":"Tool result:"},{"type":"text","text":"lost"}]}]
                """);

    [Fact]
    public void ResultUnderAnotherId_belongsToTheCallBeforeIt() =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.User(Wire.Result("made-up"))))
            .ShouldEndWith(
                """
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}]
                """);

    [Fact]
    public void IdsThatRepeat_areToldApart() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(Wire.Call("call_0")), Wire.User(Wire.Result("call_0", "one")),
                Wire.Assistant(Wire.Call("call_0")), Wire.User(Wire.Result("call_0", "two"))))
            .ShouldEndWith(
                """
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0","content":"one"}]},{"role":"assistant","content":[{"type":"tool_use","id":"call_0_2","name":"ls","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0_2","content":"two"}]}]
                """);

    [Fact]
    public void IdsThatAreNotAllowed_areMappedAlike()
    {
        var messages = Wire.Member(
            Wire.Said(Wire.User("a"), Wire.Assistant(Wire.Call("functions.ls:0")), Wire.User(Wire.Result("functions.ls:0"))),
            "messages");

        var id = messages[1].GetProperty("content")[0].GetProperty("id").GetString();
        id.ShouldNotBeNull().ShouldMatch("^toolu_[0-9a-f]{24}$");
        messages[2].GetProperty("content")[0].GetProperty("tool_use_id").GetString().ShouldBe(id);
    }

    [Fact]
    public void HistoryThatBeginsWithTheAssistant_getsAUserBeforeIt() =>
        Messages(Wire.Said(Wire.Assistant(new TextPart("Hello")), Wire.User("a")))
            .ShouldStartWith("""[{"role":"user","content":[{"type":"text","text":"Continue."}]},{"role":"assistant",""");

    [Fact]
    public void InstructionsAlone_getAUser() =>
        Messages(Wire.Said(Wire.System("Write a poem")))
            .ShouldBe("""[{"role":"user","content":[{"type":"text","text":"Continue."}]}]""");

    [Theory]
    [InlineData("claude-haiku-4-5", """{"role":"assistant","content":[{"type":"text","text":"The answer is"}]}]""")]
    [InlineData("claude-opus-4-6", """{"role":"user","content":[{"type":"text","text":"Continue."}]}]""")]
    public void AnswerThatIsBegun_endsInNoSpace_orInATurnOfTheUser(string model, string end) =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(new TextPart("The answer is \n"))), model).ShouldEndWith(end);

    [Fact]
    public void BlankTexts_areLeftOutOrKeptBetweenTexts() =>
        Messages(Wire.Said(
                Wire.User(new TextPart(" "), new TextPart("a"), new TextPart("\n\n"), new TextPart("b")),
                Wire.User(""), Wire.Assistant(new TextPart("\n")), Wire.User("c")))
            .ShouldBe(
                """
                [{"role":"user","content":[{"type":"text","text":"a\n\n"},{"type":"text","text":"b"},{"type":"text","text":"c"}]}]
                """);

    [Fact]
    public void BrokenArgumentsOfOldCalls_areWrapped() =>
        Messages(Wire.Said(Wire.User("a"), Wire.Assistant(Wire.Call("t1", "{\"p\":")), Wire.User(Wire.Result("t1"))))
            .ShouldContain("""
                "input":{"input":"{\"p\":"}
                """);

    [Fact]
    public void FreeTextOfACustomCall_isItsInput() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(new ToolCallPart("t1", "patch", "*** Begin", IsCustom: true)),
                Wire.User(Wire.Result("t1"))))
            .ShouldContain("""
                "input":{"input":"*** Begin"}
                """);

    [Fact]
    public void Instructions_areOneText()
    {
        var chat = Wire.Said(
            Wire.System("A"), new ChatMessage(ChatRole.Developer, [new TextPart("B"), new TextPart("C")]), Wire.User("x"));

        Wire.Raw(chat, "system").ShouldBe("\"A\\n\\nBC\"");
    }

    [Fact]
    public void InstructionsWithCuts_areBlocks()
    {
        var chat = Wire.Said(
            new ChatMessage(ChatRole.System, [new TextPart("A"), new TextPart("B") { CacheHint = "1h" }, new TextPart("C")]),
            Wire.System("D"), Wire.User("x"));

        Wire.Raw(chat, "system").ShouldBe(
            """
            [{"type":"text","text":"AB","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"C\n\nD"}]
            """);
    }

    [Fact]
    public void InstructionsInTheMiddle_goToTheTop_whereTheModelKnowsNoOther()
    {
        var chat = Wire.Said(Wire.System("A"), Wire.User("a"), Wire.Assistant(new TextPart("b")), Wire.System("Be brief"), Wire.User("c"));

        Wire.Raw(chat, "system").ShouldBe("\"A\\n\\nBe brief\"");
        Messages(chat).ShouldNotContain("system");
    }

    [Fact]
    public void InstructionsInTheMiddle_standBehindTheUser_whereTheModelTakesThem()
    {
        var chat = Wire.Said(
            Wire.System("A"), Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.System("Be brief"),
            Wire.User(Wire.Result("t1")), Wire.Assistant(new TextPart("b")), Wire.User("c"));

        Wire.Raw(chat, "system", Wire.Host("claude-opus-4-8")).ShouldBe("\"A\"");
        Messages(chat, "claude-opus-4-8").ShouldContain(
            """
            {"type":"tool_result","tool_use_id":"t1","content":"ok"}]},{"role":"system","content":[{"type":"text","text":"Be brief"}]},{"role":"assistant",
            """);
    }

    [Fact]
    public void ResultWithAPicture_isBlocks() =>
        Messages(Wire.Said(
                Wire.User("a"), Wire.Assistant(Wire.Call("t1")),
                Wire.User(new ToolResultPart("t1", [new TextPart("see"), new ImagePart(new InlineMedia("image/jpg", "/9j/"))], true))))
            .ShouldEndWith(
                """
                {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/"}}],"is_error":true}]}]
                """);

    [Fact]
    public void Thoughts_goBackToTheirHostOnly_inTheirPlace()
    {
        var chat = Wire.Said(
            Wire.User("a"),
            Wire.Assistant(
                new ReasoningPart("mine", new Seal("host", "EqQB")), new ReasoningPart("", new Seal("host", "Eo4", true)),
                new ReasoningPart("", new Seal("host", "only")), new ReasoningPart("theirs", new Seal("other", "x")),
                new ReasoningPart("bare", new Seal(null, "y")), new ReasoningPart("none") { CacheHint = "5m" },
                Wire.Call("t1")),
            Wire.User(Wire.Result("t1")));

        Messages(chat).ShouldContain(
            """
            {"role":"assistant","content":[{"type":"thinking","thinking":"mine","signature":"EqQB"},{"type":"redacted_thinking","data":"Eo4"},{"type":"thinking","thinking":"","signature":"only"},{"type":"tool_use","id":"t1","name":"ls","input":{}}]}
            """);
        Messages(chat).ShouldNotContain("mercato:1:");
    }

    [Fact]
    public void ForeignBlocks_areLeftOut_andOwnOnesKept()
    {
        var own = new OpaquePart(Dialect.Anthropic, global::System.Text.Json.JsonElement.Parse("""{"type":"server_tool_use","id":"s"}"""u8));
        var chat = Wire.Said(Wire.User("a"), Wire.Assistant(own, own with { Dialect = Dialect.Gemini }), Wire.User("b"));

        Messages(chat).ShouldContain("""{"role":"assistant","content":[{"type":"server_tool_use","id":"s"}]}""");
    }
}
