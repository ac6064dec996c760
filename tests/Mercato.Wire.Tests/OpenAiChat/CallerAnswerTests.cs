using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Answers of the neutral form as callers of this dialect get them, whole and streamed, to the byte.</summary>
public sealed class CallerAnswerTests
{
    private static readonly AnswerHead Head = new("gen-1", "m", 7);
    private static readonly Usage Used = new() { InputUncached = 3, CacheRead = 2, OutputText = 4, Reasoning = 1 };
    private static readonly AnswerCost Paid = new("0.5", false, null, default);
    private static readonly Seal Signature = new("anthropic", "sig");
    private static readonly Seal Hidden = new("anthropic", "red", IsRedacted: true);
    private static readonly Seal OfTheCall = new("google", "g");

    [Fact]
    public void WholeText_hasUsageAndCost()
    {
        Whole([new TextDelta("Hé"), new TextDelta("\n")], cost: Paid).ShouldBe(
            """
            {"id":"gen-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hé\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0},"cost":0.5,"cost_usd":"0.5","is_byok":false,"cost_details":{"upstream_inference_cost":null}}}
            """);
    }

    [Fact]
    public void WholeAnswer_putsEachPartInItsMember()
    {
        Message(
        [
            new ReasoningDelta("why"), new SealDelta(Signature), new SealDelta(Hidden), new TextDelta("x"),
            new SealDelta(OfTheCall), new ToolCallDelta(0, "a", "f"), new ArgumentsDelta(0, """{"x": 1.50}"""),
            new ToolCallDelta(1, "a", "f"),
        ], out var message).ShouldBe("tool_calls");

        var second = JsonElement.Parse(message).GetProperty("tool_calls")[1].GetProperty("id").GetString()!;
        second.ShouldNotBe("a");
        message.Replace(second, "minted").ShouldBe(
            """
            {"role":"assistant","content":"x","refusal":null,"reasoning_content":"why","reasoning_details":[{"type":"reasoning.text","index":0,"text":"why","signature":"mercato:1:s:anthropic::sig"},{"type":"reasoning.encrypted","index":1,"data":"mercato:1:r:anthropic::red"},{"type":"reasoning.encrypted","index":2,"data":"mercato:1:s:google::g","id":"a"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1.50}"},"extra_content":{"google":{"thought_signature":"mercato:1:s:google::g"}}},{"id":"minted","type":"function","function":{"name":"f","arguments":"{}"}}]}
            """);
    }

    [Fact]
    public void CallsWithoutText_haveNoContent()
    {
        Message([new ToolCallDelta(0, new string('i', 50), "f")], out var message).ShouldBe("tool_calls");

        message.ShouldContain("\"content\":null");
        JsonElement.Parse(message).GetProperty("tool_calls")[0].GetProperty("id").GetString()!.Length
            .ShouldBeLessThanOrEqualTo(40);
    }

    [Fact]
    public void Refusal_standsInItsOwnMember()
    {
        Message([new RefusalDelta("no")], out var message).ShouldBe("stop");

        message.ShouldBe("""{"role":"assistant","content":null,"refusal":"no"}""");
    }

    [Fact]
    public void NothingAtAll_isEmptyText()
    {
        Message([], out var message);

        message.ShouldBe("""{"role":"assistant","content":"","refusal":null}""");
    }

    [Fact]
    public void HiddenReasoning_leavesOnlyWhatHostsNeed()
    {
        var head = Head with
        {
            Request = new ChatRequest { Messages = [], Reasoning = new ReasoningOptions(IsHidden: true) },
        };
        ChatDelta[] deltas =
        [
            new ReasoningDelta("why"), new SealDelta(Signature), new SealDelta(OfTheCall), new ToolCallDelta(0, "a", "f"),
        ];

        Whole(deltas, head).ShouldNotContain("why");
        Whole(deltas, head).ShouldContain("mercato:1:s:google::g");
        Stream(deltas, head).ShouldNotContain("why");
        Stream(deltas, head).ShouldContain("mercato:1:s:google::g");
    }

    [Theory]
    [InlineData(FinishReason.Stop, false, "stop")]
    [InlineData(FinishReason.Stop, true, "tool_calls")]
    [InlineData(FinishReason.ToolCalls, false, "stop")]
    [InlineData(FinishReason.StopSequence, false, "stop")]
    [InlineData(FinishReason.Paused, false, "stop")]
    [InlineData(FinishReason.Length, true, "length")]
    [InlineData(FinishReason.Refused, false, "content_filter")]
    [InlineData(FinishReason.Error, false, "error")]
    public void FinishReason_fitsWhatCame(FinishReason reason, bool hasCall, string expected)
    {
        ChatDelta[] call = hasCall ? [new ToolCallDelta(0, "a", "f")] : [];

        Message([.. call, new FinishDelta(reason, "native")], out _).ShouldBe(expected);
        Stream([.. call, new FinishDelta(reason, "native")]).ShouldContain($"\"finish_reason\":\"{expected}\"");
    }

