using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Requests of the neutral form as hosts of this dialect get them, to the byte.</summary>
public sealed class HostRequestTests
{
    private static readonly HostQuirks Plain = new();

    [Fact]
    public void Conversation_isWrittenAsItStands()
    {
        Messages(
            new(ChatRole.System, [new TextPart("Be brief.")]), new(ChatRole.Developer, [new TextPart("No \"jokes\".")]),
            User("Hé"), new(ChatRole.Assistant, [new TextPart("Ho"), new TextPart("!")]),
            new(ChatRole.User, [new TextPart("a"), new TextPart("b")], "ann"))
            .ShouldBe(
                """
                {"role":"system","content":"Be brief."},
                {"role":"system","content":"No \"jokes\"."},
                {"role":"user","content":"Hé"},
                {"role":"assistant","content":"Ho!"},
                {"role":"user","name":"ann","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}
                """);
    }

    [Fact]
    public void HostWithDeveloperRole_getsIt()
    {
        MessagesFor(Plain with { AcceptsDeveloperRole = true }, new ChatMessage(ChatRole.Developer, [new TextPart("x")]))
            .ShouldBe("""{"role":"developer","content":"x"}""");
    }

    [Fact]
    public void HostWithoutTextParts_getsOneText()
    {
        MessagesFor(
            Plain with { AcceptsTextParts = false },
            new ChatMessage(ChatRole.System, [new TextPart("a"), new TextPart("b")]))
            .ShouldBe("""{"role":"system","content":"a\nb"}""");
    }

    [Fact]
    public void Media_hasThisDialectsSpelling()
    {
        var request = Write(Ask(new ChatMessage(ChatRole.User,
        [
            new ImagePart(new InlineMedia("image/png", "AA"), "low"), new ImagePart(new RemoteMedia("https://a/b")),
            new AudioPart(new InlineMedia("audio/wav", "BB"), "wav"),
            new FilePart(new InlineMedia("application/pdf", "CC")), new FilePart(new HostedMedia("file-1"), "x"),
            new FilePart(new InlineText("words"), "a.txt"), new FilePart(new RemoteMedia("https://a/v", "video/mp4")),
        ])));

        Messages(request).ShouldBe(
            """
            {"role":"user","content":[
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}},
            {"type":"image_url","image_url":{"url":"https://a/b"}},
            {"type":"input_audio","input_audio":{"data":"BB","format":"wav"}},
            {"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,CC"}},
            {"type":"file","file":{"file_id":"file-1"}},
            {"type":"text","text":"a.txt:\nwords"},
            {"type":"video_url","video_url":{"url":"https://a/v"}}]}
            """.Replace("\n{", "{").Replace("\\{", "\n{"));
        request.Dropped.ShouldBeEmpty();
    }

    [Fact]
    public void MediaWithoutAWord_isNamed()
    {
        var request = Write(Ask(new ChatMessage(ChatRole.User,
        [
            new TextPart("see"), new AudioPart(new RemoteMedia("https://a/b"), "mp3"),
            new FilePart(new RemoteMedia("https://a/b.pdf")),
        ])));

        Messages(request).ShouldBe(
            """{"role":"user","content":[{"type":"text","text":"see"},{"type":"text","text":"Document at https://a/b.pdf"}]}""");
        request.Dropped.ShouldBe(["messages"]);
    }

    // Bug class 3: results stand right behind their calls, whatever the caller's dialect put between.
    [Fact]
    public void ResultsAndWordsInOneMessage_areResultsFirst()
    {
        Messages(
            User("go"), Calls(Call("a"), Call("b", "")),
            new(ChatRole.User, [new TextPart("and then?"), new ToolResultPart("b", [new TextPart("two")])]),
            new(ChatRole.System, [new TextPart("Hurry.")]),
            new(ChatRole.User, [new ToolResultPart("a", [new TextPart("one")])]))
            .ShouldBe(
                """
                {"role":"user","content":"go"},
                {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
                {"role":"tool","tool_call_id":"b","content":"two"},
                {"role":"tool","tool_call_id":"a","content":"one"},
                {"role":"user","content":"and then?"},
                {"role":"system","content":"Hurry."}
                """);
    }

