using System.Diagnostics;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>One wallet, many callers at once, every call at its bound.</summary>
public abstract class HotWalletTests(MercatoApp app)
{
    private const int Clients = 64, CallsEach = 50, Funded = 500, Tokens = 30;
    private const long CostNano = Tokens * Shop.OutputNano;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MoneyForFiveHundredCalls_AnswersExactlyFiveHundred()
    {
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { KeepBodies = false });
        using var shop = await Shop.OpenAsync(
            new Uri(app.Address), upstream.Address, new Money(Funded * CostNano), pricesInput: false);
        var books = Books.Of(app);
        var model = $"{shop.Provider}/fake-ok;out={Tokens}";

        var started = Stopwatch.GetTimestamp();
        var calls = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => SpendAsync(shop, model)));
        var sampler = new WalletSampler(shop, books);
        var sampling = sampler.RunAsync(calls);
        var statuses = (await calls).SelectMany(status => status).ToList();
        var elapsed = Stopwatch.GetElapsedTime(started);
        await sampling;
        Report(statuses, sampler, elapsed);

        statuses.ShouldAllBe(status => status == 200 || status == 402 || status == 429);
        statuses.Count(status => status == 200).ShouldBe(Funded);
        sampler.ShouldNeverHaveBeenNegative();
        await books.WaitUntilIdleAsync(shop.AccountId);
        (await books.WalletAsync(shop.AccountId)).ShouldBe(new WalletRow(0, 0, 0));
        (await shop.BalanceAsync()).ShouldBe(Money.Zero);
        await books.BalanceAsync(shop.AccountId);
        var ops = await books.OpsAsync(shop.AccountId);
        ops.Count.ShouldBe(Funded);
        ops.ShouldAllBe(op => op.State == "settled" && op.Cost == CostNano && op.Bound == CostNano);
        var billed = await upstream.Journal.WaitForEndedAsync(Funded, Token);
        billed.Count.ShouldBe(Funded);
        billed.ShouldAllBe(call => call.Bill != null && call.Bill.Output == Tokens);
    }

    private static async Task<List<int>> SpendAsync(Shop shop, string model)
    {
        var statuses = new List<int>(CallsEach);
        for (var i = 0; i < CallsEach; i++)
        {
            statuses.Add((await shop.Customer.AskAsync(model, Tokens, Token)).Status);
        }

        return statuses;
    }

    private static void Report(List<int> statuses, WalletSampler sampler, TimeSpan elapsed)
    {
        var counts = statuses.CountBy(status => status).OrderBy(pair => pair.Key)
            .Select(pair => $"{pair.Value} x {pair.Key}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{string.Join(", ", counts)} in {elapsed.TotalSeconds:0.0} s ({statuses.Count / elapsed.TotalSeconds:0} "
            + $"calls/s), {sampler.Samples} samples, lowest balance {new Money(sampler.LowestPosted)}");
    }
}

public sealed class HotWalletOnSqlite(MoneySqliteApp app) : HotWalletTests(app), IClassFixture<MoneySqliteApp>;

public sealed class HotWalletOnPostgres(MoneyPostgresApp app) : HotWalletTests(app), IClassFixture<MoneyPostgresApp>;
