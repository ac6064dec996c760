using System.Buffers;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class WriteStreamTests
{
    private static readonly FinishDelta Done = new(FinishReason.Stop, "stop");

    [Fact]
    public void Text_hasTheWholeGrammar()
    {
        var stream = Wire.WriteStream(Wire.Head, Done, new StartDelta("x", "y"), new TextDelta("Grü"), new TextDelta("ß\n"));

        const string item = """{"item_id":"msg_1_0","output_index":0,"content_index":0}""";
        Between(stream).ShouldBe(
            Event("response.output_item.added", 2, """{"output_index":0,"item":{"id":"msg_1_0","type":"message","status":"in_progress","role":"assistant","content":[]}}""")
            + Event("response.content_part.added", 3, item, """{"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}""")
            + Event("response.output_text.delta", 4, item, """{"delta":"Grü","logprobs":[]}""")
            + Event("response.output_text.delta", 5, item, """{"delta":"ß\n","logprobs":[]}""")
            + Event("response.output_text.done", 6, item, """{"text":"Grüß\n","logprobs":[]}""")
            + Event("response.content_part.done", 7, item, """{"part":{"type":"output_text","text":"Grüß\n","annotations":[],"logprobs":[]}}""")
            + Event("response.output_item.done", 8, """{"output_index":0,"item":{"id":"msg_1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Grüß\n","annotations":[],"logprobs":[]}]}}"""));
        Types(stream)[..2].ShouldBe(["response.created", "response.in_progress"]);
        var last = Wire.Datas(stream)[^1];
        last.GetProperty("type").GetString().ShouldBe("response.completed");
        last.GetProperty("response").GetProperty("output").Raw().ShouldBe(
            """[{"id":"msg_1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Grüß\n","annotations":[],"logprobs":[]}]}]""");
        last.GetProperty("response").GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(5);
        stream.ShouldNotContain("[DONE]");
    }

    [Fact]
    public void SealedThought_isAReasoningItem()
    {
        var stream = Wire.WriteStream(
            Wire.Head, Done, new ReasoningDelta("Hm"), new ReasoningDelta("."), new SealDelta(new Seal("anthropic", "sig")), new SealDelta(new Seal("anthropic", "data", IsRedacted: true)),
            new SealDelta(null));

        const string item = """{"item_id":"rs_1_0","output_index":0,"summary_index":0}""";
        Between(stream).ShouldBe(
            Event("response.output_item.added", 2, """{"output_index":0,"item":{"id":"rs_1_0","type":"reasoning","summary":[]}}""")
            + Event("response.reasoning_summary_part.added", 3, item, """{"part":{"type":"summary_text","text":""}}""")
            + Event("response.reasoning_summary_text.delta", 4, item, """{"delta":"Hm"}""")
            + Event("response.reasoning_summary_text.delta", 5, item, """{"delta":"."}""")
            + Event("response.reasoning_summary_text.done", 6, item, """{"text":"Hm."}""")
            + Event("response.reasoning_summary_part.done", 7, item, """{"part":{"type":"summary_text","text":"Hm."}}""")
            + Event("response.output_item.done", 8, """{"output_index":0,"item":{"id":"rs_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm."}],"encrypted_content":"mercato:1:s:anthropic::sig"}}""")
            + Event("response.output_item.added", 9, """{"output_index":1,"item":{"id":"rs_1_1","type":"reasoning","summary":[]}}""")
            + Event("response.output_item.done", 10, """{"output_index":1,"item":{"id":"rs_1_1","type":"reasoning","summary":[],"encrypted_content":"mercato:1:r:anthropic::data"}}"""));
    }

    [Fact]
    public void Calls_stayTogetherAndKeepTheirPlaces()
    {
        var stream = Wire.WriteStream(
            Wire.Head, new FinishDelta(FinishReason.ToolCalls, "tool_calls"), new TextDelta("Two."), new ToolCallDelta(0, "call_a", "f"), new ArgumentsDelta(0, "{\"n\":"),
            new ArgumentsDelta(0, "1.50}"), new ToolCallDelta(1, "call_b", "g"));

        var datas = Wire.Datas(stream);
        Types(stream)[7..].ShouldBe(
        [
            "response.output_item.done", "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.delta",
            "response.function_call_arguments.done", "response.output_item.done", "response.output_item.added", "response.function_call_arguments.delta",
            "response.function_call_arguments.done", "response.output_item.done", "response.completed",
        ]);
        datas[12].Raw().ShouldBe(
            """{"type":"response.output_item.done","sequence_number":12,"output_index":1,"item":{"id":"fc_1_1","type":"function_call","status":"completed","call_id":"call_a","name":"f","arguments":"{\"n\":1.50}"}}""");
        datas[15].Raw().ShouldBe("""{"type":"response.function_call_arguments.done","sequence_number":15,"item_id":"fc_1_2","output_index":2,"arguments":"{}"}""");
        Output(stream).Select(item => item.GetProperty("id").GetString()).ShouldBe(["msg_1_0", "fc_1_1", "fc_1_2"]);
    }

    [Fact]
    public void MixedPiecesOfTwoCalls_reachTheirOwn()
    {
        var stream = Wire.WriteStream(
            Wire.Head, Done, new ToolCallDelta(0, "a", "f"), new ToolCallDelta(1, "b", "g"), new ArgumentsDelta(1, "{\"b\":"), new ArgumentsDelta(0, "{\"a\":1}"),
            new ArgumentsDelta(1, "2}"), new TextDelta("!"));

        Output(stream).Select(item => item.TryGetProperty("arguments", out var arguments) ? arguments.GetString() : "!")
            .ShouldBe(["{\"a\":1}", "{\"b\":2}", "!"]);
        AssertGrammar(stream);
    }

    [Fact]
    public void CustomToolsCalls_areFreeTextWhateverTheHostKnew()
    {
        var head = Wire.HeadOf("\"input\":\"x\",\"tools\":[{\"type\":\"custom\",\"name\":\"patch\"}]");
        var stream = Wire.WriteStream(
            head, Done, new ToolCallDelta(0, "a", "patch"), new ArgumentsDelta(0, "{\"input\":\"*** "), new ArgumentsDelta(0, "\\\"B\\\"\"}"),
            new ToolCallDelta(1, "b", "patch", IsCustom: true), new ArgumentsDelta(1, "ra"), new ArgumentsDelta(1, "w"));

        Between(stream).ShouldBe(
            Event("response.output_item.added", 2, """{"output_index":0,"item":{"id":"ctc_1_0","type":"custom_tool_call","status":"in_progress","call_id":"a","name":"patch","input":""}}""")
            + Event("response.custom_tool_call_input.delta", 3, """{"item_id":"ctc_1_0","output_index":0,"delta":"*** \"B\""}""")
            + Event("response.custom_tool_call_input.done", 4, """{"item_id":"ctc_1_0","output_index":0,"input":"*** \"B\""}""")
            + Event("response.output_item.done", 5, """{"output_index":0,"item":{"id":"ctc_1_0","type":"custom_tool_call","status":"completed","call_id":"a","name":"patch","input":"*** \"B\""}}""")
            + Event("response.output_item.added", 6, """{"output_index":1,"item":{"id":"ctc_1_1","type":"custom_tool_call","status":"in_progress","call_id":"b","name":"patch","input":""}}""")
            + Event("response.custom_tool_call_input.delta", 7, """{"item_id":"ctc_1_1","output_index":1,"delta":"ra"}""")
            + Event("response.custom_tool_call_input.delta", 8, """{"item_id":"ctc_1_1","output_index":1,"delta":"w"}""")
            + Event("response.custom_tool_call_input.done", 9, """{"item_id":"ctc_1_1","output_index":1,"input":"raw"}""")
            + Event("response.output_item.done", 10, """{"output_index":1,"item":{"id":"ctc_1_1","type":"custom_tool_call","status":"completed","call_id":"b","name":"patch","input":"raw"}}"""));
    }

    [Fact]
    public void NamespacedCall_bearsBothNames()
    {
        var head = Wire.HeadOf("\"input\":\"x\",\"tools\":[{\"type\":\"namespace\",\"name\":\"crew\",\"tools\":[{\"type\":\"function\",\"name\":\"ask\"}]}]");

        Output(Wire.WriteStream(head, Done, new ToolCallDelta(0, "a", "crew__ask"), new ArgumentsDelta(0, "{}")))[0].Raw().ShouldBe(
            """{"id":"fc_1_0","type":"function_call","status":"completed","call_id":"a","namespace":"crew","name":"ask","arguments":"{}"}""");
    }

    [Fact]
    public void BlocksAndRefusals_arePartsOfOneMessage()
    {
        var stream = Wire.WriteStream(Wire.Head, Done, new TextDelta("a", 0), new TextDelta("b", 1), new RefusalDelta("No"), new TextDelta(""));

        Output(stream).ShouldHaveSingleItem().GetProperty("content").Raw().ShouldBe(
            """[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"output_text","text":"b","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"No"}]""");
        Types(stream).ShouldContain("response.refusal.done");
        AssertGrammar(stream);
    }

    [Fact]
    public void Citations_areEventsAndStayWithTheirText()
    {
        var stream = Wire.WriteStream(
            Wire.Head, Done, new TextDelta("Four"), new AnnotationDelta(Dialect.Anthropic, JsonElement.Parse("""{"type":"web_search_result_location","url":"https://example.org","title":"T"}"""u8)));

        const string citation = """{"type":"url_citation","start_index":0,"end_index":4,"url":"https://example.org","title":"T"}""";
        stream.ShouldContain("\"annotation_index\":0,\"annotation\":" + citation);
        Output(stream)[0].GetProperty("content")[0].GetProperty("annotations").Raw().ShouldBe("[" + citation + "]");
    }

    [Fact]
    public void CutAnswer_isIncompleteInEveryOpenItem()
    {
        var stream = Wire.WriteStream(Wire.Head, new FinishDelta(FinishReason.Length, "length"), new TextDelta("On"));

        var last = Wire.Datas(stream)[^1];
        last.GetProperty("type").GetString().ShouldBe("response.incomplete");
        last.GetProperty("response").FindReason().ShouldBe("max_output_tokens");
        Output(stream)[0].GetProperty("status").GetString().ShouldBe("incomplete");
    }

    [Fact]
    public void NothingAtAll_isStillAWholeStream() =>
        Types(Wire.WriteStream(Wire.Head, null)).ShouldBe(["response.created", "response.in_progress", "response.completed"]);

    [Fact]
    public void Beginning_waitsForSomethingToShow()
    {
        var output = new ArrayBufferWriter<byte>();
        Wire.Client.WriteStream(Wire.Head).Write(new StartDelta("x", "y"), output);

        output.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void Failure_isAnErrorAndTheTerminalEventWithTheBill()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = Wire.Client.WriteStream(Wire.Head);
        writer.Write(new ToolCallDelta(0, "a", "f"), output);
        writer.Write(new ArgumentsDelta(0, "{}"), output);
        writer.Write(new TextDelta("Half"), output);
        var before = output.WrittenCount;
        writer.Fail(
            new ErrorAnswer(502, "Broke off.", "api_error", "upstream_broken"), hasIntegerCode: true,
            new AnswerEnding(null, new Usage { InputUncached = 2, OutputText = 1 }, Wire.Paid, true), output);

        var stream = Wire.Text(output.WrittenMemory);
        Wire.Text(output.WrittenMemory[before..]).ShouldStartWith(
            Event("error", 9, """{"code":"upstream_broken","message":"Broke off.","param":null,"error":{"type":"api_error","code":"upstream_broken","message":"Broke off.","param":null}}"""));
        var response = Wire.Datas(stream)[^1].GetProperty("response");
        response.GetProperty("status").GetString().ShouldBe("failed");
        response.GetProperty("error").Raw().ShouldBe("""{"code":"upstream_broken","message":"Broke off."}""");
        response.GetProperty("usage").GetProperty("cost").Raw().ShouldBe("0.5");
        Output(stream).ShouldHaveSingleItem().GetProperty("id").GetString().ShouldBe("fc_1_0");
        AssertGrammar(stream);
    }

    [Fact]
    public void FailureBeforeAnything_isAnErrorAndTheTerminalEvent()
    {
        var frame = Wire.Text(Wire.Client.WriteErrorFrame(new ErrorAnswer(429, "Later.", "rate_limit_error", RequestId: "gen-7"), hasIntegerCode: false));

        Types(frame).ShouldBe(["error", "response.failed"]);
        var response = Wire.Datas(frame)[1].GetProperty("response");
        response.GetProperty("id").GetString().ShouldBe("resp_7");
        response.GetProperty("error").Raw().ShouldBe("""{"code":"rate_limit_exceeded","message":"Later."}""");
        Wire.Text(Wire.Client.KeepAliveFrame).ShouldBe(": keep-alive\n\n");
    }

    [Fact]
    public void Stream_readsBackAsTheSameAnswer()
    {
        ChatDelta[] deltas =
        [
            new ReasoningDelta("Think"), new SealDelta(new Seal("p", "s")), new TextDelta("Hé"), new ToolCallDelta(0, "a", "f"), new ArgumentsDelta(0, "{\"x\":1.0}"),
            new ToolCallDelta(1, "b", "g"), new ArgumentsDelta(1, "{}"),
        ];
        var (read, _, mayEnd) = Wire.ReadStream(Wire.WriteStream(Wire.Head, Done, deltas));

        mayEnd.ShouldBeTrue();
        var (first, second) = (ChatAnswer.Of(deltas), ChatAnswer.Of(read));
        second.Text.ShouldBe(first.Text);
        second.Reasoning.ShouldBe(first.Reasoning);
        second.Calls.ShouldBe(first.Calls);
    }

    /// <summary>Numbers rise by one, items open before they are spoken of and close once, and the end shows all that closed.</summary>
    private static void AssertGrammar(string stream)
    {
        var (open, closed) = (new HashSet<int>(), new List<int>());
        var datas = Wire.Datas(stream);
        for (var index = 0; index < datas.Count; index++)
        {
            datas[index].GetProperty("sequence_number").GetInt32().ShouldBe(index);
            if (!datas[index].TryGetProperty("output_index", out var place))
            {
                continue;
            }

            switch (datas[index].GetProperty("type").GetString())
            {
                case "response.output_item.added":
                    place.GetInt32().ShouldBe(open.Count + closed.Count);
                    open.Add(place.GetInt32());
                    break;
                case "response.output_item.done":
                    open.Remove(place.GetInt32()).ShouldBeTrue();
                    closed.Add(place.GetInt32());
                    break;
                default:
                    open.ShouldContain(place.GetInt32());
                    break;
            }
        }

        Output(stream).Count.ShouldBe(closed.Count);
    }

    /// <summary>An event with the members of these objects.</summary>
    private static string Event(string type, int number, params IEnumerable<string> objects) =>
        $"event: {type}\ndata: {{\"type\":\"{type}\",\"sequence_number\":{number},{string.Join(',', objects.Select(one => one[1..^1]))}}}\n\n";

    private static List<string> Types(string stream) =>
        [.. Wire.Datas(stream).Select(data => data.GetProperty("type").GetString()!)];

    private static List<JsonElement> Output(string stream) =>
        [.. Wire.Datas(stream)[^1].GetProperty("response").GetProperty("output").EnumerateArray()];

    /// <summary>A stream without its two first events and its last.</summary>
    private static string Between(string stream)
    {
        var frames = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(frames[2..^1].Select(frame => frame + "\n\n"));
    }
}
