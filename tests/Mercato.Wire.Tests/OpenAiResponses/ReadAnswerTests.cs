using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class ReadAnswerTests
{
    [Fact]
    public void EveryKindOfItem_becomesItsStep()
    {
        var deltas = Wire.ReadAnswer("""
            {"id":"resp_1","object":"response","status":"completed","model":"large-1","error":null,"output":[
            {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"First."},{"type":"summary_text","text":"Then."}],"encrypted_content":"gA"},
            {"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search"}},
            {"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"One","annotations":[{"type":"url_citation","url":"https://example.org","start_index":0,"end_index":3}]},{"type":"output_text","text":"Two"},{"type":"refusal","refusal":"No."}]},
            {"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{\"n\":1.0}"},
            {"id":"ctc_1","type":"custom_tool_call","call_id":"call_2","name":"p","input":"raw"}],
            "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":15}}
            """);

        deltas.Where(delta => delta is not (AnnotationDelta or OpaqueDelta)).ShouldBe(
        [
            new StartDelta("resp_1", "large-1"), new ReasoningDelta("First."), new ReasoningDelta("\n\nThen."),
            new SealDelta(new Seal("host", "gA", ItemId: "rs_1")), new TextDelta("One", 0), new TextDelta("Two", 1), new RefusalDelta("No."),
            new ToolCallDelta(0, "call_1", "f"), new ArgumentsDelta(0, "{\"n\":1.0}"), new ToolCallDelta(1, "call_2", "p", true), new ArgumentsDelta(1, "raw"),
            new UsageDelta(new Usage { InputUncached = 6, CacheRead = 4, OutputText = 3, Reasoning = 2, ServerTools = 1 }),
            new FinishDelta(FinishReason.ToolCalls, "completed"),
        ]);
        deltas.OfType<AnnotationDelta>().Single().Json[0].GetProperty("url").GetString().ShouldBe("https://example.org");
        deltas.OfType<OpaqueDelta>().Single().Json.GetProperty("id").GetString().ShouldBe("ws_1");
    }

    [Fact]
    public void OpenReasoning_isReadWhereThereIsNoSummary()
    {
        var deltas = Wire.ReadAnswer(
            """{"output":[{"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"Hm."}]},{"type":"reasoning","id":"s","summary":[]}]}""");

        deltas.ShouldBe(
        [
            new StartDelta(null, null), new ReasoningDelta("Hm."), new SealDelta(null), new FinishDelta(FinishReason.Stop, "completed"),
        ]);
    }

    [Theory]
    [InlineData("""{"status":"completed","output":[]}""", FinishReason.Stop, "completed")]
    [InlineData("""{"status":"complete","output":[]}""", FinishReason.Stop, "complete")]
    [InlineData("""{"output":[]}""", FinishReason.Stop, "completed")]
    [InlineData("""{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"function_call","call_id":"c","name":"f","arguments":"{"}]}""", FinishReason.Length, "max_output_tokens")]
    [InlineData("""{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}""", FinishReason.Refused, "content_filter")]
    [InlineData("""{"status":"incomplete","incomplete_details":null,"output":[]}""", FinishReason.Length, "incomplete")]
    [InlineData("""{"status":"completed","output":[{"type":"function_call","call_id":"c","name":"f","arguments":""}]}""", FinishReason.ToolCalls, "completed")]
    public void Status_tellsWhyItEnded(string body, FinishReason reason, string native) =>
        Wire.ReadAnswer(body)[^1].ShouldBe(new FinishDelta(reason, native));

    [Theory]
    [InlineData("", UpstreamErrorKind.NotJson)]
    [InlineData("<html>", UpstreamErrorKind.NotJson)]
    [InlineData("[]", UpstreamErrorKind.NotJson)]
    [InlineData("{}", UpstreamErrorKind.NotJson)]
    [InlineData("""{"status":"queued","output":[]}""", UpstreamErrorKind.NotJson)]
    [InlineData("""{"status":"failed","output":[],"error":{"code":"server_error","message":"x"}}""", UpstreamErrorKind.ServerError)]
    [InlineData("""{"status":"failed","output":[],"error":null}""", UpstreamErrorKind.ServerError)]
    [InlineData("""{"status":"cancelled","output":[]}""", UpstreamErrorKind.ServerError)]
    [InlineData("""{"error":{"code":"context_length_exceeded","message":"x"}}""", UpstreamErrorKind.ContextOverflow)]
    public void WhatIsNoAnswer_isAnError(string body, UpstreamErrorKind kind)
    {
        Wire.ReadAnswer(body)[^1].ShouldBeOfType<ErrorDelta>().Error.Kind.ShouldBe(kind);

        var received = new Received();
        Wire.Client.ReadAnswer(Encoding.UTF8.GetBytes(body), received);
        received.Error!.Kind.ShouldBe(kind);
        received.IsEnded.ShouldBeTrue();
    }

    [Fact]
    public void Received_isFilledForTheBill()
    {
        var received = new Received();
        Wire.Client.ReadAnswer(
            """{"id":"resp_1","model":"m-1","output":[{"type":"message","content":[{"type":"output_text","text":"é!"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}],"usage":{"input_tokens":3,"output_tokens":4}}"""u8.ToArray(),
            received);

        (received.UpstreamId, received.Model, received.TextBytes, received.ToolBytes, received.ToolCalls).ShouldBe(("resp_1", "m-1", 3, 3, 1));
        received.FinishReasons.ShouldBe(["completed"]);
        received.Usage!.TotalOutput.ShouldBe(4);
    }

    [Fact]
    public void CallWithoutAnId_getsOne()
    {
        var calls = Wire.ReadAnswer("""{"output":[{"type":"function_call","name":"f","arguments":"{}"},{"type":"function_call","name":"f","arguments":"{}"}]}""")
            .OfType<ToolCallDelta>().ToList();

        calls.Select(call => call.Index).ShouldBe([0, 1]);
        calls[0].Id.ShouldStartWith("call_");
        calls[0].Id.ShouldNotBe(calls[1].Id);
    }

    public static TheoryData<string, Usage> Usages() => new()
    {
        { """{"input_tokens":9,"output_tokens":4,"total_tokens":13}""", new Usage { InputUncached = 9, OutputText = 4 } },
        { """{"input_tokens":9,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":3},"output_tokens":0}""", new Usage { InputUncached = 4, CacheRead = 2, CacheWrite5m = 3, OutputText = 0 } },
        { """{"input_tokens":5,"output_tokens":7,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":12}""", new Usage { InputUncached = 5, OutputText = 0, Reasoning = 7 } },
        { """{"input_tokens":5,"output_tokens":7,"output_tokens_details":{"reasoning_tokens":20},"total_tokens":32}""", new Usage { InputUncached = 5, OutputText = 7, Reasoning = 20 } },
        { """{"input_tokens":5,"output_tokens":7,"num_server_side_tools_used":2,"cost_in_usd_ticks":15}""", new Usage { InputUncached = 5, OutputText = 7, ServerTools = 2, ReportedCostPico = 1500 } },
        { """{"input_tokens":0,"output_tokens":0}""", new Usage { InputUncached = 0, OutputText = 0 } },
        { """{"input_tokens":-1,"output_tokens":1}""", new Usage { OutputText = 1, Suspicion = "input_tokens is negative" } },
        { """{"input_tokens":1,"output_tokens":1.5}""", new Usage { InputUncached = 1, Suspicion = "output_tokens is not whole" } },
        { """{"input_tokens":5,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":9},"output_tokens":1}""", new Usage { InputUncached = 0, CacheRead = 2, CacheWrite5m = 9, OutputText = 1, Suspicion = "input_tokens is less than its details" } },
    };

    [Theory]
    [MemberData(nameof(Usages))]
    public void Usage_overlapsNowhere(string json, Usage usage) =>
        OpenAiResponsesDialect.ReadUsage(Encoding.UTF8.GetBytes(json)).ShouldBe(usage);
}
