using System.Collections.Concurrent;
using System.Diagnostics;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>The server is killed again and again in the middle of its work; the books must not show it.</summary>
public abstract class CrashTests(DatabaseKind kind, PostgresCluster cluster)
{
    private const int Streams = 32, PlainCalls = 16, Ceiling = 400;

    private static readonly int Kills = Environment.GetEnvironmentVariable("MERCATO_TEST_LANE") == "long" ? 200 : 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledAtRandomMoments_LosesAndDoublesNoCharge()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var database = await TestDatabase.CreateAsync(kind, cluster);
        var books = new Books(kind, database.ConnectionString);
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { KeepBodies = false });
        var replies = new ConcurrentBag<Reply>();
        var started = Stopwatch.GetTimestamp();
        var server = await MercatoProcess.StartAsync(database);
        try
        {
            using var shop = await Shop.OpenAsync(
                server.Address, upstream.Address, Money.Dollars(1_000), pricesInput: true);
            for (var kill = 0; kill < Kills; kill++)
            {
                await DriveAndKillAsync(server, shop, random, replies);
                await books.BalanceAsync(shop.AccountId);
                await server.DisposeAsync();
                server = await MercatoProcess.StartAsync(database);
            }

            await books.WaitUntilIdleAsync(shop.AccountId);
            await books.BalanceAsync(shop.AccountId);
            await CheckAsync(shop, books, upstream, replies);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Kills} kills, {replies.Count} whole answers, "
                + $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        }
        finally
        {
            await server.DisposeAsync();
            await database.DropAsync(cluster);
        }
    }

    private static async Task DriveAndKillAsync(
        MercatoProcess server, Shop shop, Random random, ConcurrentBag<Reply> replies)
    {
        var customer = shop.CustomerAt(server.Address);
        using var client = customer.Client;
        using var dead = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Streams of a tenth of a second and of two: some leave notes of their progress before the kill, some do not.
        var streaming = $"{shop.Provider}/fake-ok;in=20;out=20..200;events=10;pace=5..200;seed={random.Next(1_000)}";
        var plain = $"{shop.Provider}/fake-ok;in=20;out=20..200;whole-body-slow=100;seed={random.Next(1_000)}";
        var calls = Task.WhenAll(
            [.. Enumerable.Range(0, Streams).Select(_ =>
                RepeatAsync(() => customer.StreamAsync(streaming, Ceiling, null, dead.Token), Keep)),
            .. Enumerable.Range(0, PlainCalls).Select(_ =>
                RepeatAsync(() => customer.AskAsync(plain, Ceiling, dead.Token), Keep))]);

        await Task.WhenAny(answered.Task, calls);
        // A moment of the dice, not a wait for something: the kill must come anywhere in the work.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2_000)), Token);
        await server.KillAsync();
        await dead.CancelAsync();
        await calls;

        void Keep(Reply reply)
        {
            replies.Add(reply);
            answered.TrySetResult();
        }
    }

    /// <summary>Calls until the server is gone, and keeps the answers whose end came.</summary>
    private static async Task RepeatAsync(Func<Task<Reply>> call, Action<Reply> keep)
    {
        try
        {
            while (true)
            {
                var reply = await call();
                reply.Status.ShouldBe(200, reply.Text);
                if (!reply.IsWhole)
                {
                    return;
                }

                keep(reply);
            }
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or OperationCanceledException)
        {
            // The kill, seen from outside.
            Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task CheckAsync(
        Shop shop, Books books, FakeUpstream upstream, ConcurrentBag<Reply> replies)
    {
        var ops = (await books.OpsAsync(shop.AccountId)).ToDictionary(op => op.Id);
        var charges = await books.ChargesAsync(shop.AccountId);
        replies.Count.ShouldBeGreaterThan(0);
        foreach (var reply in replies)
        {
            var op = ops[reply.OpId!.Value];
            op.State.ShouldBe("settled", "an answer that was shown whole is charged");
            op.Cost.ShouldBe(reply.Cost!.Value.Nano);
        }

        var truth = upstream.Journal.Calls.ToDictionary(call => $"chatcmpl-fake-{call.Number}");
        foreach (var op in ops.Values)
        {
            op.State.ShouldNotBe("open");
            op.Cost.ShouldBeLessThanOrEqualTo(op.Bound);
            charges[op.Id].ShouldBe(op.Cost == 0 ? [] : [op.Cost], "one charge of the cost: " + op);
            if (op.Reason == "complete")
            {
                var usage = truth[op.UpstreamId!].Usage!;
                op.Cost.ShouldBe((usage.Input * Shop.InputNano) + (usage.Output * Shop.OutputNano), op.ToString());
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join(", ", ops.Values.CountBy(op => op.Reason ?? "").Select(pair => $"{pair.Value} x {pair.Key}"))
            + $", {ops.Values.Count(op => op is { Reason: Book.NodeLost, Cost: > 0 })} of the lost with progress");
        (await books.WalletAsync(shop.AccountId)).Receivable.ShouldBe(0);
    }
}

public sealed class CrashOnSqlite(PostgresCluster cluster) : CrashTests(DatabaseKind.Sqlite, cluster);

public sealed class CrashOnPostgres(PostgresCluster cluster) : CrashTests(DatabaseKind.Postgres, cluster);
