using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Mercato.Fake;
using Mercato.Ledger;

namespace Mercato.Tests.Gateway;

/// <summary>In every dialect: the provider hears at once that the caller has gone, and the caller pays what had come by then.</summary>
public abstract partial class CallerLeavesTests(FaultApp app)
{
    private const int Events = 6;

    /// <summary>The promise is 100 ms; the rest is for a machine that does much else.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dialects => [.. FaultApp.HostDialects];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task LeavesInMidStream_HostHearsItAndWhatCameIsPaid(string dialect)
    {
        foreach (var face in CallerFace.All)
        {
            var customer = await app.CustomerAsync("1");
            app.Upstream.Reset();
            // The host falls silent after these events, so that what came is known exactly.
            var model = FaultApp.ModelOn(dialect, $"fake-ok;in=20;out=100;events=10;stall={Events}");
            using var request = new HttpRequestMessage(HttpMethod.Post, face.Path);
            request.Content = new StringContent(face.Ask(model, stream: true, 100), Encoding.UTF8, "application/json");
            var answer = await customer.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            var sent = await app.Upstream.Journal.WaitForCallAsync(call => call.EventsSent == Events, Token);
            await ReadTextAsync(answer, sent.ContentSent);

            var left = Stopwatch.GetTimestamp();
            answer.Dispose();
            await HearsAsync($"{dialect} for {face.Name}", left);

            var op = await OnlyOpAsync(customer);
            op.SettlementReason.ShouldBe("caller_left", face.Name);
            op.UsageSource.ShouldBe("counted");
            sent.ContentSent.ShouldBeGreaterThan(0);
            op.OutputTokens.ShouldBe((sent.ContentSent + 3) / 4, face.Name);
            op.CostNano.ShouldBe((op.InputTokens!.Value * 1000) + (op.OutputTokens!.Value * 2000));
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task LeavesBeforeTheAnswer_HostHearsItAndNothingIsPaid(string dialect)
    {
        foreach (var silence in new[] { "hang", "hang-after-headers", "endless-comments" })
        {
            var customer = await app.CustomerAsync("1");
            app.Upstream.Reset();
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = CallerFace.Messages.SendAsync(
                customer.Client, FaultApp.ModelOn(dialect, "fake-ok;" + silence), stream: true, leaving.Token);
            await app.Upstream.Journal.WaitForCallAsync(_ => true, Token);

            var left = Stopwatch.GetTimestamp();
            await leaving.CancelAsync();
            await HearsAsync($"{dialect}, {silence}", left);

            await ((Task)call).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            var op = await OnlyOpAsync(customer);
            // Comments without end may have been given up before the caller left.
            op.SettlementReason.ShouldBeOneOf("caller_left_before_output", "no_output");
            (op.State, op.CostNano).ShouldBe((OpState.Void, 0));
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task LeavesAPlainCall_AnswerIsFinishedAndPaid(string dialect)
    {
        var customer = await app.CustomerAsync("1");
        app.Upstream.Reset();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = CallerFace.Responses.SendAsync(customer.Client,
            FaultApp.ModelOn(dialect, "fake-ok;in=20;out=30;whole-body-slow=400"), stream: false, leaving.Token);
        await app.Upstream.Journal.WaitForCallAsync(_ => true, Token);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await app.Upstream.Journal.WaitForCallAsync(sent => sent.Ending == Ending.Answered, Token);
        var op = await OnlyOpAsync(customer);
        (op.SettlementReason, op.UsageSource, op.CostNano).ShouldBe(("complete", "provider", 20_000 + 60_000));
    }

    private async Task HearsAsync(string who, long left)
    {
        await app.Upstream.Journal.WaitForCallAsync(call => call.Ending == Ending.ClientLeft, Token);
        var after = Stopwatch.GetElapsedTime(left);
        TestContext.Current.TestOutputHelper?.WriteLine($"{who}: {after.TotalMilliseconds:0} ms");
        after.ShouldBeLessThan(AtOnce, who);
    }

    private async Task<Op> OnlyOpAsync(Customer customer)
    {
        await app.NoCallIsOpenAsync();
        var op = (await app.OpsOfAsync(customer)).ShouldHaveSingleItem();
        (await customer.BalanceAsync()).ShouldBe(1m - (op.CostNano / 1_000_000_000m));
        app.Troubles.ShouldBeEmpty();
        return op;
    }

    /// <summary>Reads until so many letters of the answer have come.</summary>
    private static async Task ReadTextAsync(HttpResponseMessage answer, long letters)
    {
        var stream = await answer.Content.ReadAsStreamAsync(Token);
        var seen = new StringBuilder();
        var buffer = new byte[4096];
        while (Text().Matches(seen.ToString()).Sum(match => match.Groups[1].Length) < letters)
        {
            var count = await stream.ReadAsync(buffer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token);
            count.ShouldBeGreaterThan(0, seen.ToString());
            seen.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
    }

    [GeneratedRegex("\"(?:content|delta|text)\":\"([^\"]*)\"")]
    private static partial Regex Text();
}

public sealed class CallerLeavesOnSqlite(SqliteFaults app) : CallerLeavesTests(app), IClassFixture<SqliteFaults>;
