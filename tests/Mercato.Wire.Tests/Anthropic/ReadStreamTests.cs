using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A host's stream as steps.</summary>
public sealed class ReadStreamTests
{
    private static string Start { get; } = """{"type":"message_start","message":{"id":"msg_1","model":"claude","usage":{"input_tokens":9,"cache_read_input_tokens":4,"output_tokens":1}}}""";

    private const string Stop = """{"type":"message_stop"}""";

    private static readonly string Full = Wire.Events(
        Start,
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
        """{"type":"ping"}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm "}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"é"}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"Eo4"}}""",
        """{"type":"content_block_stop","index":1}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"A\ud83d"}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"\ude00"}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"x"}}}""",
        """{"type":"content_block_stop","index":2}""",
        """{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"ls","input":{}}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"p\":"}}""",
        """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":" 1.50}"}}""",
        """{"type":"content_block_stop","index":3}""",
        """{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_2","name":"pwd","input":{}}}""",
        """{"type":"content_block_stop","index":4}""",
        """{"type":"content_block_start","index":5,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}""",
        """{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{\"query\": \"x\"}"}}""",
        """{"type":"content_block_stop","index":5}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":11,"output_tokens":30}}""",
        Stop);

    [Fact]
    public void Events_becomeSteps()
    {
        var (deltas, kinds, mayEnd) = Wire.ReadStream(Full);

        Show(deltas).ShouldBe(
            [
                "StartDelta msg_1 claude 13/", "ReasoningDelta hm ", "ReasoningDelta é", "SealDelta host EqQB",
                "SealDelta host Eo4 redacted", "TextDelta 0 A", "TextDelta 0 😀", "AnnotationDelta {\"type\":\"x\"}",
                "ToolCallDelta 0 toolu_1 ls", "ArgumentsDelta 0 {\"p\":", "ArgumentsDelta 0  1.50}",
                "ToolCallDelta 1 toolu_2 pwd", "ArgumentsDelta 1 {}",
                "OpaqueDelta {\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\",\"input\":{\"query\": \"x\"}}",
                "UsageDelta 15/30", "FinishDelta ToolCalls tool_use",
            ]);
        kinds[^1].ShouldBe(FrameKind.End);
        kinds.SkipLast(1).ShouldAllBe(kind => kind == FrameKind.Piece);
        mayEnd.ShouldBeTrue();
    }

    [Fact]
    public void Cuts_makeNoDifference()
    {
        var whole = Show(Wire.ReadStream(Full).Deltas);

        Show(Wire.ReadStream(Full, -1).Deltas).ShouldBe(whole);
        for (var cut = 1; cut < Full.Length; cut++)
        {
            Show(Wire.ReadStream(Full, cut).Deltas).ShouldBe(whole, $"cut at {cut}");
        }
    }

    [Fact]
    public void UsageOfTheEnd_replacesThatOfTheStart()
    {
        var usages = Wire.ReadStream(Full).Deltas;

        // Output at the start only fills a place: a stream that breaks off is not billed by it.
        usages.OfType<StartDelta>().Single().Usage.ShouldBe(new Usage { InputUncached = 9, CacheRead = 4 });
        usages.OfType<UsageDelta>().Single().Usage
            .ShouldBe(new Usage { InputUncached = 11, CacheRead = 4, OutputText = 30 });
    }

    [Fact]
    public void InputGivenAtTheStart_isTakenWhole() =>
        Show(Wire.ReadStream(Wire.Events(
                Start,
                """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"ls","input":{"p":1}}}""",
                """{"type":"content_block_stop","index":0}""")).Deltas)
            .ShouldContain("ArgumentsDelta 0 {\"p\":1}");

    [Fact]
    public void BlocksWithoutTheirStop_endWithTheMessage() =>
        Show(Wire.ReadStream(Wire.Events(
                Start, """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"hm","signature":"x"}}""",
                """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""")).Deltas)
            .ShouldBe(["StartDelta msg_1 claude 13/", "ReasoningDelta hm", "SealDelta host x", "FinishDelta Stop end_turn"]);

    [Fact]
    public void AnswerTool_streamsAsText()
    {
        var answer = ChatAnswer.Of(Wire.ReadStream(Wire.Events(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"mercato_answer","input":{}}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"n\":"}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"1}"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}""", Stop)).Deltas);

        answer.Parts.ShouldBe([new TextPart("{\"n\":1}")]);
        answer.Finish.Reason.ShouldBe(FinishReason.Stop);
    }

    [Theory]
    [InlineData("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n", FrameKind.Error)]
    [InlineData("event: error\ndata: {\"message\":\"no\"}\n\n", FrameKind.Error)]
    [InlineData("data: {\"error\":{\"message\":\"no\"}}\n\n", FrameKind.Error)]
    [InlineData("event: ping\ndata: {\"type\": \"ping\"}\n\n", FrameKind.Piece)]
    [InlineData("event: message_stop\ndata: {}\n\n", FrameKind.End)]
    [InlineData("data: [DONE]\n\n", FrameKind.End)]
    [InlineData(": comment\n\n", FrameKind.Comment)]
    [InlineData("data:\n\n", FrameKind.Comment)]
    [InlineData("data: {\"type\":\"unheard_of\"}\n\n", FrameKind.Piece)]
    [InlineData("data: <html>\n\n", FrameKind.Garbage)]
    [InlineData("data: {\"type\":\"content_block_de\n\n", FrameKind.Garbage)]
    [InlineData("data: 5\n\n", FrameKind.Garbage)]
    public void Frame_isToldApart(string frame, FrameKind kind)
    {
        var (deltas, kinds, _) = Wire.ReadStream(frame);

        kinds.ShouldBe([kind]);
        deltas.OfType<ErrorDelta>().Count().ShouldBe(kind == FrameKind.Error ? 1 : 0);
    }

    [Fact]
    public void StreamWithoutItsEnd_mayNotEnd()
    {
        Wire.ReadStream(Wire.Events(Start)).MayEnd.ShouldBeFalse();
        Wire.ReadStream(Wire.Events(Start, """{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""")).MayEnd
            .ShouldBeTrue();
    }

    private static List<string> Show(IEnumerable<ChatDelta> deltas) => [.. deltas.Select(delta => delta switch
    {
        StartDelta start => $"StartDelta {start.Id} {start.Model} {start.Usage?.TotalInput}/{start.Usage?.TotalOutput}",
        TextDelta text => $"TextDelta {text.Block} {text.Text}",
        ReasoningDelta thought => $"ReasoningDelta {thought.Text}",
        SealDelta { Seal: { } seal } => $"SealDelta {seal.Minter} {seal.Value}{(seal.IsRedacted ? " redacted" : "")}",
        ToolCallDelta call => $"ToolCallDelta {call.Index} {call.Id} {call.Name}",
        ArgumentsDelta piece => $"ArgumentsDelta {piece.Index} {piece.Text}",
        AnnotationDelta note => $"AnnotationDelta {note.Json.ToRaw()}",
        OpaqueDelta opaque => $"OpaqueDelta {opaque.Json.ToRaw()}",
        UsageDelta usage => $"UsageDelta {usage.Usage.TotalInput}/{usage.Usage.TotalOutput}",
        FinishDelta finish => $"FinishDelta {finish.Reason} {finish.Native}",
        _ => delta.ToString(),
    })];
}
