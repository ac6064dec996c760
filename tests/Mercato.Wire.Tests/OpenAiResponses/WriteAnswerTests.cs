using System.Text;
using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class WriteAnswerTests
{
    private const string Plain = "\"instructions\":null,\"max_output_tokens\":null,\"max_tool_calls\":null,\"parallel_tool_calls\":true,\"previous_response_id\":null,"
        + "\"reasoning\":{\"effort\":null,\"summary\":null},\"store\":true,\"temperature\":1,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[],"
        + "\"top_logprobs\":0,\"top_p\":1,\"truncation\":\"disabled\",\"user\":null,\"prompt_cache_key\":null,\"metadata\":{},";

    private static readonly Usage Used = new() { InputUncached = 3, CacheRead = 2, CacheWrite5m = 1, OutputText = 4, Reasoning = 5 };

    [Fact]
    public void Answer_isAWholeResponse()
    {
        Write(Wire.Head, Used, Wire.Paid, new TextPart("Grüß"), new TextPart(" dich")).ShouldBe(
            """{"id":"resp_1","object":"response","created_at":1800000000,"status":"completed","background":false,"error":null,"incomplete_details":null,"model":"acme/large","output":["""
            + """{"id":"msg_1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Grüß","annotations":[],"logprobs":[]},{"type":"output_text","text":" dich","annotations":[],"logprobs":[]}]}],"""
            + Plain
            + "\"usage\":" + """{"input_tokens":6,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":1},"output_tokens":9,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":15,"""
            + Wire.ShownCost + "}}");
    }

    [Fact]
    public void RequestsMembers_areRepeatedAsTheyCame()
    {
        var head = Wire.HeadOf("""
            "input":"x","instructions":"Be\u0020brief","temperature":0.70,"tools":[{"type":"function","name":"f"}],"tool_choice":"required","store":false,
            "reasoning":{"effort":"low"},"metadata":{"a":"b"},"max_output_tokens":1e2,"parallel_tool_calls":false,"top_p":null
            """);

        var response = JsonElement.Parse(Write(head, Used, null));
        foreach (var (name, raw) in new[]
        {
            ("instructions", "\"Be\\u0020brief\""), ("temperature", "0.70"), ("tools", """[{"type":"function","name":"f"}]"""), ("tool_choice", "\"required\""),
            ("store", "false"), ("reasoning", """{"effort":"low"}"""), ("metadata", """{"a":"b"}"""), ("max_output_tokens", "1e2"), ("parallel_tool_calls", "false"), ("top_p", "1"),
        })
        {
            response.GetProperty(name).Raw().ShouldBe(raw);
        }
    }

    [Fact]
    public void EveryPart_becomesItsItem()
    {
        var seal = new Seal("anthropic", "sig==");
        Output(
            Wire.Head, new ReasoningPart("Think.", seal), new TextPart("Hi"), new RefusalPart("No"), new ToolCallPart("toolu_1", "f", """{"n":1.50}"""),
            new ReasoningPart("", seal), new ToolCallPart("toolu_2", "g", ""), new ReasoningPart(""), new OpaquePart(Dialect.Anthropic, JsonElement.Parse("{}"u8)))
            .ShouldBe(
                """[{"id":"rs_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Think."}],"encrypted_content":"mercato:1:s:anthropic::sig=="},"""
                + """{"id":"msg_1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"No"}]},"""
                + """{"id":"fc_1_2","type":"function_call","status":"completed","call_id":"toolu_1","name":"f","arguments":"{\"n\":1.50}"},"""
                + """{"id":"rs_1_3","type":"reasoning","summary":[],"encrypted_content":"mercato:1:s:anthropic::sig=="},"""
                + """{"id":"fc_1_4","type":"function_call","status":"completed","call_id":"toolu_2","name":"g","arguments":"{}"}]""");
    }

    [Fact]
    public void CallsOfNamespacesAndCustomTools_bearTheCallersNames()
    {
        var head = Wire.HeadOf(
            "\"input\":\"x\",\"tools\":[{\"type\":\"namespace\",\"name\":\"crew\",\"tools\":[{\"type\":\"function\",\"name\":\"ask\"}]},{\"type\":\"custom\",\"name\":\"patch\"}]");

        Output(
            head, new ToolCallPart("1", "crew__ask", "{}"), new ToolCallPart("2", "patch", """{"input":"*** \"B\""}"""), new ToolCallPart("3", "patch", "raw", IsCustom: true))
            .ShouldBe(
                """[{"id":"fc_1_0","type":"function_call","status":"completed","call_id":"1","namespace":"crew","name":"ask","arguments":"{}"},"""
                + """{"id":"ctc_1_1","type":"custom_tool_call","status":"completed","call_id":"2","name":"patch","input":"*** \"B\""},"""
                + """{"id":"ctc_1_2","type":"custom_tool_call","status":"completed","call_id":"3","name":"patch","input":"raw"}]""");
    }

    [Fact]
    public void HiddenReasoning_keepsItsSeal() =>
        Output(Wire.HeadOf("\"input\":\"x\",\"reasoning\":{\"exclude\":true}"), new ReasoningPart("Secret.", new Seal("h", "s")), new ReasoningPart("Bare."))
            .ShouldBe("""[{"id":"rs_1_0","type":"reasoning","summary":[],"encrypted_content":"mercato:1:s:h::s"}]""");

    [Fact]
    public void Citations_becomeThoseOfThisDialect()
    {
        var citations = JsonElement.Parse("""
            [{"type":"url_citation","url_citation":{"url":"https://example.org/a","title":"A","start_index":1,"end_index":2}},
            {"type":"web_search_result_location","url":"https://example.org/b","title":"B","cited_text":"x"},
            {"type":"url_citation","url":"https://example.org/c","start_index":0,"end_index":1},{"type":"char_location","document_index":0}]
            """);

        JsonElement.Parse(Output(Wire.Head, new TextPart("Four", citations)))[0].GetProperty("content")[0].GetProperty("annotations").Raw().ShouldBe(
            """[{"type":"url_citation","start_index":1,"end_index":2,"url":"https://example.org/a","title":"A"},"""
            + """{"type":"url_citation","start_index":0,"end_index":4,"url":"https://example.org/b","title":"B"},"""
            + """{"type":"url_citation","url":"https://example.org/c","start_index":0,"end_index":1}]""");
    }

    [Theory]
    [InlineData(FinishReason.Stop, "completed", null)]
    [InlineData(FinishReason.StopSequence, "completed", null)]
    [InlineData(FinishReason.ToolCalls, "completed", null)]
    [InlineData(FinishReason.Paused, "completed", null)]
    [InlineData(FinishReason.Length, "incomplete", "max_output_tokens")]
    [InlineData(FinishReason.Refused, "incomplete", "content_filter")]
    [InlineData(FinishReason.Error, "failed", null)]
    public void Finish_isTheStatus(FinishReason reason, string status, string? why)
    {
        var answer = new ChatAnswer { Parts = [new TextPart("x")], Finish = new FinishDelta(reason, "native") };
        var response = JsonElement.Parse(Wire.Client.WriteAnswer(Wire.Head, answer, Used, null));

        response.GetProperty("status").GetString().ShouldBe(status);
        response.FindReason().ShouldBe(why);
        (response.GetProperty("error").ValueKind == JsonValueKind.Object).ShouldBe(status == "failed");
        response.GetProperty("output")[0].GetProperty("status").GetString().ShouldBe(status == "completed" ? "completed" : "incomplete");
    }

    [Fact]
    public void SealedReasoning_comesBackAsItWasMinted()
    {
        var seal = new Seal("anthropic", "a:b==", IsRedacted: true);
        var output = Output(Wire.Head, new ReasoningPart("T", seal), new ToolCallPart("c", "f", "{}"));

        var chat = Wire.Chat("\"input\":" + output);

        chat.Messages.ShouldHaveSingleItem().Parts.ShouldBe([new ReasoningPart("T", seal), new ToolCallPart("c", "f", "{}")]);
    }

    [Fact]
    public void HostsAnswer_getsTheCostAndNothingElse()
    {
        const string body = """{ "id":"resp_h", "usage":{"input_tokens":1, "n":1.0},"output":[],"é":"\u00e9"}""";

        Wire.Text(Wire.Client.EditAnswer(Encoding.UTF8.GetBytes(body), Wire.Paid, null)).ShouldBe(
            "{ \"id\":\"resp_h\", \"usage\":{\"input_tokens\":1, \"n\":1.0," + Wire.ShownCost + "},\"output\":[],\"é\":\"\\u00e9\"}");
        Wire.Text(Wire.Client.EditAnswer("{\"usage\":null}"u8.ToArray(), Wire.Paid, new Usage { InputUncached = 1, OutputText = 2 })).ShouldBe(
            "{\"usage\":{\"input_tokens\":1,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":2,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":3," + Wire.ShownCost + "}}");
    }

    [Fact]
    public void CacheCountedBesideTheInput_isToldAsTheHostDid() =>
        Write(Wire.Head, new Usage { InputUncached = 7, CacheRead = 163, StatedInput = 7, OutputText = 1 }, null, new TextPart("x"))
            .ShouldContain("\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":163},\"output_tokens\":1,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":8}");

    [Fact]
    public void Error_hasOpenAisShape() =>
        Wire.Text(Wire.Client.WriteError(new ErrorAnswer(404, "No.", "invalid_request_error", "model_not_found", "model"), hasIntegerCode: false))
            .ShouldBe("""{"error":{"message":"No.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""");

    private static string Write(AnswerHead head, Usage usage, AnswerCost? cost, params IReadOnlyList<ChatPart> parts) =>
        Wire.Text(Wire.Client.WriteAnswer(
            head, new ChatAnswer { Parts = parts, Finish = new FinishDelta(FinishReason.Stop, "stop") }, usage, cost));

    private static string Output(AnswerHead head, params IReadOnlyList<ChatPart> parts) =>
        JsonElement.Parse(Write(head, Used, null, parts)).GetProperty("output").Raw();
}
