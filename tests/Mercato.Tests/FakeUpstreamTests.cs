using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;
using OpenAI;
using OpenAI.Chat;

namespace Mercato.Tests;

/// <summary>The fake itself is tested, so that a green gateway test means something.</summary>
public sealed class FakeUpstreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PlainCall_answersExactlyTheUsageOfItsName()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        using var reply = await client.PostAsJsonAsync("chat/completions", Chat("fake-ok;in=7;out=5"), Token);
        var body = await ReadAsync(reply);

        body["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldBe("the sun rose over a");
        body["usage"]!["prompt_tokens"]!.GetValue<int>().ShouldBe(7);
        body["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBe(5);
        var call = (await upstream.Journal.WaitForEndedAsync(1, Token)).Single();
        call.Bill.ShouldBe(new Usage(7, 5, 0, 0, 0));
        call.Ending.ShouldBe(Ending.Answered);
    }

    [Fact]
    public async Task StreamedCall_sendsRoleContentFinishUsageAndMarker()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        var events = await StreamAsync(client, "fake-reasoning;out=50;reasoning=20;events=10");

        events[^1].ShouldBe("[DONE]");
        var usage = JsonNode.Parse(events[^2])!;
        usage["choices"]!.AsArray().ShouldBeEmpty();
        usage["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!.GetValue<int>().ShouldBe(20);
        events.Length.ShouldBe(1 + 10 + 1 + 1 + 1);
        events.Count(data => data.Contains("\"reasoning_content\"")).ShouldBe(4);
        var call = (await upstream.Journal.WaitForEndedAsync(1, Token)).Single();
        call.TokensSent.ShouldBe(50);
        call.EventsSent.ShouldBe(13);
        call.EndSent.ShouldBeTrue();
    }

    [Fact]
    public async Task EchoModel_repeatsTheLastUserText()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        const string Text = " Größe  und 値段\nbitte ";

        var events = await StreamAsync(client, "fake-echo;split-utf8;crlf", Text);

        string.Concat(events[..^1].Select(Content)).ShouldBe(Text);
    }

    [Fact]
    public async Task ToolLoop_callsInPiecesAndEndsWithText()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        var chat = Chat("fake-tools;calls=2", stream: true);
        chat["tools"] = JsonNode.Parse("""
            [{"type":"function","function":{"name":"weather","parameters":{"type":"object",
              "properties":{"city":{"type":"string"},"days":{"type":"integer"}}}}}]
            """);

        var events = (await StreamAsync(client, chat))[..^1].Select(data => JsonNode.Parse(data)!).ToList();
        var deltas = events.SelectMany(chunk => chunk["choices"]!.AsArray())
            .SelectMany(choice => choice!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();

        deltas.GroupBy(delta => delta!["index"]!.GetValue<int>())
            .Select(call => string.Concat(call.Select(delta => delta!["function"]!["arguments"]!.GetValue<string>())))
            .ShouldBe(["""{"city":"alpha","days":7}""", """{"city":"alpha","days":7}"""]);
        var calls = new JsonArray(
            [.. deltas.Where(delta => delta!["id"] is not null).Select(delta => delta!.DeepClone())]);
        chat["messages"]!.AsArray().Add(new JsonObject { ["role"] = "assistant", ["tool_calls"] = calls });
        foreach (var call in calls)
        {
            chat["messages"]!.AsArray().Add(new JsonObject
            {
                ["role"] = "tool",
                ["tool_call_id"] = call!["id"]!.GetValue<string>(),
                ["content"] = "sunny",
            });
        }

        string.Concat((await StreamAsync(client, chat))[..^1].Select(Content)).ShouldBe("The tool said: sunny");
    }

    [Theory]
    [InlineData("""{"provider":{"order":["x"]}}""", "provider")]
    [InlineData("""{"stream":"yes"}""", "stream")]
    [InlineData("""{"model":"fake-nonsense"}""", "model")]
    [InlineData("""{"model":"fake-ok;out=many"}""", "model")]
    [InlineData("""{"max_tokens":5,"max_completion_tokens":5}""", "max_tokens")]
    [InlineData("""{"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData("""{"messages":[{"role":"tool","tool_call_id":"a","content":""}]}""", "messages")]
    public async Task RequestThatOpenAiWouldRefuse_is400AndJournaled(string change, string param)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        var chat = Chat("fake-ok");
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            chat[name] = value?.DeepClone();
        }

        using var reply = await client.PostAsJsonAsync("chat/completions", chat, Token);

        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ReadAsync(reply))["error"]!["param"]!.GetValue<string>().ShouldBe(param);
        (await upstream.Journal.WaitForEndedAsync(1, Token)).Single().Ending.ShouldBe(Ending.Rejected);
    }

    [Fact]
    public async Task WrongKey_is401AndNoKeyIsJournaled()
    {
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { ApiKey = "right-secret" });
        using var wrong = Loopback.Client(upstream.Address, "wrong-secret");
        using var right = Loopback.Client(upstream.Address, "right-secret");

        using var refused = await wrong.PostAsJsonAsync("chat/completions", Chat("fake-ok"), Token);
        using var answered = await right.PostAsJsonAsync("chat/completions", Chat("fake-ok"), Token);
        var journal = await right.GetStringAsync(new Uri(upstream.Address, "/_journal"), Token);

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        journal.ShouldNotContain("secret");
        journal.ShouldContain(FakeUpstream.Digest("right-secret"));
    }

    [Fact]
    public async Task ClientLeavingInMidStream_isNoticedWithWhatWasSent()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        using var request = Request(Chat("fake-ok;out=100;events=100;stall=8", stream: true));
        var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await upstream.Journal.WaitForCallAsync(call => call.EventsSent == 8, Token);

        reply.Dispose();

        var call = (await upstream.Journal.WaitForEndedAsync(1, Token)).Single();
        call.Ending.ShouldBe(Ending.ClientLeft);
        call.TokensSent.ShouldBe(7);
        call.Bill!.Output.ShouldBe(7);
    }

    [Fact]
    public async Task RandomOutput_isJournaledAndRepeatsAfterReset()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        var first = await OutputsAsync();
        upstream.Reset();
        var second = await OutputsAsync();

        first.ShouldAllBe(tokens => tokens >= 50 && tokens <= 400);
        first.Distinct().Count().ShouldBeGreaterThan(10);
        second.ShouldBe(first);

        async Task<int[]> OutputsAsync()
        {
            for (var i = 0; i < 20; i++)
            {
                using var reply = await client.PostAsJsonAsync("chat/completions", Chat("fake-ok;out=50..400"), Token);
            }

            return [.. upstream.Journal.Calls.Select(call => call.Usage!.Output)];
        }
    }

    [Fact]
    public async Task FaultWithTimes_endsAfterThatManyCalls()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        upstream.Alias("gpt-5-mini", "fake-ok;status=429;retry-after=2;times=1");

        using var first = await client.PostAsJsonAsync("chat/completions", Chat("gpt-5-mini"), Token);
        using var second = await client.PostAsJsonAsync("chat/completions", Chat("gpt-5-mini"), Token);

        first.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        first.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        var calls = await upstream.Journal.WaitForEndedAsync(2, Token);
        calls[0].Bill.ShouldBeNull();
        calls[1].Bill!.Output.ShouldBe(100);
    }

    [Fact]
    public async Task OpenAiSdk_readsItsStream()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var client = new ChatClient(
            "fake-cached;in=30;cached=12;out=8",
            new ApiKeyCredential("key"),
            new OpenAIClientOptions { Endpoint = upstream.Address });
        var text = "";
        ChatTokenUsage? usage = null;

        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("Hello")], null, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage ??= update.Usage;
        }

        text.ShouldBe("the sun rose over a small market town");
        usage!.InputTokenDetails.CachedTokenCount.ShouldBe(12);
        usage.OutputTokenCount.ShouldBe(8);
    }

    private static JsonObject Chat(string model, bool stream = false, string text = "Hello") => new()
    {
        ["model"] = model,
        ["stream"] = stream,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    private static HttpRequestMessage Request(JsonObject chat) =>
        new(HttpMethod.Post, "chat/completions") { Content = JsonContent.Create(chat) };

    private static Task<string[]> StreamAsync(HttpClient client, string model, string text = "Hello")
    {
        var chat = Chat(model, stream: true, text);
        chat["stream_options"] = new JsonObject { ["include_usage"] = true };
        return StreamAsync(client, chat);
    }

    private static async Task<string[]> StreamAsync(HttpClient client, JsonObject chat)
    {
        using var request = Request(chat);
        using var reply = await client.SendAsync(request, Token);
        reply.StatusCode.ShouldBe(HttpStatusCode.OK);
        var lines = (await reply.Content.ReadAsStringAsync(Token)).ReplaceLineEndings("\n").Split('\n');
        return [.. lines.Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..])];
    }

    private static string Content(string data) =>
        JsonNode.Parse(data)!["choices"]!.AsArray().FirstOrDefault()?["delta"]!["content"]?.GetValue<string>() ?? "";

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage reply) =>
        JsonNode.Parse(await reply.Content.ReadAsStringAsync(Token))!;
}
