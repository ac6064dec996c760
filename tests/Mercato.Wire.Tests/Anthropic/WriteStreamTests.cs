using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A stream for callers: blocks that never overlap, and inputs that always come.</summary>
public sealed class WriteStreamTests
{
    [Fact]
    public void Stream_isWrittenToTheByte() =>
        Wire.WriteStream(
                Wire.Head, new FinishDelta(FinishReason.Stop, "stop"),
                new StartDelta("x", "y", new Usage { InputUncached = 7 }), new TextDelta("Hé"), new TextDelta("llo"))
            .ShouldBe(
                """
                event: message_start
                data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"acme/large","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0}}}

                event: content_block_start
                data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}

                event: content_block_delta
                data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"llo"}}

                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":3}}

                event: message_stop
                data: {"type":"message_stop"}


                """);

    [Fact]
    public void Thought_thenCall_areTwoBlocks() =>
        Show(new ReasoningDelta("h"), new ReasoningDelta("m"), new SealDelta(new Seal("host", "x")),
                new ToolCallDelta(0, "call_1", "ls"), new ArgumentsDelta(0, "{\"p\""), new ArgumentsDelta(0, ":1.50}"))
            .ShouldBe([
                """0 {"type":"thinking","thinking":"","signature":""}""", """0 {"type":"thinking_delta","thinking":"h"}""",
                """0 {"type":"thinking_delta","thinking":"m"}""",
                """0 {"type":"signature_delta","signature":"mercato:1:s:host::x"}""", "0 stop",
                """1 {"type":"tool_use","id":"call_1","name":"ls","input":{}}""",
                """1 {"type":"input_json_delta","partial_json":"{\"p\""}""",
                """1 {"type":"input_json_delta","partial_json":":1.50}"}""", "1 stop",
            ]);

    [Fact]
    public void ThoughtThatNobodySealed_isMarkedAsSuch() =>
        Show(new ReasoningDelta("hm"), new TextDelta("a")).ShouldContain(
            """0 {"type":"signature_delta","signature":"mercato:1:s:::"}""");

    [Fact]
    public void HiddenThoughts_areBlocksOfTheirOwn() =>
        Show(new SealDelta(new Seal("host", "r", true)), new SealDelta(new Seal("host", "s")), new SealDelta(null))
            .ShouldBe([
                """0 {"type":"redacted_thinking","data":"mercato:1:r:host::r"}""", "0 stop",
                """1 {"type":"thinking","thinking":"","signature":""}""",
                """1 {"type":"signature_delta","signature":"mercato:1:s:host::s"}""", "1 stop",
            ]);

    [Fact]
    public void SealBehindTheLastWord_isNotTheLastBlock() =>
        Show(new TextDelta("a"), new SealDelta(new Seal("gemini", "end")))
            .ShouldBe(["""0 {"type":"text","text":""}""", """0 {"type":"text_delta","text":"a"}""", "0 stop"]);

    [Fact]
    public void SealBetweenTextAndCall_standsBeforeTheCall() =>
        Show(new TextDelta("a"), new SealDelta(new Seal("gemini", "s")), new ToolCallDelta(0, "b", "ls"))
            .ShouldBe([
                """0 {"type":"text","text":""}""", """0 {"type":"text_delta","text":"a"}""", "0 stop",
                """1 {"type":"thinking","thinking":"","signature":""}""",
                """1 {"type":"signature_delta","signature":"mercato:1:s:gemini::s"}""", "1 stop",
                """2 {"type":"tool_use","id":"b","name":"ls","input":{}}""",
                """2 {"type":"input_json_delta","partial_json":"{}"}""", "2 stop",
            ]);

    [Fact]
    public void CallWithoutArguments_stillGetsItsInput() =>
        Show(new ToolCallDelta(0, "a", "ls"), new ToolCallDelta(1, "b", "ls"), new ArgumentsDelta(1, ""))
            .ShouldBe([
                """0 {"type":"tool_use","id":"a","name":"ls","input":{}}""",
                """0 {"type":"input_json_delta","partial_json":"{}"}""", "0 stop",
                """1 {"type":"tool_use","id":"b","name":"ls","input":{}}""",
                """1 {"type":"input_json_delta","partial_json":"{}"}""", "1 stop",
            ]);

