using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mercato.Fake;
using Mercato.Ledger;

namespace Mercato.Tests.Gateway;

/// <summary>
/// Whatever a provider does wrong, in whatever dialect, the caller gets a well-formed end in good time, the books close,
/// and nobody else notices. Each host dialect is asked in each caller's dialect, whole and streamed, for each fault.
/// </summary>
public abstract class FaultMatrixTests(FaultApp app)
{
    private const int AtOnce = 32;

    /// <summary>When a caller would call it hung.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>First byte and silence are given up after 2 and 5 seconds; the rest is a busy machine's.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(15);

    protected async Task EveryFaultEndsWellAsync(string dialect)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var customer = await app.CustomerAsync("5");
        var bystander = await app.CustomerAsync("5");
        await WarmUpAsync(bystander, dialect);
        var control = new ControlStream(bystander, dialect);
        using var over = new CancellationTokenSource();
        var controlling = control.RunAsync(over.Token, cancellationToken);
        var watching = WatchBalanceAsync(customer, over.Token);
        var asked = app.Upstream.Journal.Calls.Count;
        var results = new ConcurrentBag<Result>();

        var cells = from script in FaultScripts.All
                    from face in CallerFace.All
                    from stream in (bool[])[false, true]
                    select (script, face, stream);
        await Parallel.ForEachAsync(cells, new ParallelOptions
        {
            MaxDegreeOfParallelism = AtOnce,
            CancellationToken = cancellationToken,
        }, async (cell, _) => results.Add(await CallAsync(customer, dialect, cell.face, cell.script, cell.stream)));
        await over.CancelAsync();
        await controlling;

        await app.NoCallIsOpenAsync();
        results.SelectMany(result => result.Flaws).ShouldBeEmpty();
        results.Max(result => result.Took).ShouldBeLessThan(Usual);
        (await watching).ShouldBeEmpty();
        control.Flaws.ShouldBeEmpty();
        control.Count.ShouldBeGreaterThan(0);
        control.LongestUsualGap.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        app.Troubles.ShouldBeEmpty();
        (await FindBookFlawsAsync(customer, results)).ShouldBeEmpty();
        FindWireFlaws(app.Upstream.Journal.Calls.Skip(asked), dialect, results).ShouldBeEmpty();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{dialect}: {results.Count} calls, slowest {results.Max(result => result.Took).TotalSeconds:0.0} s; "
            + $"{control.Count} control streams, gap {control.LongestUsualGap.TotalMilliseconds:0} ms");
    }

    /// <summary>One good call of each kind, so that no stream waits while the code for the first one is compiled.</summary>
    private static async Task WarmUpAsync(Customer customer, string dialect)
    {
        foreach (var face in CallerFace.All)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var model = FaultApp.CalmModelOn(dialect, "fake-ok;in=20;out=40");
                (await face.SendAsync(customer.Client, model, stream, TestContext.Current.CancellationToken))
                    .Status.ShouldBe(200);
            }
        }
    }

    private static async Task<Result> CallAsync(
        Customer customer, string dialect, CallerFace face, string script, bool stream)
    {
        var name = $"{dialect} for {face.Name}{(stream ? " (stream)" : "")}: {script}";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var reply = await face.SendAsync(customer.Client, FaultApp.ModelOn(dialect, script), stream, patience.Token);
            return new Result(name, script, reply, face.FindFlaw(reply), Stopwatch.GetElapsedTime(started));
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return new Result(name, script, null, $"hung for {Patience.TotalSeconds} seconds", Patience);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or DecoderFallbackException)
        {
            return new Result(name, script, null, problem.ToString(), Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>Nothing that a provider says gives anybody money.</summary>
    private static async Task<List<string>> WatchBalanceAsync(Customer customer, CancellationToken stop)
    {
        var rises = new List<string>();
        var last = await customer.BalanceAsync();
        while (!stop.IsCancellationRequested)
        {
            var now = await customer.BalanceAsync();
            if (now > last)
            {
                rises.Add(string.Create(CultureInfo.InvariantCulture, $"{last} -> {now}"));
            }

            last = now;
            await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return rises;
    }

    private async Task<List<string>> FindBookFlawsAsync(Customer customer, IReadOnlyCollection<Result> results)
    {
        var ops = (await app.OpsOfAsync(customer)).ToDictionary(op => Op.GenerationId(op.Id));
        var flaws = new List<string>();
        foreach (var result in results)
        {
            var flaw = !ops.Remove(result.Reply!.GenerationId ?? "", out var op) ? "no op of its own"
                : op.State == OpState.Open || op.SettlementReason is null ? "still open"
                : op.CostNano < 0 || op.CostNano > op.BoundNano ? $"costs {op.CostNano} of {op.BoundNano}"
                : op.CostNano > 0 && (op.State == OpState.Void || result.Reply.Status != 200) ? "paid for nothing"
                : null;
            if (flaw is not null)
            {
                flaws.Add($"{result.Name}: {flaw}");
            }
        }

        flaws.AddRange(ops.Keys.Select(id => $"{id}: an op that nobody asked for"));
        var credits = await customer.GetAsync("/api/v1/credits");
        var spent = (await app.OpsOfAsync(customer)).Sum(op => op.CostNano) / 1_000_000_000m;
        if (credits.Dollars("held") != 0 || credits.Dollars("balance") != 5m - spent)
        {
            flaws.Add($"{credits} after {spent} were spent");
        }

        return flaws;
    }

    /// <summary>One call on the wire for each of ours: what may have been carried out is not sent again.</summary>
    private static IEnumerable<string> FindWireFlaws(
        IEnumerable<Call> wire, string dialect, IEnumerable<Result> results)
    {
        var calls = wire.CountBy(call => call.Model!).ToDictionary();
        foreach (var (script, asked) in results.CountBy(result => result.Script))
        {
            var sent = calls.GetValueOrDefault(script);
            // A connection that a host spoils behind the end of an answer may be just in use again; then its caller is told.
            var broken = results.Count(result => result.Script == script && result.Reply!.Status == 502);
            if (sent > asked || sent < asked - broken)
            {
                yield return $"{dialect}: {asked} calls of {script}, {sent} on the wire";
            }
        }
    }

    private sealed record Result(string Name, string Script, Reply? Reply, string? Flaw, TimeSpan Took)
    {
        public IEnumerable<string> Flaws => Flaw is null ? [] : [$"{Name}: {Flaw}\n{Shown}"];

        private string Shown => Reply is null ? "" : $"{Reply.Status} {(Reply.Text.Length > 1500
            ? Reply.Text[..500] + " ... " + Reply.Text[^1000..] : Reply.Text)}";
    }
}

public sealed class FaultMatrixOnSqlite(SqliteFaults app) : FaultMatrixTests(app), IClassFixture<SqliteFaults>
{
    public static TheoryData<string> Dialects => [.. FaultApp.HostDialects];

    [Theory]
    [MemberData(nameof(Dialects))]
    public Task EveryFaultInEveryDialect_EndsWellAndDisturbsNobody(string dialect) => EveryFaultEndsWellAsync(dialect);

    [Fact]
    public void EveryWordOfTheFake_StandsInTheMatrix() => FaultScripts.Forgotten.ShouldBeEmpty();
}

public sealed class FaultMatrixOnPostgres(PostgresFaults app) : FaultMatrixTests(app), IClassFixture<PostgresFaults>
{
    [Fact]
    public Task EveryFault_EndsWellAndDisturbsNobody() => EveryFaultEndsWellAsync("anthropic");
}
