using Mercato.Wire.Dialects;
using Mercato.Wire.Dialects.Cohere;
using Mercato.Wire.Dialects.Gemini;
using Mercato.Wire.Dialects.Ollama;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests;

/// <summary>Histories whose calls and results don't fit each other.</summary>
public sealed class CallPairsTests
{
    private static readonly ChatMessage Question = User("Both?");

    [Fact]
    public void WholeHistory_staysTheSame()
    {
        var chat = new ChatRequest { Messages = [Question, Model(Call("a", "f", "{}")), User(Result("a", "1"))] };

        CallPairs.Mend(chat).ShouldBeSameAs(chat);
    }

    [Fact]
    public void ResultsUnderOtherIds_answerTheCallsInTheirOrder() =>
        Tell([Question, Model(Call("a", "f", "{}"), Call("b", "g", "{}")), User(Result("x", "1"), Result("y", "2"))])
            .ShouldBe("user: Both? | assistant: call a f, call b g | user: result a 1, result b 2");

    [Fact]
    public void FewerResultsThanCalls_nothingIsGuessed() =>
        Tell([Question, Model(Call("a", "f", "{}"), Call("b", "g", "{}")), User(Result("x", "1"))])
            .ShouldBe("user: Both? | assistant: call a f, call b g | user: result a No result of this call is known., "
                + "result b No result of this call is known. | user: result x 1");

    [Fact]
    public void CallsWithoutResults_getOne() =>
        Tell([Question, Model(Call("a", "f", "{}")), User("Stop."), Model(Call("b", "f", "{}"))])
            .ShouldBe("user: Both? | assistant: call a f | user: result a No result of this call is known. | user: Stop. | "
                + "assistant: call b f | user: result b No result of this call is known.");

    [Fact]
    public void ResultThatComesLate_isItsCallsOwn() =>
        Tell([Question, Model(Call("a", "f", "{}")), User("Wait."), Model(new TextPart("Yes.")), User(Result("a", "1"))])
            .ShouldBe("user: Both? | assistant: call a f | user: Wait. | assistant: Yes. | user: result a 1");

    /// <summary>Only Anthropic and Gemini have a place to say that a tool failed.</summary>
    [Fact]
    public void FailureWithoutWords_isSaidInWords()
    {
        var chat = new ChatRequest
        {
            Messages = [Question, Model(Call("a", "f", "{}")), User(new ToolResultPart("a", [], IsError: true))],
        };
        foreach (var dialect in (IUpstreamDialect[])
            [OpenAiChatDialect.Instance, OpenAiResponsesDialect.Instance, CohereDialect.Instance, OllamaDialect.Instance])
        {
            new Upstream(dialect).Body(chat).ShouldContain("\"The tool failed.\"");
        }

        new Upstream(GeminiDialect.Instance).Body(chat).ShouldContain("\"is_error\":true");
    }

    [Fact]
    public void FailureWithWords_keepsThem()
    {
        var chat = new ChatRequest
        {
            Messages =
            [
                Question, Model(Call("a", "f", "{}")),
                User(new ToolResultPart("a", [new TextPart("No such file.")], IsError: true)),
            ],
        };

        new Upstream(OllamaDialect.Instance).Body(chat).ShouldContain("\"content\":\"No such file.\"");
    }

    private static string Tell(IReadOnlyList<ChatMessage> messages) => string.Join(" | ",
        CallPairs.Mend(new ChatRequest { Messages = messages }).Messages.Select(message =>
            message.Role.ToString().ToLowerInvariant() + ": " + string.Join(", ", message.Parts.Select(Tell))));

    private static string Tell(ChatPart part) => part switch
    {
        TextPart text => text.Text,
        ToolCallPart call => $"call {call.Id} {call.Name}",
        ToolResultPart result => $"result {result.CallId} {((TextPart)result.Parts[0]).Text}",
        _ => part.ToString(),
    };
}
