using System.Collections.Concurrent;
using System.Diagnostics;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>Calls at a quarter of their bound, some cancelled, some broken, until the money is gone.</summary>
public abstract class RandomCostsTests(MercatoApp app)
{
    private const int Clients = 32, Ceiling = 800, MeanOutput = 200, FundedCalls = 400;
    private const string Answers = "fake-ok;out=50..350;events=10";

    private static readonly string[] Faults = ["reset=4", "close=4", "cut=4", "half=4", "reset=0"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MixedCallsUntilRefused_SpendTheFundsAndNeverOverdraw()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { KeepBodies = false });
        var funds = FundedCalls * MeanOutput * Shop.OutputNano;
        using var shop = await Shop.OpenAsync(
            new Uri(app.Address), upstream.Address, new Money(funds), pricesInput: true);
        var books = Books.Of(app);
        var replies = new ConcurrentBag<Reply>();

        var started = Stopwatch.GetTimestamp();
        var calls = Task.WhenAll(Enumerable.Range(0, Clients)
            .Select(client => SpendAsync(shop, new Random(seed + client), replies)));
        var sampler = new WalletSampler(shop, books);
        var sampling = sampler.RunAsync(calls);
        await calls;
        var elapsed = Stopwatch.GetElapsedTime(started);
        await sampling;
        await books.WaitUntilIdleAsync(shop.AccountId);

        sampler.ShouldNeverHaveBeenNegative();
        replies.Select(reply => reply.Status).Distinct().ShouldBeSubsetOf([200, 402, 429, 502]);
        await books.BalanceAsync(shop.AccountId);
        var left = (await books.WalletAsync(shop.AccountId)).Posted;
        left.ShouldBeLessThanOrEqualTo(funds * 3 / 100);
        var ops = await books.OpsAsync(shop.AccountId);
        await CheckOpsAsync(shop, books, ops);
        CheckReplies(replies, ops);
        await CheckTruthAsync(upstream, ops);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{replies.Count} calls in {elapsed.TotalSeconds:0.0} s "
            + $"({replies.Count / elapsed.TotalSeconds:0} calls/s), "
            + string.Join(", ", ops.CountBy(op => op.Reason ?? "").Select(pair => $"{pair.Value} x {pair.Key}"))
            + $", spent {100m * (funds - left) / funds:0.00} %");
    }

    private static async Task SpendAsync(Shop shop, Random random, ConcurrentBag<Reply> replies)
    {
        Reply reply;
        do
        {
            reply = await CallAsync(shop, random);
            replies.Add(reply);
        }
        while (reply.Status != 402);
    }

    private static async Task<Reply> CallAsync(Shop shop, Random random)
    {
        var isStream = random.Next(2) == 0;
        var fault = random.Next(100) < 5 ? ";" + Faults[random.Next(Faults.Length)] : "";
        var leaves = isStream && fault.Length == 0 && random.Next(100) < 10;
        var model = $"{shop.Provider}/{Answers}{fault}{(leaves ? ";pace=5" : "")}";
        return isStream
            ? await shop.Customer.StreamAsync(model, Ceiling, leaves ? random.Next(2, 9) : null, Token)
            : await shop.Customer.AskAsync(model, Ceiling, Token);
    }

    /// <summary>Each op ended once, within its bound, with one charge of its cost, and its items sum to it.</summary>
    private static async Task CheckOpsAsync(Shop shop, Books books, List<OpRow> ops)
    {
        var charges = await books.ChargesAsync(shop.AccountId);
        foreach (var op in ops)
        {
            op.State.ShouldBe(
                op.Reason is "no_output" or "caller_left_before_output" or "error_finish" ? "void" : "settled");
            op.Cost.ShouldBeLessThanOrEqualTo(op.Bound);
            charges[op.Id].ShouldBe(op.Cost == 0 ? [] : [op.Cost], op.ToString());
            op.LineItemSum.ShouldBe(op.Cost / (decimal)Money.NanoPerDollar, op.ToString());
        }

        charges.Sum(op => op.Count()).ShouldBe(ops.Count(op => op.Cost > 0), "no charge without an op");
    }

    private static void CheckReplies(IEnumerable<Reply> replies, List<OpRow> ops)
    {
        var byId = ops.ToDictionary(op => op.Id);
        foreach (var reply in replies.Where(reply => reply.IsWhole))
        {
            byId[reply.OpId!.Value].Cost.ShouldBe(reply.Cost!.Value.Nano);
        }
    }

    /// <summary>A complete answer costs what the provider truly sent.</summary>
    private static async Task CheckTruthAsync(FakeUpstream upstream, List<OpRow> ops)
    {
        var truth = (await upstream.Journal.WaitForAsync(
                calls => calls.All(call => call.Ending != Ending.Running), Token))
            .ToDictionary(call => $"chatcmpl-fake-{call.Number}");
        var complete = ops.Where(op => op.Reason == "complete").ToList();
        complete.Count.ShouldBeGreaterThan(FundedCalls / 2);
        foreach (var op in complete)
        {
            var bill = truth[op.UpstreamId!].Bill!;
            op.Cost.ShouldBe((bill.Input * Shop.InputNano) + (bill.Output * Shop.OutputNano), op.ToString());
        }

        foreach (var op in ops.Where(op => op.Reason is "caller_left" or "upstream_broke_off"))
        {
            op.Cost.ShouldBeGreaterThan(0);
        }
    }
}

public sealed class RandomCostsOnSqlite(MoneySqliteApp app) : RandomCostsTests(app), IClassFixture<MoneySqliteApp>;

public sealed class RandomCostsOnPostgres(MoneyPostgresApp app)
    : RandomCostsTests(app), IClassFixture<MoneyPostgresApp>;