    [Fact]
    public void CallsInNeighbouringMessages_areOneTurn()
    {
        Messages(
            new(ChatRole.Assistant, [new TextPart("I look.")]), Calls(Call("a")), Calls(Call("b")),
            Result("a", "one"), Result("b", "two"))
            .ShouldBe(
                """
                {"role":"assistant","content":"I look.","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
                {"role":"tool","tool_call_id":"a","content":"one"},
                {"role":"tool","tool_call_id":"b","content":"two"}
                """);
    }

    [Fact]
    public void CallsWithoutResults_getSome()
    {
        Messages(Calls(Call("a")), User("never mind"), Calls(Call("b")))
            .ShouldBe(
                """
                {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
                {"role":"tool","tool_call_id":"a","content":"No result of this call is known."},
                {"role":"user","content":"never mind"},
                {"role":"assistant","content":null,"tool_calls":[{"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
                {"role":"tool","tool_call_id":"b","content":"No result of this call is known."}
                """);
    }

    [Fact]
    public void ResultWithoutItsCall_becomesTheUsersWords()
    {
        Messages(Result("gone", "one")).ShouldBe(
            """{"role":"user","content":[{"type":"text","text":"Result of the tool gone:\n"},{"type":"text","text":"one"}]}""");
    }

    [Fact]
    public void PictureInAResult_isShownByTheUser()
    {
        Messages(
            Calls(Call("a")),
            new(ChatRole.User,
            [
                new ToolResultPart("a", [new TextPart("done"), new ImagePart(new InlineMedia("image/png", "AA"))]),
                new TextPart("well?"),
            ]))
            .ShouldBe(
                """
                {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
                {"role":"tool","tool_call_id":"a","content":"done"},
                {"role":"user","content":[{"type":"text","text":"Returned by the tool f:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"text","text":"well?"}]}
                """);
    }

    [Fact]
    public void BlockOfAnotherDialectInAResult_isNamedAndLeavesNothing()
    {
        var request = Write(Ask(Calls(Call("a")), new(ChatRole.User,
        [
            new ToolResultPart("a", [new OpaquePart(Dialect.Anthropic, JsonElement.Parse("{}")), new TextPart("one")]),
        ])));

        Messages(request).ShouldEndWith("""{"role":"tool","tool_call_id":"a","content":"one"}""");
        request.Dropped.ShouldBe(["messages"]);
    }

    [Fact]
    public void TwoOpenCallsOfOneId_areToldApart()
    {
        Messages(Calls(Call("a"), Call("a")), Result("a", "one"), Result("a", "two"))
            .ShouldBe(
                """
                {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}},{"id":"a_0","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
                {"role":"tool","tool_call_id":"a","content":"one"},
                {"role":"tool","tool_call_id":"a_0","content":"two"}
                """);
    }

    [Fact]
    public void LongId_isHashedAlikeInCallAndResult()
    {
        var messages = JsonElement.Parse($"[{Messages(Calls(Call(new string('x', 41))), Result(new string('x', 41), "r"))}]");

        var id = messages[0].GetProperty("tool_calls")[0].GetProperty("id").GetString();
        id.ShouldNotBeNull().Length.ShouldBeLessThanOrEqualTo(40);
        messages[1].GetProperty("tool_call_id").GetString().ShouldBe(id);
    }