    [Fact]
    public void WholeArguments_comeAsADelta() =>
        Show(new ToolCallDelta(0, "a", "ls"), new ArgumentsDelta(0, "{\"p\":\"}{\\\"\"}"))
            .ShouldContain("""0 {"type":"input_json_delta","partial_json":"{\"p\":\"}{\\\"\"}"}""");

    [Fact]
    public void InterleavedCalls_areOneAfterTheOther() =>
        Show(
                new ToolCallDelta(0, "a", "ls"), new ArgumentsDelta(0, "{\"p\":"), new ToolCallDelta(1, "b", "pwd"),
                new ArgumentsDelta(1, "{\"q\""), new ArgumentsDelta(0, "1"), new TextDelta("after"),
                new ArgumentsDelta(1, ":2}"), new ArgumentsDelta(0, "}"))
            .ShouldBe([
                """0 {"type":"tool_use","id":"a","name":"ls","input":{}}""",
                """0 {"type":"input_json_delta","partial_json":"{\"p\":"}""",
                """0 {"type":"input_json_delta","partial_json":"1"}""",
                """0 {"type":"input_json_delta","partial_json":"}"}""", "0 stop",
                """1 {"type":"tool_use","id":"b","name":"pwd","input":{}}""",
                """1 {"type":"input_json_delta","partial_json":"{\"q\":2}"}""", "1 stop",
                """2 {"type":"text","text":""}""", """2 {"type":"text_delta","text":"after"}""", "2 stop",
            ]);

    [Fact]
    public void SecondCall_leavesAsSoonAsTheFirstIsWhole()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Wire.Client.WriteStream(Wire.Head);
        writer.Write(new ToolCallDelta(0, "a", "ls"), output);
        writer.Write(new ArgumentsDelta(0, "{"), output);
        writer.Write(new ToolCallDelta(1, "b", "ls"), output);
        Wire.Text(output.WrittenMemory).ShouldNotContain("\"id\":\"b\"");

        writer.Write(new ArgumentsDelta(0, "}"), output);

