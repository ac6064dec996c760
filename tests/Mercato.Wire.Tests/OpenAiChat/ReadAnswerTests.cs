using System.Buffers;
using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

public sealed class ReadAnswerTests
{
    [Fact]
    public void WholeAnswer_givesIdModelUsageAndOutput()
    {
        var text = new ArrayBufferWriter<byte>();
        var received = Read(
            """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-5-2025","choices":[{"index":0,
             "message":{"role":"assistant","content":"h\u00e9\n\ud83d\ude42","refusal":null,"tool_calls":[
              {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}},
              {"id":"call_2","type":"custom","custom":{"name":"g","input":"x"}}],"reasoning_content":"why"},
             "logprobs":null,"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":3,"completion_tokens":4}}
            """,
            text);

        received.UpstreamId.ShouldBe("chatcmpl-1");
        received.Model.ShouldBe("gpt-5-2025");
        received.FinishReasons.ShouldBe(["tool_calls"]);
        received.Usage.ShouldBe(new Usage { InputUncached = 3, OutputText = 4 });
        received.TextBytes.ShouldBe(8);
        received.ReasoningBytes.ShouldBe(3);
        received.ToolBytes.ShouldBe(13);
        received.ToolCalls.ShouldBe(2);
        received.IsEnded.ShouldBeTrue();
        received.Error.ShouldBeNull();
        Encoding.UTF8.GetString(text.WrittenSpan).ShouldBe("hé\n🙂f{\"a\": 1.0}gxwhy");
    }

    [Theory]
    [InlineData("""{"content":"ab"}""", 2, 0, 0)]
    [InlineData("""{"content":[{"type":"text","text":"ab"},{"type":"text","text":"c"}]}""", 3, 0, 0)]
    [InlineData("""{"content":[{"type":"thinking","thinking":[{"type":"text","text":"abc"}]}]}""", 0, 3, 0)]
    [InlineData("""{"content":[{"type":"thinking","thinking":"abc","signature":"s"}]}""", 0, 3, 0)]
    [InlineData("""{"reasoning":"abc","reasoning_content":"abc","reasoning_details":[{"text":"abc"}]}""", 0, 3, 0)]
    [InlineData("""{"refusal":"no"}""", 2, 0, 0)]
    [InlineData("""{"function_call":{"name":"f","arguments":"{}"}}""", 0, 0, 3)]
    [InlineData("""{"tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]}""", 0, 0, 8)]
    [InlineData("""{"content":null,"tool_calls":null,"function_call":null,"audio":null}""", 0, 0, 0)]
    [InlineData("""{"content":5,"tool_calls":{},"reasoning":[],"function_call":"f"}""", 0, 0, 0)]
    [InlineData("""{"content":"\ud83d"}""", 3, 0, 0)]
    public void Output_isCountedByKindWhateverItsShape(string message, int text, int reasoning, int tool)
    {
        var received = Read($$"""{"choices":[{"message":{{message}}}]}""");

        (received.TextBytes, received.ReasoningBytes, received.ToolBytes).ShouldBe((text, reasoning, tool));
        received.HasOutput.ShouldBe(text + reasoning + tool > 0);
    }

    [Fact]
    public void Audio_isOutputWithoutText()
    {
        var received = Read("""{"choices":[{"message":{"content":null,"audio":{"data":"AAAA"}}}]}""");

        received.HasMedia.ShouldBeTrue();
        received.HasOutput.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"error":{"message":"Boom","code":502}}""", UpstreamErrorKind.ServerError, "Boom")]
    [InlineData("""{"error":"Boom"}""", UpstreamErrorKind.ServerError, "Boom")]
    [InlineData("""{"error":{"message":"slow","code":429}}""", UpstreamErrorKind.RateLimited, "slow")]
    [InlineData(
        """{"id":"g","choices":[{"error":{"message":"Provider returned error","code":502},"finish_reason":"error","message":{"content":"Boom"}}]}""",
        UpstreamErrorKind.ServerError, "Provider returned error")]
    public void ErrorUnder200_isAnErrorAndNoOutput(string body, UpstreamErrorKind kind, string message)
    {
        var received = Read(body);

        received.Error.ShouldNotBeNull().Kind.ShouldBe(kind);
        received.Error.Message.ShouldBe(message);
        received.HasOutput.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>502 Bad Gateway</body></html>")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"cut of")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"x\"}")]
    [InlineData("{\"choices\":5}")]
    public void BodyThatIsNoCompletion_isNotJson(string body)
    {
        Read(body).Error.ShouldNotBeNull().Kind.ShouldBe(UpstreamErrorKind.NotJson);
    }

    [Fact]
    public void GroqUsage_isFoundUnderItsOwnMember()
    {
        Read("""{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":7}}}""").Usage
            .ShouldBe(new Usage { InputUncached = 7 });
    }

    private static Received Read(string body, IBufferWriter<byte>? text = null)
    {
        var received = new Received(text);
        OpenAiChatDialect.ReadAnswer(Encoding.UTF8.GetBytes(body), received);
        return received;
    }
}
