using Mercato.Fake;

namespace Mercato.Tests.Fakes;

/// <summary>What a client sees of the faults in the dialects that came after OpenAI's chat.</summary>
public sealed class DialectFaultTests
{
    private const string Whole = "whole";
    private const string Short = "short";
    private const string Broken = "broken";

    private static readonly string[] Dialects = ["openai-responses", "anthropic", "gemini", "cohere", "ollama"];

    private static readonly (string Fault, Ending Ending, string Streamed, string? Plain)[] Faults =
    [
        ("", Ending.Answered, Whole, Whole),
        ("refuse", Ending.Closed, Broken, Broken),
        ("reset=0", Ending.Reset, Broken, Broken),
        ("reset=3", Ending.Reset, Broken, Broken),
        ("tear=2", Ending.Reset, Broken, Broken),
        ("close=3", Ending.Closed, Broken, Broken),
        ("cut=3", Ending.Cut, Short, Short),
        ("half=2", Ending.Cut, Short, Short),
        ("no-done", Ending.Cut, Short, null),
        ("error-event=2", Ending.Cut, Short, null),
        ("empty", Ending.Cut, Short, Short),
        ("long-length", Ending.Closed, Broken, Broken),
        ("html", Ending.Answered, Short, Short),
        ("error200", Ending.Answered, Short, Short),
        ("two-done;after-done;usage-twice", Ending.Answered, Whole, null),
        ("comments;bom;mixed-ends", Ending.Answered, Whole, Whole),
        ("bad-utf8;drip", Ending.Answered, Whole, Whole),
        ("bigline=1000000", Ending.Answered, Whole, null),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, Ending, string, string?> Cases =>
    [
        .. Dialects.SelectMany(dialect => Faults.Select(fault =>
            new TheoryDataRow<string, string, Ending, string, string?>(
                dialect, fault.Fault, fault.Ending, fault.Streamed, fault.Plain))),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Fault_looksAsItsNameSays(string dialect, string fault, Ending ending, string streamed, string? plain)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        var speech = Speech.ByName[dialect];

        (await LookAsync(client, speech, fault, stream: true)).ShouldBe(streamed);
        (await upstream.Journal.WaitForEndedAsync(1, Token))[0].Ending.ShouldBe(ending);
        if (plain is not null)
        {
            (await LookAsync(client, speech, fault, stream: false)).ShouldBe(plain);
            (await upstream.Journal.WaitForEndedAsync(2, Token))[1].Ending.ShouldBe(ending);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task BrokenStream_deliversAllThatTheJournalClaims(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        foreach (var (fault, i) in new[] { "reset", "close", "cut" }.Select((fault, i) => (fault, i)))
        {
            using var request = Speech.ByName[dialect].Ask($"fake-ok;{fault}=8;out=1000", stream: true);
            using var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

            var received = await ReadUntilBrokenAsync(reply);

            var call = (await upstream.Journal.WaitForEndedAsync(i + 1, Token))[^1];
            call.EventsSent.ShouldBe(8);
            received.ReplaceLineEndings("\n").Split('\n').Count(line => line.Contains('{')).ShouldBe(8);
            call.TokensSent.ShouldBeInRange(400, 800);
            call.EndSent.ShouldBeFalse();
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task LyingUsage_isSentAsClaimedAndJournaledAsItWas(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        var speech = Speech.ByName[dialect];
        string[] lies = ["no-usage", "zero-usage", "bad-usage=negative", "bad-usage=huge", "bad-usage=infinite", "bad-usage=absent"];
        string?[] shown = [null, "0", "-5", "9223372036854775808", "1e309", null];

        for (var i = 0; i < lies.Length; i++)
        {
            var body = await Speech.ReadAsync(client, speech.Ask($"fake-ok;{lies[i]}", stream: false), Token);

            var usage = body["usage"] ?? body["usageMetadata"] ?? body;
            var output = (usage["billed_units"] ?? usage) is var counts
                ? counts["output_tokens"] ?? counts["candidatesTokenCount"] ?? counts["eval_count"] ?? counts["completion_tokens"]
                : null;
            output?.ToJsonString().ShouldBe(shown[i]);
            (output is null).ShouldBe(shown[i] is null);
        }

        (await upstream.Journal.WaitForEndedAsync(lies.Length, Token)).ShouldAllBe(call => call.Bill!.Output == 100);
    }

    public static TheoryData<string> Names => [.. Dialects];

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

        return System.Text.Encoding.UTF8.GetString(received.ToArray());
    }

    /// <summary>Whole: ends as the dialect demands. Short: a clean HTTP body, but less. Broken: neither.</summary>
    private static async Task<string> LookAsync(HttpClient client, Speech speech, string fault, bool stream)
    {
        try
        {
            using var reply = await client.SendAsync(speech.Ask($"fake-ok;{fault}", stream), Token);
            var body = await reply.Content.ReadAsStringAsync(Token);
            var isWhole = stream ? body.Contains(speech.StreamEnd) : body.Contains(speech.PlainEnd) && body.EndsWith('}');
            return isWhole ? Whole : Short;
        }
        catch (HttpRequestException)
        {
            return Broken;
        }
    }
}
