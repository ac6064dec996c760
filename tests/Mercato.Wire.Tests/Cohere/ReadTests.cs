using Mercato.Wire.Dialects.Cohere;

namespace Mercato.Wire.Tests.Cohere;

public sealed class ReadTests
{
    private const string Mixed =
        "event: message-start\ndata: {\"id\":\"r1\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[],\"tool_plan\":\"\"}}}\n\n"
        + "data: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"thinking\",\"thinking\":\"\"}}}}\n\n"
        + "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"thinking\":\"Hm\"}}}}\n\n"
        + "data: {\"type\":\"content-end\",\"index\":0}\n\n"
        + "data: {\"type\":\"content-start\",\"index\":1,\"delta\":{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"H\"}}}}\n\n"
        + "data: {\"type\":\"content-delta\",\"index\":1,\"delta\":{\"message\":{\"content\":{\"text\":\"\u00e9 \ud83d\ude42\"}}}}\n\n"
        + "data: {\"type\":\"content-end\",\"index\":1}\n\n"
        + "data: {\"type\":\"citation-start\",\"index\":0,\"delta\":{\"message\":{\"citations\":{\"start\":0,\"text\":\"H\"}}}}\n\n"
        + "data: {\"type\":\"tool-plan-delta\",\"delta\":{\"message\":{\"tool_plan\":\"I ask.\"}}}\n\n"
        + "data: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"a_1\",\"type\":\"function\",\"function\":{\"name\":\"a\",\"arguments\":\"\"}}}}}\n\n"
        + "data: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{\\\"n\\\":\"}}}}}\n\n"
        + "data: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"1.0}\"}}}}}\n\n"
        + "data: {\"type\":\"tool-call-end\",\"index\":0}\n\n"
        + "data: {\"type\":\"tool-call-start\",\"index\":1,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"b_1\",\"type\":\"function\",\"function\":{\"name\":\"b\",\"arguments\":\"\"}}}}}\n\n"
        + "data: {\"type\":\"tool-call-end\",\"index\":1}\n\n"
        + "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\",\"usage\":{\"billed_units\":{\"input_tokens\":68,\"output_tokens\":20},\"tokens\":{\"input_tokens\":1591,\"output_tokens\":38,\"reasoning_tokens\":5},\"cached_tokens\":992}}}\n\n"
        + "data: [DONE]\n\n";

    private static readonly Upstream Cohere = new(CohereDialect.Instance);

    [Fact]
    public void MixedStream_isToldInOrder() =>
        Cohere.StreamWithEnd(Mixed).ShouldBe(
            """
            start r1
            thought Hm
            seal -
            text H
            text é 🙂
            note {"start":0,"text":"H"}
            thought I ask.
            call 0 a_1 a
            args 0 {"n":
            args 0 1.0}
            call 1 b_1 b
            args 1 {}
            usage in=68 out=15 thought=5
            finish ToolCalls TOOL_CALL
            may end
            """);

    [Fact]
    public void MixedStream_doesNotDependOnCuts() => Cohere.ShouldNotDependOnCuts(Mixed);

    [Fact]
    public void MessageEnd_isTheEndMarker() => Cohere.Kinds(Mixed)[^2..].ShouldBe([FrameKind.End, FrameKind.End]);

    [Fact]
    public void StreamWithoutMessageEnd_brokeOff() =>
        Cohere.StreamWithEnd("data: {\"type\":\"message-start\",\"id\":\"r\",\"delta\":{}}\n\n").ShouldBe("start r\nbroke off");

    [Theory]
    [InlineData("data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"broken inside\"}}\n\n", "error ServerError: broken inside")]
    [InlineData("data: {\"id\":\"x\",\"message\":\"too slow\"}\n\n", "error ServerError: too slow")]
    public void ErrorInAStream_isAnError(string stream, string told)
    {
        Cohere.Stream(stream).ShouldBe(told);
        Cohere.Kinds(stream).ShouldBe([FrameKind.Error]);
    }

    [Fact]
    public void WholeAnswer_isToldInOrder() =>
        Cohere.Answer(
            """
            {"id":"r1","message":{"role":"assistant","tool_plan":"I ask.","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"a"},{"type":"text","text":"b"}],
             "tool_calls":[{"id":"a_1","type":"function","function":{"name":"a","arguments":"{\"n\":1.0}"}},{"id":"b_1","type":"function","function":{"name":"b","arguments":"null"}}],
             "citations":[{"start":0}]},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5.0,"output_tokens":7},"tokens":{"input_tokens":500,"output_tokens":9}}}
            """).ShouldBe(
            """
            start r1
            thought I ask.
            thought Hm
            seal -
            text a
            text/1 b
            call 0 a_1 a
            args 0 {"n":1.0}
            call 1 b_1 b
            args 1 {}
            note [{"start":0}]
            usage in=5 out=7
            finish Stop COMPLETE
            """);

    [Theory]
    [InlineData("COMPLETE", FinishReason.Stop)]
    [InlineData("STOP_SEQUENCE", FinishReason.StopSequence)]
    [InlineData("MAX_TOKENS", FinishReason.Length)]
    [InlineData("TOOL_CALL", FinishReason.ToolCalls)]
    [InlineData("ERROR_TOXIC", FinishReason.Refused)]
    [InlineData("TIMEOUT", FinishReason.Error)]
    public void Reason_isToldInTheNeutralForm(string native, FinishReason reason) =>
        Cohere.Answer("{\"message\":{},\"finish_reason\":\"" + native + "\"}").ShouldEndWith($"finish {reason} {native}");

    [Theory]
    [InlineData("""{"id":"x","message":"no such model","error_type":"x"}""", "error ServerError: no such model")]
    [InlineData("", "error NotJson: The host answered 200 with an empty body.")]
    [InlineData("[]", "error NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("{}", "error NotJson: The host answered 200 without a message.")]
    public void WhatIsNoAnswer_isAnError(string body, string told) => Cohere.Answer(body).ShouldBe(told);

    [Theory]
    [InlineData("""{"billed_units":{"input_tokens":0,"output_tokens":0},"tokens":{"input_tokens":9}}""", "usage in=0 out=0")]
    [InlineData("""{"tokens":{"input_tokens":9,"output_tokens":3}}""", "usage in=9 out=3")]
    [InlineData("""{"billed_units":{"output_tokens":3},"tokens":{"reasoning_tokens":5}}""", "usage out=0 thought=3")]
    [InlineData("""{"billed_units":{"input_tokens":-1}}""", "usage suspicion=input_tokens is negative")]
    [InlineData("""{"billed_units":{"search_units":1}}""", null)]
    public void Usage_isWhatIsBilled(string usage, string? told) =>
        (CohereDialect.ReadUsage(Said.Json(usage)) is { } read ? Upstream.Tell(read) : null).ShouldBe(told);
}
