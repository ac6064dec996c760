using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A host's whole answer as steps, and as what a call is billed by.</summary>
public sealed class ReadAnswerTests
{
    private static string Answer(string content, string rest = "\"stop_reason\":\"end_turn\",\"stop_sequence\":null") =>
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[" + content + "],"
        + rest + ",\"usage\":{\"input_tokens\":2,\"output_tokens\":3}}";

    [Fact]
    public void Blocks_becomeSteps() =>
        Wire.ReadAnswer(Answer(
                """
                {"type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"redacted_thinking","data":"Eo4"},{"type":"thinking","thinking":"","signature":"Er9"},
                {"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"},
                {"type":"tool_use","id":"toolu_1","name":"ls","input":{"n":1.50}},{"type":"tool_use","id":"toolu_2","name":"pwd","input":{}}
                """,
                "\"stop_reason\":\"tool_use\""))
            .ShouldBe([
                new StartDelta("msg_1", "claude"), new ReasoningDelta("hm"), new SealDelta(new Seal("host", "EqQB")),
                new SealDelta(new Seal("host", "Eo4", true)), new SealDelta(new Seal("host", "Er9")), new TextDelta("a"),
                new TextDelta("b", 2), new ToolCallDelta(0, "toolu_1", "ls"), new ArgumentsDelta(0, "{\"n\":1.50}"),
                new ToolCallDelta(1, "toolu_2", "pwd"), new ArgumentsDelta(1, "{}"), new UsageDelta(Wire.Used),
                new FinishDelta(FinishReason.ToolCalls, "tool_use"),
            ]);

    [Fact]
    public void CitationsAndForeignBlocks_areKept()
    {
        const string Search = """{"type":"web_search_tool_result","tool_use_id":"s","content":[]}""";
        const string Cited = """{"type":"text","text":"a","citations":[{"type":"char_location","n":1.0}]}""";

        var deltas = Wire.ReadAnswer(Answer(Search + "," + Cited));

        deltas.OfType<OpaqueDelta>().Single().Json.ToRaw().ShouldBe(Search);
        deltas.OfType<AnnotationDelta>().Single().Json.ToRaw().ShouldBe("""[{"type":"char_location","n":1.0}]""");
    }

    [Theory]
    [InlineData("end_turn", FinishReason.Stop)]
    [InlineData("stop_sequence", FinishReason.StopSequence)]
    [InlineData("max_tokens", FinishReason.Length)]
    [InlineData("model_context_window_exceeded", FinishReason.Length)]
    [InlineData("refusal", FinishReason.Refused)]
    [InlineData("pause_turn", FinishReason.Paused)]
    [InlineData("tool_use", FinishReason.Stop)]
    [InlineData("unheard_of", FinishReason.Stop)]
    public void StopReason_isRead(string native, FinishReason reason) =>
        Wire.ReadAnswer(Answer("", "\"stop_reason\":\"" + native + "\",\"stop_sequence\":\"END\"")).OfType<FinishDelta>()
            .Single().ShouldBe(new FinishDelta(reason, native, "END"));

    [Fact]
    public void HostThatCallsAToolAndSaysItIsDone_calledATool() =>
        Wire.ReadAnswer(Answer("""{"type":"tool_use","id":"t","name":"ls","input":{}}""")).OfType<FinishDelta>().Single()
            .Reason.ShouldBe(FinishReason.ToolCalls);

    [Fact]
    public void InputOfTheAnswerTool_isTheAnswer()
    {
        var answer = ChatAnswer.Of(Wire.ReadAnswer(Answer(
            """{"type":"tool_use","id":"t","name":"mercato_answer","input":{"n": 1.50}}""", "\"stop_reason\":\"tool_use\"")));

        answer.Parts.ShouldBe([new TextPart("""{"n": 1.50}""")]);
        answer.Finish.Reason.ShouldBe(FinishReason.Stop);
    }

    [Theory]
    [InlineData("", UpstreamErrorKind.NotJson)]
    [InlineData("<html>", UpstreamErrorKind.NotJson)]
    [InlineData("[]", UpstreamErrorKind.NotJson)]
    [InlineData("{}", UpstreamErrorKind.NotJson)]
    [InlineData("""{"content":"x"}""", UpstreamErrorKind.NotJson)]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", UpstreamErrorKind.Overloaded)]
    [InlineData("""{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}""", UpstreamErrorKind.RateLimited)]
    [InlineData("""{"type":"error","error":{"type":"authentication_error","message":"key"}}""", UpstreamErrorKind.OurCredential)]
    [InlineData("""{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"}}""", UpstreamErrorKind.ContextOverflow)]
    [InlineData("""{"error":"broken"}""", UpstreamErrorKind.ServerError)]
    public void WhatIsNoAnswer_isAnError(string body, UpstreamErrorKind kind)
    {
        Wire.ReadAnswer(body).Single().ShouldBeOfType<ErrorDelta>().Error.Kind.ShouldBe(kind);

        var received = new Received();
        Wire.Client.ReadAnswer(Encoding.UTF8.GetBytes(body), received);
        received.Error.ShouldNotBeNull().Kind.ShouldBe(kind);
        received.HasOutput.ShouldBeFalse();
    }

    [Fact]
    public void Received_isWhatACallIsBilledBy()
    {
        var received = new Received();

        Wire.Client.ReadAnswer(
            Encoding.UTF8.GetBytes(Answer(
                """{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text","text":"é"},{"type":"tool_use","id":"t","name":"ls","input":{}}""")),
            received);

        (received.ReasoningBytes, received.TextBytes, received.ToolBytes, received.ToolCalls).ShouldBe((2, 2, 4, 1));
        (received.UpstreamId, received.Model, received.IsEnded).ShouldBe(("msg_1", "claude", true));
        received.Usage.ShouldBe(Wire.Used);
        received.FinishReasons.ShouldBe(["end_turn"]);
    }

    [Fact]
    public void Cost_isPutIntoUsage_andEveryOtherByteStays()
    {
        const string Body = "{ \"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"}], \"usage\":{\"input_tokens\": 2,\"x\":1.0} }";

        Text(Wire.Client.EditAnswer(Encoding.UTF8.GetBytes(Body), Wire.Paid, null)).ShouldBe(
            "{ \"content\":[{\"type\":\"text\",\"text\":\"\\u00e9\"}], \"usage\":{\"input_tokens\": 2,\"x\":1.0," + Wire.ShownCost + "} }");
    }

    [Fact]
    public void AnswerWithoutUsage_getsWhatWasCounted()
    {
        var edited = JsonElement.Parse(Wire.Client.EditAnswer("""{"content":[]}"""u8.ToArray(), Wire.Paid, Wire.Used));

        edited.GetProperty("usage").GetProperty("input_tokens").GetInt32().ShouldBe(2);
        edited.GetProperty("usage").GetProperty("cost").GetRawText().ShouldBe("0.5");
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
