using Mercato.Wire.Dialects.Ollama;

namespace Mercato.Wire.Tests.Ollama;

public sealed class ReadTests
{
    private const string Mixed =
        "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n"
        + "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"H\u00e9 \ud83d\ude42\"},\"done\":false}\r\n\n"
        + "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"a\",\"arguments\":{\"n\":1.0}}}]},\"done\":false}\n"
        + "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"x\",\"function\":{\"name\":\"b\",\"arguments\":{}}}]},\"done\":false}\n"
        + "{\"model\":\"q\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":9,\"eval_count\":12}\n";

    private static readonly Upstream Ollama = new(OllamaDialect.Instance);

    [Fact]
    public void MixedStream_isToldInOrder() =>
        Ollama.StreamWithEnd(Mixed).ShouldBe(
            """
            start  q
            thought Hm
            text Hé 🙂
            call 0 (minted) a
            args 0 {"n":1.0}
            call 1 x b
            args 1 {}
            usage in=9 out=12
            finish ToolCalls stop
            may end
            """);

    [Fact]
    public void MixedStream_doesNotDependOnCuts() => Ollama.ShouldNotDependOnCuts(Mixed);

    [Fact]
    public void LastLine_isTheEndMarker() =>
        Ollama.Kinds(Mixed).ShouldBe(
            [FrameKind.Piece, FrameKind.Piece, FrameKind.Comment, FrameKind.Piece, FrameKind.Piece, FrameKind.End]);

    [Fact]
    public void StreamWithoutDone_brokeOff() =>
        Ollama.StreamWithEnd("{\"message\":{\"content\":\"a\"},\"done\":false}\n").ShouldBe("start\ntext a\nbroke off");

    [Fact]
    public void ErrorLine_isAnError()
    {
        const string Stream = "{\"message\":{\"content\":\"a\"},\"done\":false}\n{\"error\":\"out of memory\"}\n";

        Ollama.StreamWithEnd(Stream).ShouldBe("start\ntext a\nerror ServerError: out of memory\nbroke off");
        Ollama.Kinds(Stream).ShouldBe([FrameKind.Piece, FrameKind.Error]);
    }

    [Theory]
    [InlineData("<html>\n")]
    [InlineData("[]\n")]
    [InlineData("{\"message\":\n")]
    public void LineThatIsNoObject_isGarbage(string stream) => Ollama.Kinds(stream).ShouldBe([FrameKind.Garbage]);

    [Theory]
    [InlineData("stop", "finish Stop stop")]
    [InlineData("length", "finish Length length")]
    [InlineData("load", "finish Stop load")]
    [InlineData("other", "finish Error other")]
    public void Reason_isToldInTheNeutralForm(string native, string told) =>
        Ollama.Answer("{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"" + native + "\"}").ShouldEndWith(told);

    [Fact]
    public void WholeAnswer_isToldInOrder() =>
        Ollama.Answer(
            """{"model":"q","message":{"role":"assistant","content":"a","thinking":"Hm","tool_calls":[{"function":{"name":"f","arguments":"{\"n\":1.0}"}}]},"done":true,"eval_count":0}""")
            .ShouldBe(
                """
                start  q
                thought Hm
                text a
                call 0 (minted) f
                args 0 {"n":1.0}
                usage out=0
                finish ToolCalls stop
                """);

    [Theory]
    [InlineData("""{"error":"model not found"}""", "error ServerError: model not found")]
    [InlineData("", "error NotJson: The host answered 200 with an empty body.")]
    [InlineData("x", "error NotJson: The host answered 200 with a body that is not JSON.")]
    [InlineData("""{"done":true}""", "error NotJson: The host answered 200 without a message.")]
    public void WhatIsNoAnswer_isAnError(string body, string told) => Ollama.Answer(body).ShouldBe(told);

    [Theory]
    [InlineData("""{"prompt_eval_count":0,"eval_count":3}""", "usage in=0 out=3")]
    [InlineData("""{"eval_count":3}""", "usage out=3")]
    [InlineData("""{"eval_count":-3}""", "usage suspicion=eval_count is negative")]
    [InlineData("{}", null)]
    public void Usage_ofACachedPromptIsUnknown(string line, string? told) =>
        (OllamaDialect.ReadUsage(Said.Json(line)) is { } usage ? Upstream.Tell(usage) : null).ShouldBe(told);
}