    [Fact]
    public void CitationsOfEveryDialect_becomeUrlCitations()
    {
        Message(
        [
            new TextDelta("a🙂"), new TextDelta("bc", 1),
            new AnnotationDelta(Dialect.Anthropic, Json(
                """[{"type":"web_search_result_location","url":"u1","title":"t1","cited_text":"q"},{"type":"char_location","cited_text":"q"}]""")),
            new AnnotationDelta(Dialect.OpenAiResponses, Json(
                """{"type":"url_citation","url":"u2","title":"t2","start_index":1,"end_index":2}""")),
            new AnnotationDelta(Dialect.OpenAiChat, Json("""[{"type":"url_citation","url_citation":{"url":"u3"}}]""")),
            new AnnotationDelta(Dialect.Gemini, Json("""{"groundingChunks":[{"web":{"uri":"u4","title":"t4"}}]}""")),
        ], out var message);

        JsonElement.Parse(message).GetProperty("annotations").GetRawText().ShouldBe(
            """
            [{"type":"url_citation","url_citation":{"start_index":3,"end_index":5,"url":"u1","title":"t1","content":"q"}},{"type":"url_citation","url_citation":{"start_index":1,"end_index":2,"url":"u2","title":"t2"}},{"type":"url_citation","url_citation":{"url":"u3"}},{"type":"url_citation","url_citation":{"start_index":3,"end_index":5,"url":"u4","title":"t4"}}]
            """);
    }

    [Fact]
    public void Pictures_standInImages()
    {
        ChatDelta[] deltas =
        [
            new OpaqueDelta(Dialect.Gemini, Json("""{"inlineData":{"mimeType":"image/png","data":"AA"}}""")),
            new OpaqueDelta(Dialect.Anthropic, Json("""{"type":"web_search_tool_result"}""")),
        ];
        const string Images = """
            "images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]
            """;

        Whole(deltas).ShouldContain(Images);
        Deltas(Stream(deltas)).ShouldContain("{" + Images + "}");
        Stream(deltas).ShouldNotContain("web_search");
    }

    [Fact]
    public void ToolOfFreeText_isUnwrapped()
    {
        var head = Head with { Request = new ChatRequest { Messages = [], Tools = [new CustomTool("patch", null)] } };
        ChatDelta[] deltas =
        [
            new ToolCallDelta(0, "a", "patch"), new ArgumentsDelta(0, "{\"input\":\"x\\n"), new ArgumentsDelta(0, "y\"}"),
            new ToolCallDelta(1, "b", "other", IsCustom: true), new ArgumentsDelta(1, "z"),
        ];

        Whole(deltas, head).ShouldContain(
            """
            "tool_calls":[{"id":"a","type":"custom","custom":{"name":"patch","input":"x\ny"}},{"id":"b","type":"custom","custom":{"name":"other","input":"z"}}]
            """);
        Deltas(Stream(deltas, head)).ShouldBe(
        [
            """{"role":"assistant","content":""}""",
            """{"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"patch","input":""}}]}""",
            """{"tool_calls":[{"index":1,"id":"b","type":"custom","custom":{"name":"other","input":""}}]}""",
            """{"tool_calls":[{"index":1,"custom":{"input":"z"}}]}""",
            """{"tool_calls":[{"index":0,"custom":{"input":"x\ny"}}]}""",
            "{}",
        ]);
    }

    [Fact]
    public void StreamedText_isRolePiecesFinishUsageEnd()
    {
        Stream([new StartDelta("up", "n"), new TextDelta("Hé"), new TextDelta("")], showsUsage: true, cost: Paid).ShouldBe(
            """
            data: {"id":"gen-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

            data: {"id":"gen-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"Hé"},"logprobs":null,"finish_reason":null}]}

            data: {"id":"gen-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

            data: {"id":"gen-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0},"cost":0.5,"cost_usd":"0.5","is_byok":false,"cost_details":{"upstream_inference_cost":null}}}

            data: [DONE]


            """);
    }

    [Fact]
    public void CallerWithoutInterestInUsage_getsNone()
    {
        Stream([new TextDelta("x")], cost: Paid).ShouldNotContain("usage");
    }

