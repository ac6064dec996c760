using Mercato.Fake;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;

namespace Mercato.Tests.Gateway;

/// <summary>What a provider sends without end does not stay: measured on a server that is a process of its own.</summary>
public sealed class FaultMemoryTests(PostgresCluster cluster)
{
    private const long MostGrowth = 64 << 20;

    private static readonly string[] Floods =
        ["endless-line", "endless-comments", "bigline=17000000", "gzip-bomb=200", "big-header=10000000", "ignore-limit;out=500000;events=1000"];

    [Fact]
    public async Task FloodsOfEveryKind_TakeBoundedMemory()
    {
        var database = await TestDatabase.CreateAsync(Data.DatabaseKind.Sqlite, cluster);
        await using var upstream = await FakeUpstream.StartAsync();
        await using var server = await MercatoProcess.StartAsync(database);
        using var shop = await Shop.OpenAsync(server.Address, upstream.Address, Ledger.Money.Dollars(10), pricesInput: true);
        for (var i = 0; i < 50; i++)
        {
            await AskAsync(shop, "out=50;drip");
        }

        var before = server.Resident;
        foreach (var flood in Floods)
        {
            await AskAsync(shop, flood);
            TestContext.Current.TestOutputHelper?.WriteLine($"{flood}: {(server.MostResident - before) >> 20} MiB more at most");
        }

        (server.MostResident - before).ShouldBeLessThan(MostGrowth);
        await database.DropAsync(cluster);
    }

    private static async Task AskAsync(Shop shop, string fault)
    {
        foreach (var face in CallerFace.All)
        {
            foreach (var stream in (bool[])[false, true])
            {
                var reply = await face.SendAsync(shop.Customer.Client, $"{shop.Provider}/fake-ok;{fault}", stream,
                    TestContext.Current.CancellationToken);
                face.FindFlaw(reply).ShouldBeNull(fault);
            }
        }
    }
}
