using Mercato.Wire.Dialects.Gemini;

namespace Mercato.Wire.Tests.Gemini;

public sealed class ReadAnswerTests
{
    private static readonly Upstream Gemini = new(GeminiDialect.Instance);

    [Fact]
    public void ThoughtTextAndUsage_areToldInOrder() =>
        Gemini.Answer(
            """
            {"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"text":"Hé\n","thoughtSignature":"S1"}],"role":"model"},"finishReason":"STOP","index":0}],
             "usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":7,"toolUsePromptTokenCount":3,"totalTokenCount":25},
             "modelVersion":"gemini-x","responseId":"r1"}
            """).ShouldBe(
            """
            start r1 gemini-x
            thought Hm.
            seal here:S1
            text Hé

            usage in=6 read=4 tools=3 out=5 thought=7
            finish Stop STOP
            """);

    /// <summary>Bug classes 1, 2 and 6: whole arguments, indexes that count, and an end that says what it waits
    /// for.</summary>
    [Fact]
    public void ParallelCalls_areCountedAndNamed() =>
        Gemini.Answer(
            """
            {"candidates":[{"content":{"parts":[
              {"functionCall":{"name":"a","args":{"n": 12345678901234567890.10}},"thoughtSignature":"S1"},
              {"functionCall":{"name":"b","args":{},"id":"x1"}},
              {"functionCall":{"name":"c","id":"x1"}}]},"finishReason":"STOP"}]}
            """).ShouldBe(
            """
            start
            seal here:S1
            call 0 (minted) a
            args 0 {"n": 12345678901234567890.10}
            call 1 x1 b
            args 1 {}
            call 2 (minted) c
            args 2 {}
            finish ToolCalls STOP
            """);

    [Fact]
    public void MintedIds_differ()
    {
        var calls = ChatAnswer.Of(Gemini.Read(
            """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"a"}},{"functionCall":{"name":"a"}}]}}]}""")).Calls;

        calls.Select(call => call.Id).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("\"STOP\"", "finish Stop STOP")]
    [InlineData("\"MAX_TOKENS\"", "finish Length MAX_TOKENS")]
    [InlineData("\"SAFETY\"", "finish Refused SAFETY")]
    [InlineData("\"RECITATION\"", "finish Refused RECITATION")]
    [InlineData("\"PROHIBITED_CONTENT\"", "finish Refused PROHIBITED_CONTENT")]
    [InlineData("\"SPII\"", "finish Refused SPII")]
    [InlineData("\"OTHER\"", "finish Error OTHER")]
    [InlineData("\"NEW_REASON\"", "finish Error NEW_REASON")]
    [InlineData("2", "finish Length MAX_TOKENS")]
    public void Reason_isToldInTheNeutralForm(string reason, string told) =>
        Gemini.Answer("{\"candidates\":[{\"finishReason\":" + reason + "}]}").ShouldBe("start\n" + told);

    [Fact]
    public void LimitBeforeAnyPart_isALengthNotAnError() =>
        Gemini.Answer(
            """{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":8,"thoughtsTokenCount":99}}""")
            .ShouldBe("start\nusage in=8 thought=99\nfinish Length MAX_TOKENS");

    [Fact]
    public void BlockedPrompt_isARefusal() =>
        Gemini.Answer("""{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":8}}""")
            .ShouldBe("start\nusage in=8\nfinish Refused SAFETY");

    [Fact]
    public void MalformedCallAlone_isAnErrorThatMayBeTriedAgain()
    {
        var told = Gemini.Read(
            """{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: f("}],"usageMetadata":{"promptTokenCount":8}}""");

        Upstream.Tell(told).ShouldBe("start\nusage in=8\nerror ToolCallFailed: Malformed function call: f(");
        ((ErrorDelta)told[^1]).Error.Retry.ShouldBe(RetryAdvice.Later);
    }

