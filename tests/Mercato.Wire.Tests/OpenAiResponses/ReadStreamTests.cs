using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class ReadStreamTests
{
    private static readonly string Stream = Wire.Events(
        """{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"large-1","status":"in_progress","output":[]}}""",
        """{"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1"}}""",
        """{"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}}""",
        """{"type":"response.reasoning_summary_part.added","sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}""",
        """{"type":"response.reasoning_summary_text.delta","sequence_number":4,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Thi"}""",
        """{"type":"response.reasoning_summary_text.delta","sequence_number":5,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"nk"}""",
        """{"type":"response.reasoning_summary_text.done","sequence_number":6,"item_id":"rs_1","output_index":0,"summary_index":0,"text":"Think"}""",
        """{"type":"response.reasoning_summary_text.delta","sequence_number":7,"item_id":"rs_1","output_index":0,"summary_index":1,"delta":"More"}""",
        """{"type":"response.output_item.done","sequence_number":8,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Think"},{"type":"summary_text","text":"More"}],"encrypted_content":"gA"}}""",
        """{"type":"response.output_item.added","sequence_number":9,"output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}}""",
        """{"type":"response.content_part.added","sequence_number":10,"item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","annotations":[],"text":""}}""",
        """{"type":"response.output_text.delta","sequence_number":11,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"Grüß "}""",
        """{"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"\ud83d\ude42"}""",
        """{"type":"response.output_text.done","sequence_number":13,"item_id":"msg_1","output_index":1,"content_index":0,"text":"Grüß \ud83d\ude42"}""",
        """{"type":"response.output_item.done","sequence_number":14,"output_index":1,"item":{"id":"msg_1","type":"message","content":[{"type":"output_text","text":"Grüß \ud83d\ude42"}]}}""",
        """{"type":"response.output_item.added","sequence_number":15,"output_index":2,"item":{"id":"fc_1","type":"function_call","call_id":"call_a","name":"f","arguments":""}}""",
        """{"type":"response.output_item.added","sequence_number":16,"output_index":3,"item":{"id":"fc_2","type":"function_call","call_id":"call_b","name":"g","arguments":""}}""",
        """{"type":"response.function_call_arguments.delta","sequence_number":17,"item_id":"fc_2","output_index":3,"delta":"{\"b\""}""",
        """{"type":"response.function_call_arguments.delta","sequence_number":18,"item_id":"fc_1","output_index":2,"delta":"{}"}""",
        """{"type":"response.function_call_arguments.delta","sequence_number":19,"item_id":"fc_2","output_index":3,"delta":":1.0}"}""",
        """{"type":"response.function_call_arguments.done","sequence_number":20,"item_id":"fc_2","output_index":3,"arguments":"{\"b\":1.0}"}""",
        """{"type":"response.output_item.done","sequence_number":21,"output_index":3,"item":{"id":"fc_2","type":"function_call","call_id":"call_b","name":"g","arguments":"{\"b\":1.0}"}}""",
        """{"type":"response.completed","sequence_number":22,"response":{"id":"resp_1","status":"completed","output":[{"type":"reasoning"},{"type":"message"},{"type":"function_call","call_id":"call_a","name":"f","arguments":"{}"},{"type":"function_call"}],"usage":{"input_tokens":2,"output_tokens":3}}}""");

    private static readonly ChatDelta[] Steps =
    [
        new StartDelta("resp_1", "large-1"), new ReasoningDelta("Thi"), new ReasoningDelta("nk"), new ReasoningDelta("\n\nMore"),
        new SealDelta(new Seal("host", "gA", ItemId: "rs_1")), new TextDelta("Grüß "), new TextDelta("🙂"),
        new ToolCallDelta(0, "call_a", "f"), new ToolCallDelta(1, "call_b", "g"), new ArgumentsDelta(1, "{\"b\""), new ArgumentsDelta(0, "{}"), new ArgumentsDelta(1, ":1.0}"),
        new UsageDelta(new Usage { InputUncached = 2, OutputText = 3 }), new FinishDelta(FinishReason.ToolCalls, "completed"),
    ];

    [Fact]
    public void Events_becomeSteps()
    {
        var (deltas, kinds, mayEnd) = Wire.ReadStream(Stream);

        deltas.ShouldBe(Steps);
        kinds[^1].ShouldBe(FrameKind.End);
        kinds[..^1].ShouldAllBe(kind => kind == FrameKind.Piece);
        mayEnd.ShouldBeTrue();
    }

    [Fact]
    public void HoweverTheBytesAreCut_theStepsAreTheSame()
    {
        Wire.ReadStream(Stream, -1).Deltas.ShouldBe(Steps);
        for (var cut = 1; cut < Encoding.UTF8.GetByteCount(Stream); cut++)
        {
            Wire.ReadStream(Stream, cut).Deltas.SequenceEqual(Steps).ShouldBeTrue($"cut at {cut}");
        }
    }

    [Fact]
    public void WholeArgumentsAndTexts_comeWhereNoPiecesDid()
    {
        var (deltas, _, _) = Wire.ReadStream(Wire.Events(
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f","arguments":""}}""",
            """{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"a\":1}"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}"}}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"Hi"}]}}""",
            """{"type":"response.output_item.done","output_index":2,"item":{"type":"custom_tool_call","call_id":"d","name":"p","input":"x"}}""",
            """{"type":"response.reasoning_text.delta","output_index":3,"content_index":0,"delta":"Open"}""",
            """{"type":"response.completed","response":{"output":[]}}"""));

        deltas.ShouldBe(
        [
            new ToolCallDelta(0, "c", "f"), new ArgumentsDelta(0, "{\"a\":1}"), new TextDelta("Hi"), new ToolCallDelta(1, "d", "p", true), new ArgumentsDelta(1, "x"),
            new ReasoningDelta("Open"), new StartDelta(null, null), new FinishDelta(FinishReason.ToolCalls, "completed"),
        ]);
    }

    [Fact]
    public void StreamOfTheTerminalEventAlone_isAWholeAnswer()
    {
        var (deltas, _, mayEnd) = Wire.ReadStream(Wire.Events(
            """{"type":"response.incomplete","response":{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"Cut"}]}]}}"""));

        deltas.ShouldBe([new StartDelta("r", null), new TextDelta("Cut"), new FinishDelta(FinishReason.Length, "max_output_tokens")]);
        mayEnd.ShouldBeTrue();
    }

    [Fact]
    public void ChangingItemIds_areOneItem()
    {
        var (deltas, _, _) = Wire.ReadStream(Wire.Events(
            """{"type":"response.output_item.added","output_index":0,"item":{"id":"a","type":"message","content":[]}}""",
            """{"type":"response.output_text.delta","item_id":"b","output_index":0,"content_index":0,"delta":"x"}""",
            """{"type":"response.output_text.done","item_id":"c","output_index":0,"content_index":0,"text":"x"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"id":"d","type":"message","content":[{"type":"output_text","text":"x"}]}}"""));

        deltas.ShouldBe([new TextDelta("x")]);
    }

    [Fact]
    public void RefusalsAnnotationsAndServerTools_areTold()
    {
        var (deltas, _, _) = Wire.ReadStream(Wire.Events(
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","id":"ws","action":{"type":"open_page"}}}""",
            """{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"x"}""",
            """{"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"url_citation","url":"u"}}""",
            """{"type":"response.refusal.delta","output_index":1,"content_index":1,"delta":"No"}""",
            """{"type":"response.output_item.done","output_index":1,"item":{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"u"}]},{"type":"refusal","refusal":"No"}]}}""",
            """{"type":"response.completed","response":{"output":[],"usage":{"input_tokens":1,"output_tokens":1}}}"""));

        deltas.Select(delta => delta.GetType()).ShouldBe(
            [typeof(OpaqueDelta), typeof(TextDelta), typeof(AnnotationDelta), typeof(RefusalDelta), typeof(StartDelta), typeof(UsageDelta), typeof(FinishDelta)]);
        deltas.OfType<UsageDelta>().Single().Usage.ServerTools.ShouldBeNull();
    }

    [Theory]
    [InlineData("data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"Flat.\",\"param\":null}\n\n", "Flat.")]
    [InlineData("data: {\"type\":\"error\",\"error\":{\"code\":\"x\",\"message\":\"Nested.\"}}\n\n", "Nested.")]
    [InlineData("event: error\ndata: {\"error\":{\"message\":\"Untyped.\"}}\n\n", "Untyped.")]
    [InlineData("data: {\"error\":{\"message\":\"Bare.\"}}\n\n", "Bare.")]
    [InlineData("data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"message\":\"Failed.\"}}}\n\n", "Failed.")]
    public void Errors_areTold(string stream, string message)
    {
        var (deltas, kinds, mayEnd) = Wire.ReadStream(stream);

        deltas[^1].ShouldBeOfType<ErrorDelta>().Error.Message.ShouldBe(message);
        kinds.ShouldBe([FrameKind.Error]);
        mayEnd.ShouldBeFalse();
    }

    [Theory]
    [InlineData(": ping\n\n", FrameKind.Comment)]
    [InlineData("data: [DONE]\n\n", FrameKind.Comment)]
    [InlineData("data: <html>\n\n", FrameKind.Garbage)]
    [InlineData("data: 5\n\n", FrameKind.Garbage)]
    [InlineData("data: {\"type\":\"response.out\n\n", FrameKind.Garbage)]
    [InlineData("data: {\"type\":\"response.audio.delta\",\"delta\":\"x\"}\n\n", FrameKind.Piece)]
    [InlineData("data: {\"type\":\"response.output_text.delta\",\"output_index\":\"x\",\"delta\":5}\n\n", FrameKind.Piece)]
    public void StreamWithoutItsTerminalEvent_hasNotEnded(string stream, FrameKind kind)
    {
        var (deltas, kinds, mayEnd) = Wire.ReadStream(stream);

        deltas.ShouldBeEmpty();
        kinds.ShouldBe([kind]);
        mayEnd.ShouldBeFalse();
    }
}
