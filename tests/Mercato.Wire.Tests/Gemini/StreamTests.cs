using Mercato.Wire.Dialects.Gemini;

namespace Mercato.Wire.Tests.Gemini;

public sealed class StreamTests
{
    private const string Mixed =
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hm\",\"thought\":true}]}}],\"usageMetadata\":{\"promptTokenCount\":9},\"responseId\":\"r\",\"modelVersion\":\"g\"}\r\n\r\n"
        + ": still here\r\n\r\n"
        + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\u00e9 \ud83d\ude42\"}]}}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":2}}\r\n\r\n"
        + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"a\",\"args\":{\"q\":\"\\ud83d\\ude42\"}},\"thoughtSignature\":\"S1\"}]}}]}\r\n\r\n"
        + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"b\",\"args\":{}}}]}}]}\r\n\r\n"
        + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":12,\"thoughtsTokenCount\":3}}\r\n\r\n";

    private static readonly Upstream Gemini = new(GeminiDialect.Instance);

    [Fact]
    public void MixedStream_isToldInOrder_andTheLastTotalsStand() =>
        Gemini.StreamWithEnd(Mixed).ShouldBe(
            """
            start r g
            thought Hm
            usage in=9
            text Hé 🙂
            usage in=9 out=2
            seal here:S1
            call 0 (minted) a
            args 0 {"q":"\ud83d\ude42"}
            call 1 (minted) b
            args 1 {}
            usage in=9 out=12 thought=3
            finish ToolCalls STOP
            may end
            """);

    [Fact]
    public void MixedStream_doesNotDependOnCuts() => Gemini.ShouldNotDependOnCuts(Mixed);

    [Fact]
    public void StreamWithoutFinish_brokeOff() =>
        Gemini.StreamWithEnd("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n")
            .ShouldBe("start\ntext a\nbroke off");

    [Fact]
    public void SignatureInItsOwnChunk_sealsWhatWasSaid() =>
        Gemini.Stream(
                "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n"
                + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\",\"thoughtSignature\":\"S1\"}]},\"finishReason\":\"STOP\"}]}\n\n")
            .ShouldBe("start\ntext a\nseal here:S1\nfinish Stop STOP");

    [Fact]
    public void FinishWithEveryChunk_isOneFinishUntilACallComes() =>
        Gemini.Stream(
                "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"finishReason\":\"STOP\"}]}\n\n"
                + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},\"finishReason\":\"STOP\"}]}\n\n"
                + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\"}}]}}]}\n\n")
            .ShouldBe("start\ntext a\nfinish Stop STOP\ntext b\ncall 0 (minted) f\nargs 0 {}\nfinish ToolCalls STOP");

    [Fact]
    public void ErrorInTheMiddle_isAnError()
    {
        const string Stream =
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n"
            + "data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}\n\n";

        Gemini.StreamWithEnd(Stream).ShouldBe("start\ntext a\nerror Overloaded: The model is overloaded.\nbroke off");
        Gemini.Kinds(Stream).ShouldBe([FrameKind.Piece, FrameKind.Error]);
    }

    [Fact]
    public void BlockedPrompt_mayEnd() =>
        Gemini.StreamWithEnd("data: {\"promptFeedback\":{\"blockReason\":\"OTHER\"}}\n\n")
            .ShouldBe("start\nfinish Refused OTHER\nmay end");

    /// <summary>A host that overlooks <c>alt=sse</c> sends one array.</summary>
    [Theory]
    [InlineData("[{\n  \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a\"}]}}]\n}\n,\r\n{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"b\"}]}, \"finishReason\": \"STOP\"}]}]\n")]
    [InlineData("\n[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}\n\n,{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]},\"finishReason\":\"STOP\"}]}\n\n]")]
    public void ArrayInsteadOfEvents_isReadWhenItIsWhole(string stream)
    {
        Gemini.StreamWithEnd(stream).ShouldBe("start\ntext a\ntext b\nfinish Stop STOP\nmay end");
        Gemini.ShouldNotDependOnCuts(stream);
    }

    [Fact]
    public void ErrorInsteadOfEvents_isAnError() =>
        Gemini.Stream("[{\n  \"error\": {\n    \"code\": 400,\n    \"message\": \"no\"\n  }\n}\n]\n").ShouldBe("error BadRequest: no");

    [Fact]
    public void HalfAnArray_isGarbage() => Gemini.Kinds("[{\"candidates\":[").ShouldBe([FrameKind.Garbage]);

    [Theory]
    [InlineData("data: {\"a\":\n\n")]
    [InlineData("data: 1\n\n")]
    [InlineData("data: {\"\\ud83d\":1}\n\n")]
    public void DataThatIsNoObject_isGarbage(string stream) =>
        Gemini.Kinds(stream).ShouldBe([FrameKind.Garbage]);

    [Fact]
    public void ArgumentsInPieces_areToldWhenTheyAreWhole()
    {
        static string Part(string call) =>
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":" + call + "}]}}]}\n\n";
        var stream = Part("{\"name\":\"a\",\"willContinue\":true}")
            + Part("""{"partialArgs":[{"jsonPath":"$.items[0].name","stringValue":"ap","willContinue":true}],"willContinue":true}""")
            + Part("""{"partialArgs":[{"jsonPath":"$.items[0].name","stringValue":"ple"},{"jsonPath":"$.items[1]['a b']","boolValue":true}],"willContinue":true}""")
            + Part("""{"partialArgs":[{"jsonPath":"$.price","numberValue":0.10},{"jsonPath":"$.none","nullValue":"NULL_VALUE"},{"jsonPath":"$.x[","stringValue":"lost"}]}""")
            + Part("{\"name\":\"b\",\"willContinue\":true}")
            + "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n";

        Gemini.Stream(stream).ShouldBe(
            """
            start
            call 0 (minted) a
            args 0 {"items":[{"name":"apple"},{"a b":true}],"price":0.10,"none":null,"x":null}
            call 1 (minted) b
            args 1 {}
            finish ToolCalls STOP
            """);
    }
}
