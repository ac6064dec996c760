using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A whole answer, and errors, for callers.</summary>
public sealed class WriteAnswerTests
{
    private const string Zeros = "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}";

    private static string Write(FinishDelta finish, params ChatPart[] parts) =>
        Write(Wire.Head, null, finish, parts);

    private static string Write(AnswerHead head, AnswerCost? cost, FinishDelta finish, params ChatPart[] parts) =>
        Encoding.UTF8.GetString(Wire.Client.WriteAnswer(
            head, new ChatAnswer { Parts = parts, Finish = finish }, Wire.Used, cost));

    private static JsonElement Content(params ChatPart[] parts) =>
        JsonElement.Parse(Write(new FinishDelta(FinishReason.Stop, "stop"), parts)).GetProperty("content");

    [Fact]
    public void Answer_isAMessage() =>
        Write(Wire.Head, Wire.Paid, new FinishDelta(FinishReason.Stop, "stop"), new TextPart("Hi"))
            .ShouldBe(
                "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"acme/large\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}],"
                + "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":2," + Zeros + ",\"output_tokens\":3,"
                + Wire.ShownCost + "}}");

    [Fact]
    public void Parts_areBlocksInTheirOrder()
    {
        Content(
                new ReasoningPart("hm", new Seal("deepseek", "x")), new ReasoningPart("bare"),
                new ReasoningPart("", new Seal("openai", "enc", true)), new ReasoningPart("", new Seal("gemini", "sig")),
                new TextPart(""), new TextPart("a"), new RefusalPart("no"), Wire.Call("call_1", "{\"p\":1.50}"),
                Wire.Call("call_1", ""), Wire.Call("a:b"),
                new OpaquePart(Dialect.Gemini, JsonElement.Parse("{}")))
            .GetRawText().ShouldBe(
                """
                [{"type":"thinking","thinking":"hm","signature":"mercato:1:s:deepseek::x"},{"type":"thinking","thinking":"bare","signature":"mercato:1:s:::"},{"type":"redacted_thinking","data":"mercato:1:r:openai::enc"},{"type":"thinking","thinking":"","signature":"mercato:1:s:gemini::sig"},{"type":"text","text":"a"},{"type":"text","text":"no"},{"type":"tool_use","id":"call_1","name":"ls","input":{"p":1.50}},{"type":"tool_use","id":"call_1_2","name":"ls","input":{}},{"type":"tool_use","id":"toolu_IDS","name":"ls","input":{}}]
                """.Replace("toolu_IDS", HashedId("a:b"), StringComparison.Ordinal));
    }

    [Fact]
    public void SealBehindTheLastWord_isNotTheLastBlock() =>
        Content(new TextPart("a"), new ReasoningPart("", new Seal("gemini", "end"))).GetRawText()
            .ShouldBe("""[{"type":"text","text":"a"}]""");

    [Theory]
    [InlineData(FinishReason.Stop, "stop", "end_turn")]
    [InlineData(FinishReason.ToolCalls, "tool_calls", "tool_use")]
    [InlineData(FinishReason.Length, "length", "max_tokens")]
    [InlineData(FinishReason.Length, "model_context_window_exceeded", "model_context_window_exceeded")]
    [InlineData(FinishReason.Refused, "SAFETY", "refusal")]
    [InlineData(FinishReason.Paused, "pause_turn", "pause_turn")]
    [InlineData(FinishReason.Error, "error", "end_turn")]
    public void StopReason_isWritten(FinishReason reason, string native, string written) =>
        Write(new FinishDelta(reason, native)).ShouldContain($"\"stop_reason\":\"{written}\",\"stop_sequence\":null");

    [Fact]
    public void StopSequence_isNamed() =>
        Write(new FinishDelta(FinishReason.StopSequence, "stop", "END"))
            .ShouldContain("\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"");

    [Fact]
    public void AnswerThatCallsATool_saysSo() =>
        Write(new FinishDelta(FinishReason.Stop, "stop"), Wire.Call("t")).ShouldContain("\"stop_reason\":\"tool_use\"");

    [Fact]
    public void HiddenThoughts_areSealsOnly()
    {
        var head = Wire.Head with { Request = new ChatRequest { Messages = [], Reasoning = new ReasoningOptions(IsHidden: true) } };

        Write(head, null, new FinishDelta(FinishReason.Stop, "stop"), new ReasoningPart("secret", new Seal("h", "x")))
            .ShouldContain("""{"type":"thinking","thinking":"","signature":"mercato:1:s:h::x"}""");
    }

    [Fact]
    public void Thoughts_survivetheRoundTrip()
    {
        var seal = new Seal("deepseek", "x:y", ItemId: "rs_1");
        var block = Content(new ReasoningPart("hm", seal), new TextPart("a")).GetRawText();

        Wire.Talk("{\"role\":\"assistant\",\"content\":" + block + "}").Messages[0].Parts[0]
            .ShouldBe(new ReasoningPart("hm", seal));
    }

    [Theory]
    [InlineData(400, "invalid_request_error")]
    [InlineData(401, "authentication_error")]
    [InlineData(402, "billing_error")]
    [InlineData(403, "permission_error")]
    [InlineData(404, "not_found_error")]
    [InlineData(413, "request_too_large")]
    [InlineData(429, "rate_limit_error")]
    [InlineData(500, "api_error")]
    [InlineData(502, "api_error")]
    [InlineData(503, "overloaded_error")]
    [InlineData(504, "timeout_error")]
    [InlineData(529, "overloaded_error")]
    public void Error_hasTheTypeOfItsStatus(int status, string type)
    {
        var error = new ErrorAnswer(status, "No", "whatever", "some_code", RequestId: "req_1");

        Encoding.UTF8.GetString(Wire.Client.WriteError(error, hasIntegerCode: false)).ShouldBe(
            "{\"type\":\"error\",\"error\":{\"type\":\"" + type + "\",\"message\":\"No\"},\"request_id\":\"req_1\"}");
        Encoding.UTF8.GetString(Wire.Client.WriteErrorFrame(error, hasIntegerCode: true)).ShouldBe(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"" + type
            + "\",\"message\":\"No\"},\"request_id\":\"req_1\"}\n\n");
    }

    [Theory]
    [InlineData("9 tokens of 8", "prompt is too long: 9 tokens of 8")]
    [InlineData("Prompt is too long: 9 > 8", "Prompt is too long: 9 > 8")]
    public void ContextOverflow_isToldInTheWordsThatClientsKnow(string message, string written)
    {
        var error = new ErrorAnswer(400, message, "invalid_request_error", "context_length_exceeded");

        Encoding.UTF8.GetString(Wire.Client.WriteError(error, false)).ShouldContain("\"message\":\"" + written + "\"");
    }

    private static string HashedId(string id) => "toolu_" + Convert.ToHexStringLower(
        global::System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..24];
}
