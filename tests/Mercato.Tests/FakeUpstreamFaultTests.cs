using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests;

/// <summary>What a client really sees of each scripted fault, streamed and plain.</summary>
public sealed class FakeUpstreamFaultTests
{
    private const string Whole = "whole";
    private const string Short = "short";
    private const string Broken = "broken";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", Ending.Answered, Whole, Whole)]
    [InlineData("refuse", Ending.Closed, Broken, Broken)]
    [InlineData("reset=0", Ending.Reset, Broken, Broken)]
    [InlineData("reset=3", Ending.Reset, Broken, Broken)]
    [InlineData("close=3", Ending.Closed, Broken, Broken)]
    [InlineData("cut=3", Ending.Cut, Short, Short)]
    [InlineData("half=2", Ending.Cut, Short, Short)]
    [InlineData("no-done", Ending.Cut, Short, null)]
    [InlineData("error-event=2", Ending.Cut, Short, null)]
    [InlineData("empty", Ending.Cut, Short, Short)]
    [InlineData("long-length", Ending.Closed, Broken, Broken)]
    [InlineData("short-length", Ending.Closed, Short, Short)]
    [InlineData("garbage", Ending.Closed, Broken, Broken)]
    [InlineData("break=100", Ending.Reset, Broken, Broken)]
    [InlineData("html", Ending.Answered, Short, Short)]
    [InlineData("error200", Ending.Answered, Short, Short)]
    [InlineData("two-done", Ending.Answered, Whole, null)]
    [InlineData("after-done", Ending.Answered, Whole, null)]
    [InlineData("usage-twice", Ending.Answered, Whole, null)]
    [InlineData("comments;bom;cr", Ending.Answered, Whole, Whole)]
    [InlineData("bad-utf8;drip", Ending.Answered, Whole, Whole)]
    [InlineData("bigline=1000000", Ending.Answered, Whole, null)]
    [InlineData("big-header=20000", Ending.Answered, Whole, Whole)]
    [InlineData("pace=1;slow-first=5;whole-body-slow=10", Ending.Answered, Whole, Whole)]
    public async Task Fault_looksAsItsNameSays(string fault, Ending ending, string streamed, string? plain)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        (await LookAsync(client, fault, stream: true)).ShouldBe(streamed);
        (await upstream.Journal.WaitForEndedAsync(1, Token))[0].Ending.ShouldBe(ending);
        if (plain is not null)
        {
            (await LookAsync(client, fault, stream: false)).ShouldBe(plain);
            (await upstream.Journal.WaitForEndedAsync(2, Token))[1].Ending.ShouldBe(ending);
        }
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("close")]
    [InlineData("cut")]
    public async Task BrokenStream_deliversAllThatTheJournalClaims(string fault)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        for (var i = 1; i <= 50; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions")
            {
                Content = JsonContent.Create(Chat($"{fault}=7;out=1000", stream: true)),
            };
            using var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

            var received = await ReadUntilBrokenAsync(reply);

            var call = (await upstream.Journal.WaitForEndedAsync(i, Token))[^1];
            call.EventsSent.ShouldBe(7);
            received.Split("data: ").Length.ShouldBe(1 + 7);
            call.TokensSent.ShouldBe(600);
        }
    }

    [Theory]
    [InlineData("hang")]
    [InlineData("hang-after-headers")]
    [InlineData("stall=4")]
    [InlineData("endless-comments")]
    [InlineData("endless-line")]
    public async Task EndlessFault_lastsUntilTheClientLeaves(string fault)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var look = client.PostAsJsonAsync("chat/completions", Chat(fault, stream: true), patience.Token);
        await upstream.Journal.WaitForCallAsync(call => call.Ending == Ending.Running, Token);

        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(look);
        (await upstream.Journal.WaitForEndedAsync(1, Token)).Single().Ending.ShouldBe(Ending.ClientLeft);
    }

    [Theory]
    [InlineData("no-usage", null)]
    [InlineData("zero-usage", "0")]
    [InlineData("bad-usage=negative", "-5")]
    [InlineData("bad-usage=float", "12.5")]
    [InlineData("bad-usage=whole-float", "12.0")]
    [InlineData("bad-usage=string", "\"12\"")]
    [InlineData("bad-usage=huge", "9223372036854775808")]
    [InlineData("bad-usage=infinite", "1e309")]
    [InlineData("bad-usage=above", "100000000")]
    public async Task LyingUsage_isSentAsClaimedAndJournaledAsItWas(string fault, string? claimed)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Address);

        using var reply = await client.PostAsJsonAsync("chat/completions", Chat(fault, stream: false), Token);

        var body = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Token))!;
        body["usage"]?["completion_tokens"]?.ToJsonString().ShouldBe(claimed);
        (body["usage"] is null).ShouldBe(claimed is null);
        (await upstream.Journal.WaitForEndedAsync(1, Token)).Single().Bill!.Output.ShouldBe(100);
    }

    [Fact]
    public async Task Readme_explainsEveryWord()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Mercato.slnx")))
        {
            folder = folder.Parent;
        }

        var readme = await File.ReadAllTextAsync(
            Path.Combine(folder.FullName, "tests", "Mercato.FakeUpstream", "README.md"), Token);

        FakeUpstream.ListWords().Select(word => $"| `{word.Name}{word.Takes}` | {word.Meaning} |")
            .Where(line => !readme.Contains(line)).ShouldBeEmpty();
    }

    private static JsonObject Chat(string fault, bool stream) => new()
    {
        ["model"] = $"fake-ok;{fault}",
        ["stream"] = stream,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }),
    };

    private static async Task<string> ReadUntilBrokenAsync(HttpResponseMessage reply)
    {
        await using var body = await reply.Content.ReadAsStreamAsync(Token);
        using var received = new MemoryStream();
        try
        {
            await body.CopyToAsync(received, Token);
        }
        catch (IOException)
        {
            // The break under test; what came before it counts.
        }

        return Encoding.UTF8.GetString(received.ToArray());
    }

    /// <summary>Whole: ends as the format demands. Short: a clean HTTP body, but less. Broken: neither.</summary>
    private static async Task<string> LookAsync(HttpClient client, string fault, bool stream)
    {
        try
        {
            using var reply = await client.PostAsJsonAsync("chat/completions", Chat(fault, stream), Token);
            var body = await reply.Content.ReadAsStringAsync(Token);
            var isWhole = stream ? body.Contains("data: [DONE]") : body.Contains("\"usage\":{") && body.EndsWith('}');
            return isWhole ? Whole : Short;
        }
        catch (HttpRequestException)
        {
            return Broken;
        }
    }
}
