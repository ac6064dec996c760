using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

public sealed class WriteAnswerTests
{
    private static readonly AnswerCost Paid = new("0.00014175", false, null, """{"line_items":[]}"""u8.ToArray());
    private static readonly AnswerHead Head = new("gen-1", "mercato/assistant", 1_800_000_000);

    private const string Shown = "\"cost\":0.00014175,\"cost_usd\":\"0.00014175\",\"is_byok\":false,"
        + "\"cost_details\":{\"upstream_inference_cost\":null},\"mercato\":{\"line_items\":[]}";

    [Fact]
    public void Cost_isSplicedIntoUsageAndNothingElseChanges()
    {
        Write("""{"id":"x", "usage":{"prompt_tokens":3, "n":1.0},"choices":[{"index":0}],"é":"\u00e9"}""", Paid)
            .ShouldBe("{\"id\":\"x\", \"usage\":{\"prompt_tokens\":3, \"n\":1.0," + Shown
                + "},\"choices\":[{\"index\":0}],\"é\":\"\\u00e9\"}");
    }

    [Fact]
    public void UpstreamsOwnCost_isReplaced()
    {
        Write("""{"usage":{"cost":9.5,"is_byok":true,"cost_details":{"a":1},"prompt_tokens":3}}""", Paid with { Mercato = default })
            .ShouldBe("""{"usage":{"cost":0.00014175,"is_byok":false,"cost_details":{"upstream_inference_cost":null},"prompt_tokens":3,"cost_usd":"0.00014175"}}""");
    }

    [Fact]
    public void OwnKey_showsTheListPrice()
    {
        Write("""{"usage":{}}""", new AnswerCost("0", true, "0.25", default)).ShouldBe(
            """{"usage":{"cost":0,"cost_usd":"0","is_byok":true,"cost_details":{"upstream_inference_cost":0.25,"upstream_inference_cost_usd":"0.25"}}}""");
    }

    [Theory]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[],"usage":null}""")]
    public void AnswerWithoutUsage_getsTheCountedOne(string body)
    {
        var written = OpenAiChatDialect.WriteAnswer(
            Encoding.UTF8.GetBytes(body), Paid, new Usage { InputUncached = 2, OutputText = 1 });

        Encoding.UTF8.GetString(written).ShouldBe(
            """{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0},"""
            + Shown + "}}");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1e-5")]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData("1,5")]
    public void AmountThatIsNotPlainDigits_isABug(string amount)
    {
        Should.Throw<ArgumentException>(() => Write("{}", Paid with { Cost = amount }));
    }

    [Fact]
    public void Error_hasATextCodeUnderV1AndAnIntegerUnderApi()
    {
        var error = new ErrorAnswer(404, "No \"x\" <here>.", "invalid_request_error", "model_not_found", "model",
            """{"reason":"needs_key"}"""u8.ToArray());

        Encoding.UTF8.GetString(OpenAiChatDialect.WriteError(error, hasIntegerCode: false)).ShouldBe(
            """{"error":{"message":"No \"x\" <here>.","type":"invalid_request_error","param":"model","code":"model_not_found","metadata":{"reason":"needs_key"}}}""");
        Encoding.UTF8.GetString(OpenAiChatDialect.WriteError(error with { Metadata = default, Param = null }, true))
            .ShouldBe("""{"error":{"message":"No \"x\" <here>.","type":"invalid_request_error","param":null,"code":404}}""");
    }

    [Fact]
    public void OwnStream_isAWholeStreamOfTheDialect()
    {
        var stream = string.Concat(new[]
        {
            OpenAiChatDialect.WriteRoleFrame(Head), OpenAiChatDialect.WriteTextFrame(Head, "Hé\n"),
            OpenAiChatDialect.WriteFinishFrame(Head, "stop"),
            OpenAiChatDialect.WriteUsageFrame(Head, new Usage { InputUncached = 1, OutputText = 1 }, Paid),
            OpenAiChatDialect.WriteErrorFrame(new ErrorAnswer(502, "Broken.", "api_error", "upstream_broken"), false),
            OpenAiChatDialect.DoneFrame.ToArray(), OpenAiChatDialect.KeepAliveFrame.ToArray(),
        }.Select(Encoding.UTF8.GetString));

        const string chunk = """data: {"id":"gen-1","object":"chat.completion.chunk","created":1800000000,"model":"mercato/assistant","choices":[""";
        stream.ShouldBe(
            chunk + """{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + chunk + """{"index":0,"delta":{"content":"Hé\n"},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + chunk + """{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}""" + "\n\n"
            + chunk + """],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0},""" + Shown + "}}\n\n"
            + """data: {"error":{"message":"Broken.","type":"api_error","param":null,"code":"upstream_broken"}}""" + "\n\n"
            + "data: [DONE]\n\n: keep-alive\n\n");
    }

    [Fact]
    public void OwnCompletion_readsBackAsItWasWritten()
    {
        var body = OpenAiChatDialect.WriteCompletion(
            Head, "Hello", "stop", new Usage { InputUncached = 2, OutputText = 3 }, Paid);
        var received = new Received();
        OpenAiChatDialect.ReadAnswer(body, received);

        received.Error.ShouldBeNull();
        received.TextBytes.ShouldBe(5);
        received.FinishReasons.ShouldBe(["stop"]);
        received.Usage!.TotalOutput.ShouldBe(3);
        received.Usage.ReportedCostPico.ShouldBe(141_750_000);
    }

    private static string Write(string body, AnswerCost cost) =>
        Encoding.UTF8.GetString(OpenAiChatDialect.WriteAnswer(Encoding.UTF8.GetBytes(body), cost));
}