        Wire.Text(output.WrittenMemory).ShouldContain("\"id\":\"b\"");
    }

    [Fact]
    public void CallThatIsNeverWhole_doesNotHoldTheRestBack() =>
        Show(new ToolCallDelta(0, "a", "ls"), new ArgumentsDelta(0, "{\"p"), new TextDelta("x"))
            .ShouldBe([
                """0 {"type":"tool_use","id":"a","name":"ls","input":{}}""",
                """0 {"type":"input_json_delta","partial_json":"{\"p"}""", "0 stop", """1 {"type":"text","text":""}""",
                """1 {"type":"text_delta","text":"x"}""", "1 stop",
            ]);

    [Fact]
    public void FreeText_isWrappedAsItComes() =>
        Show(new ToolCallDelta(0, "a", "patch", IsCustom: true), new ArgumentsDelta(0, "a\"\n"), new ArgumentsDelta(0, "b"))
            .ShouldBe([
                """0 {"type":"tool_use","id":"a","name":"patch","input":{}}""",
                """0 {"type":"input_json_delta","partial_json":"{\"input\":\""}""",
                """0 {"type":"input_json_delta","partial_json":"a\\\"\\n"}""",
                """0 {"type":"input_json_delta","partial_json":"b"}""",
                """0 {"type":"input_json_delta","partial_json":"\"}"}""", "0 stop",
            ]);

    [Fact]
    public void EmptyTexts_areNoBlocks_andNewPartsAre() =>
        Show(new TextDelta(""), new TextDelta("a"), new TextDelta("b", 1), new RefusalDelta("no"), new ReasoningDelta(""))
            .Where(line => !line.EndsWith("stop", StringComparison.Ordinal) && line.Contains("_delta", StringComparison.Ordinal))
            .ShouldBe([
                """0 {"type":"text_delta","text":"a"}""", """1 {"type":"text_delta","text":"b"}""",
                """2 {"type":"text_delta","text":"no"}""",
            ]);

    [Fact]
    public void IdsOfCalls_areAllowedAndDiffer()
    {
        var ids = Wire.Datas(Wire.Blocks(
                new ToolCallDelta(0, "a:1", "ls"), new ArgumentsDelta(0, "{}"), new ToolCallDelta(1, "a:1", "ls"),
                new ArgumentsDelta(1, "{}"), new ToolCallDelta(2, "", "ls")))
            .Where(data => data.GetProperty("type").GetString() == "content_block_start")
            .Select(data => data.GetProperty("content_block").GetProperty("id").GetString()!).ToList();

        ids.Distinct().Count().ShouldBe(3);
        ids.ShouldAllBe(id => id.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '_'));
    }

    [Fact]
    public void CallAtTheEnd_isWhyItEnded() =>
        Wire.WriteStream(Wire.Head, null, new ToolCallDelta(0, "a", "ls")).ShouldContain("\"stop_reason\":\"tool_use\"");

    [Fact]
    public void EmptyAnswer_isAMessageAllTheSame() =>
        Wire.Datas(Wire.WriteStream(Wire.Head, null)).Select(data => data.GetProperty("type").GetString())
            .ShouldBe(["message_start", "message_delta", "message_stop"]);

    [Fact]
    public void OwnBlocksAndCitations_pass() =>
        Show(
                new OpaqueDelta(Dialect.Anthropic, JsonElement.Parse("""{"type":"compaction"}""")),
                new OpaqueDelta(Dialect.Gemini, JsonElement.Parse("""{"type":"x"}""")), new TextDelta("a"),
                new AnnotationDelta(Dialect.Anthropic, JsonElement.Parse("""[{"n":1},{"n":2}]""")),
                new AnnotationDelta(Dialect.OpenAiChat, JsonElement.Parse("""[{"n":3}]""")))
            .ShouldBe([
                """0 {"type":"compaction"}""", "0 stop", """1 {"type":"text","text":""}""",
                """1 {"type":"text_delta","text":"a"}""", """1 {"type":"citations_delta","citation":{"n":1}}""",
                """1 {"type":"citations_delta","citation":{"n":2}}""", "1 stop",
            ]);

    [Fact]
    public void Cost_standsInTheLastUsage()
    {
        var output = new ArrayBufferWriter<byte>();
        Wire.Client.WriteStream(Wire.Head).Finish(new AnswerEnding(null, Wire.Used, Wire.Paid, true), output);

        Wire.Text(output.WrittenMemory).ShouldContain("\"output_tokens\":3," + Wire.ShownCost + "}");
    }

    [Fact]
    public void BrokenAnswer_endsInAnErrorWithItsBill()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Wire.Client.WriteStream(Wire.Head);
        writer.Write(new TextDelta("a"), output);
        output.Clear();

        writer.Fail(
            new ErrorAnswer(529, "Overloaded", "x", RequestId: "req_1"), false,
            new AnswerEnding(null, Wire.Used, Wire.Paid, true), output);

        Wire.Text(output.WrittenMemory).ShouldBe(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"},\"request_id\":\"req_1\","
            + "\"usage\":{\"input_tokens\":2,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},\"output_tokens\":3,"
            + Wire.ShownCost + "}}\n\n");
    }

    /// <summary>Blocks, deltas and stops of a stream, each with its index.</summary>
    private static List<string> Show(params ChatDelta[] deltas) =>
        [.. Wire.Datas(Wire.Blocks(deltas)).Select(data => data.GetProperty("index").GetRawText() + " "
            + (data.TryGetProperty("content_block", out var block) ? block.GetRawText()
                : data.TryGetProperty("delta", out var delta) ? delta.GetRawText() : "stop"))];
}