    [Fact]
    public void MalformedCallBehindText_endsTheAnswer() =>
        Gemini.Answer("""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"MALFORMED_FUNCTION_CALL"}]}""")
            .ShouldBe("start\ntext a\nfinish Error MALFORMED_FUNCTION_CALL");

    [Fact]
    public void WhatOnlyGoogleKnows_isKeptWhole() =>
        Gemini.Answer(
            """
            {"candidates":[{"content":{"parts":[{"executableCode":{"code":"1"},"thoughtSignature":"S1"},{"codeExecutionResult":{"output":"1"}},{"inlineData":{"mimeType":"image/png","data":"iVBO"}},{"text":"a"},{}]},"groundingMetadata":{"webSearchQueries":["q"]},"finishReason":"STOP"}]}
            """).ShouldBe(
            """
            start
            opaque {"executableCode":{"code":"1"},"thoughtSignature":"S1"}
            opaque {"codeExecutionResult":{"output":"1"}}
            opaque {"inlineData":{"mimeType":"image/png","data":"iVBO"}}
            text a
            note {"webSearchQueries":["q"]}
            finish Stop STOP
            """);

    [Fact]
    public void OtherCandidates_arePassedOver() =>
        Gemini.Answer("""{"candidates":[{"content":{"parts":[{"text":"b"}]},"index":1},{"content":{"parts":[{"text":"a"}]},"index":0}]}""")
            .ShouldBe("start\ntext a");

    [Fact]
    public void ArrayOfChunks_isOneAnswer() =>
        Gemini.Answer("""[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]},{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]}]""")
            .ShouldBe("start\ntext a\ntext b\nfinish Stop STOP");

    [Theory]
    [InlineData("""{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}""", "error Overloaded: busy")]
    [InlineData("""[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]""", "error RateLimited: slow")]
    [InlineData("", "error NotJson: The host answered 200 with an empty body.")]
    [InlineData("<html>", "error NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("\"x\"", "error NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("{}", "start\nerror NotJson: The host answered 200 without candidates.")]
    [InlineData("""{"usageMetadata":{}}""", "start\nerror NotJson: The host answered 200 without candidates.")]
    public void WhatIsNoAnswer_isAnError(string body, string told) => Gemini.Answer(body).ShouldBe(told);

    /// <summary>Bug class 7: what came from the cache is part of the prompt, thoughts are none of the candidates.
    /// </summary>
    [Theory]
    [InlineData("""{"promptTokenCount":10,"candidatesTokenCount":0}""", "usage in=10 out=0")]
    [InlineData("""{"promptTokenCount":10}""", "usage in=10")]
    [InlineData("""{"promptTokenCount":10,"cachedContentTokenCount":10}""", "usage in=0 read=10")]
    [InlineData(
        """{"promptTokenCount":30,"cachedContentTokenCount":8,"promptTokensDetails":[{"modality":"TEXT","tokenCount":10},{"modality":"AUDIO","tokenCount":20}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":8}]}""",
        "usage in=10 read=8 audio=12")]
    [InlineData(
        """{"promptTokenCount":1,"candidatesTokenCount":1300,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}""",
        "usage in=1 out=10 images=1290")]
    [InlineData("""{"promptTokenCount":1,"cachedContentTokenCount":2}""",
        "usage in=0 read=2 suspicion=promptTokenCount is less than its details")]
    [InlineData("""{"promptTokenCount":-1}""", "usage suspicion=promptTokenCount is negative")]
    [InlineData("""{"promptTokenCount":1.5}""", "usage suspicion=promptTokenCount is not whole")]
    [InlineData("""{"promptTokenCount":1e99}""", "usage suspicion=promptTokenCount is out of range")]
    [InlineData("""{"promptTokenCount":"1"}""", "usage suspicion=promptTokenCount is not a number")]
    [InlineData("""{"trafficType":"ON_DEMAND"}""", null)]
    public void Usage_overlapsNowhere(string metadata, string? told) =>
        (GeminiDialect.ReadUsage(Said.Json(metadata)) is { } usage ? Upstream.Tell(usage) : null).ShouldBe(told);
}
