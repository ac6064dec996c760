using System.Text;
using Mercato.Fake;
using OllamaSharp;
using OllamaSharp.Models.Chat;

namespace Mercato.Tests;

/// <summary>A client of Ollama that we did not write takes our fake for one, which shows that the fake is honest.</summary>
public sealed class OllamaClientTests
{
    [Fact]
    public async Task OllamasClient_streamsFromTheFake()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var http = Loopback.Client(upstream.Root);
        using var client = new OllamaApiClient(http) { SelectedModel = "fake-ok;in=20;out=10" };
        var text = new StringBuilder();
        ChatDoneResponseStream? end = null;

        var request = new ChatRequest
        {
            Model = client.SelectedModel,
            Messages = [new Message(ChatRole.User, "Say something.")],
            Stream = true,
        };
        await foreach (var piece in client.ChatAsync(request, TestContext.Current.CancellationToken))
        {
            text.Append(piece?.Message.Content);
            end = piece as ChatDoneResponseStream ?? end;
        }

        text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
        end.ShouldNotBeNull().DoneReason.ShouldBe("stop");
        end.PromptEvalCount.ShouldBe(20);
        end.EvalCount.ShouldBe(10);
    }
}