    // Bug class 10.
    [Theory]
    [InlineData("abcDEF123", "abcDEF123")]
    [InlineData("call_1", null)]
    public void Mistral_getsIdsOfNineLettersAndDigits(string id, string? expected)
    {
        var messages = JsonElement.Parse($"[{MessagesFor(
            Provider.BuiltIn["mistral"].Quirks, Calls(Call(id)), Result(id, "r"), User("well?"))}]");

        var sent = messages[0].GetProperty("tool_calls")[0].GetProperty("id").GetString()!;
        sent.ShouldMatch("^[a-zA-Z0-9]{9}$");
        sent.ShouldBe(expected ?? sent);
        messages[1].GetProperty("tool_call_id").GetString().ShouldBe(sent);
        messages[2].GetRawText().ShouldBe("""{"role":"assistant","content":"OK"}""");
    }

    [Fact]
    public void ThoughtWithoutWords_isNoMessage()
    {
        Messages(
            User("a"), new(ChatRole.Assistant, [new ReasoningPart("hm", new Seal("other", "s"))]),
            new(ChatRole.Assistant, []), User("b"))
            .ShouldBe(
                """
                {"role":"user","content":"a"},
                {"role":"user","content":"b"}
                """);
    }

    [Fact]
    public void Thoughts_goBackWhereTheHostWantsThem()
    {
        var conversation = new[]
        {
            new ChatMessage(ChatRole.Assistant, [new ReasoningPart("plain"), new TextPart("x")]), User("y"),
            new(ChatRole.Assistant, [new ReasoningPart("to call"), Call("a")]), Result("a", "r"),
        };

        MessagesFor(Plain, conversation).ShouldNotContain("reasoning");
        var back = JsonElement.Parse($"[{MessagesFor(Plain with { WantsThoughtsBack = true }, conversation)}]");
        back[0].TryGetProperty("reasoning_content", out _).ShouldBeFalse();
        back[2].GetProperty("reasoning_content").GetString().ShouldBe("to call");
    }

    // Bug classes 4 and 5: seals return to their minter, unchanged, and to nobody else.
    [Fact]
    public void Seals_returnToTheirMinterOnly()
    {
        var turn = new ChatMessage(ChatRole.Assistant,
        [
            new ReasoningPart("why", new Seal("host", """{"type":"reasoning.text","format":"f","index":0,"signature":"s"}""")),
            new ReasoningPart("sum", new Seal("host", """{"type":"reasoning.summary","index":1}""")),
            new ReasoningPart("", new Seal("google", "g")),
            Call("a"),
        ]);

        Messages(Write(Ask(turn, Result("a", "r")), provider: "host")).ShouldBe(
            """
            {"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","format":"f","index":0,"signature":"s","text":"why"},{"type":"reasoning.summary","index":1,"summary":"sum"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"}}]},
            {"role":"tool","tool_call_id":"a","content":"r"}
            """);
        Messages(Write(Ask(turn, Result("a", "r")), provider: "google")).ShouldBe(
            """
            {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.50}"},"extra_content":{"google":{"thought_signature":"g"}}}]},
            {"role":"tool","tool_call_id":"a","content":"r"}
            """);
        Messages(Write(Ask(turn, Result("a", "r")), provider: "other")).ShouldNotContain("reasoning");
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("""{"n":12345678901234567890}""", """{"n":12345678901234567890}""")]
    [InlineData("{broken", """{"input":"{broken"}""")]
    [InlineData("[1]", """{"input":[1]}""")]
    public void Arguments_areAlwaysAnObject(string arguments, string expected)
    {
        var messages = JsonElement.Parse($"[{Messages(Calls(Call("a", arguments)))}]");

        messages[0].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString()
            .ShouldBe(expected);
    }

    private static ChatMessage User(string text) => new(ChatRole.User, [new TextPart(text)]);

    private static ChatMessage Calls(params ToolCallPart[] calls) => new(ChatRole.Assistant, calls);

    private static ChatMessage Result(string id, string text) =>
        new(ChatRole.User, [new ToolResultPart(id, [new TextPart(text)])]);

    private static ToolCallPart Call(string id, string arguments = """{"x":1.50}""") => new(id, "f", arguments);

    private static ChatRequest Ask(params ChatMessage[] messages) => new() { Messages = messages };

    private static UpstreamRequest Write(ChatRequest chat, HostQuirks? quirks = null, string provider = "host") =>
        OpenAiChatDialect.Instance.WriteRequest(chat, new HostTarget(provider, "m", quirks ?? Plain));

    private static string Messages(params ChatMessage[] messages) => MessagesFor(Plain, messages);

    private static string MessagesFor(HostQuirks quirks, params ChatMessage[] messages) =>
        Messages(Write(Ask(messages), quirks));

    private static string Messages(UpstreamRequest request)
    {
        var body = Encoding.UTF8.GetString(request.Body.Span);
        body.ShouldStartWith("""{"model":"m","messages":[""");
        return body["""{"model":"m","messages":[""".Length..^2].Replace("},{\"role\"", "},\n{\"role\"");
    }
}