    // Bug classes 2, 4, 5 and 6.
    [Fact]
    public void StreamedAnswer_putsEachStepInItsMember()
    {
        Deltas(Stream(
        [
            new ReasoningDelta("w"), new ReasoningDelta("hy"), new SealDelta(Signature), new SealDelta(Hidden),
            new TextDelta("x"), new SealDelta(OfTheCall), new ToolCallDelta(0, "a", "f"), new ToolCallDelta(1, "b", "g"),
            new ArgumentsDelta(1, "{\"y\":"), new ArgumentsDelta(1, "2.0}"), new RefusalDelta("no"),
        ])).ShouldBe(
        [
            """{"role":"assistant","content":""}""",
            """{"reasoning_content":"w","reasoning_details":[{"type":"reasoning.text","index":0,"text":"w"}]}""",
            """{"reasoning_content":"hy","reasoning_details":[{"type":"reasoning.text","index":0,"text":"hy"}]}""",
            """{"reasoning_details":[{"type":"reasoning.text","index":0,"signature":"mercato:1:s:anthropic::sig"}]}""",
            """{"reasoning_details":[{"type":"reasoning.encrypted","index":1,"data":"mercato:1:r:anthropic::red"}]}""",
            """{"content":"x"}""",
            """{"reasoning_details":[{"type":"reasoning.encrypted","index":2,"data":"mercato:1:s:google::g","id":"a"}]}""",
            """{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{"thought_signature":"mercato:1:s:google::g"}}}]}""",
            """{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]}""",
            """{"tool_calls":[{"index":1,"function":{"arguments":"{\"y\":"}}]}""",
            """{"tool_calls":[{"index":1,"function":{"arguments":"2.0}"}}]}""",
            """{"refusal":"no"}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}""",
            "{}",
        ]);
    }

    [Fact]
    public void BrokenStream_tellsUsageAndTheError()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = OpenAiChatDialect.Instance.WriteStream(Head);
        writer.Write(new TextDelta("x"), output);
        output.ResetWrittenCount();

        writer.Fail(
            new ErrorAnswer(502, "Broken.", "api_error", "upstream_broken"), false,
            new AnswerEnding(null, Used, null, ShowsUsage: true), output);

        var frames = Text(output).Split("\n\n");
        frames[0].ShouldContain("\"choices\":[],\"usage\":{\"prompt_tokens\":5");
        frames[1].ShouldBe(
            """data: {"error":{"message":"Broken.","type":"api_error","param":null,"code":"upstream_broken"}}""");
    }

    // Bug classes 4 and 5: what a caller is shown and sends back is what the host minted.
    [Fact]
    public void EchoedAnswer_returnsTheSameSeals()
    {
        Message(
        [
            new ReasoningDelta("why"), new SealDelta(Signature), new SealDelta(Hidden), new TextDelta("x"),
            new SealDelta(OfTheCall), new ToolCallDelta(0, "a", "f"), new ArgumentsDelta(0, "{}"),
        ], out var message);

        var chat = ReadChatTests.Read($$"""{"model":"m","messages":[{{message}}]}""");

        chat.Messages[0].Parts.ShouldBe(
        [
            new ReasoningPart("why", Signature), new ReasoningPart("", Hidden), new TextPart("x"),
            new ReasoningPart("", OfTheCall), new ToolCallPart("a", "f", "{}"),
        ]);
    }

    private static JsonElement Json(string json) => JsonElement.Parse(json);

    private static string Text(ArrayBufferWriter<byte> output) => Encoding.UTF8.GetString(output.WrittenSpan);

    private static string Whole(IEnumerable<ChatDelta> deltas, AnswerHead? head = null, AnswerCost? cost = null) =>
        Encoding.UTF8.GetString(
            OpenAiChatDialect.Instance.WriteAnswer(head ?? Head, ChatAnswer.Of(deltas), Used, cost));

    private static string Message(IEnumerable<ChatDelta> deltas, out string message)
    {
        var choice = JsonElement.Parse(Whole(deltas)).GetProperty("choices")[0];
        message = choice.GetProperty("message").GetRawText();
        return choice.GetProperty("finish_reason").GetString()!;
    }

    private static string Stream(
        IEnumerable<ChatDelta> deltas, AnswerHead? head = null, bool showsUsage = false, AnswerCost? cost = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = OpenAiChatDialect.Instance.WriteStream(head ?? Head);
        FinishDelta? finish = null;
        foreach (var delta in deltas)
        {
            finish = delta as FinishDelta ?? finish;
            if (delta is not FinishDelta)
            {
                writer.Write(delta, output);
            }
        }

        writer.Finish(new AnswerEnding(finish, Used, cost, showsUsage), output);
        return Text(output);
    }

    private static List<string> Deltas(string stream) =>
    [
        .. stream.Split("\n\n").Where(frame => frame.StartsWith("data: {", StringComparison.Ordinal))
            .Select(frame => Json(frame[6..]).GetProperty("choices")[0].GetProperty("delta").GetRawText()),
    ];
}
