using Mercato.Fake;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;

namespace Mercato.Tests.Gateway;

/// <summary>What a provider sends without end does not stay: measured on a server that is a process of its own.</summary>
public sealed class FaultMemoryTests(PostgresCluster cluster)
{
    /// <summary>The collector takes its time, and the first large buffers come on top of a small start; after that
    /// more of the same must not need more.</summary>
    private const long MostGrowth = 64 << 20;

    private static readonly string[] Floods =
        ["big-header=10000000", "gzip-bomb=20", "endless-comments", "endless-line"];

    [Fact]
    public async Task FloodsOfEveryKind_LeaveNothingBehind()
    {
        var database = await TestDatabase.CreateAsync(Data.DatabaseKind.Sqlite, cluster);
        await using var upstream = await FakeUpstream.StartAsync();
        await using var server = await MercatoProcess.StartAsync(database);
        using var shop = await Shop.OpenAsync(server.Address, upstream.Address, Ledger.Money.Dollars(10), pricesInput: true);
        var start = server.MostResident;
        await FloodAsync(shop, rounds: 2);
        var atFirst = server.MostResident;
        await FloodAsync(shop, rounds: 3);

        var growth = server.MostResident - atFirst;
        TestContext.Current.TestOutputHelper?.WriteLine($"{(atFirst - start) >> 20} MiB more at first, then {growth >> 20} MiB");
        growth.ShouldBeLessThan(MostGrowth);
        (atFirst - start).ShouldBeLessThan(4 * MostGrowth);
        await database.DropAsync(cluster);
    }

    private static async Task FloodAsync(Shop shop, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            await FloodAsync(shop);
        }
    }

    private static async Task FloodAsync(Shop shop)
    {
        foreach (var (flood, face) in from flood in Floods from face in CallerFace.All select (flood, face))
        {
            foreach (var stream in (bool[])[false, true])
            {
                var reply = await face.SendAsync(shop.Customer.Client, $"{shop.Provider}/fake-ok;{flood}", stream,
                    TestContext.Current.CancellationToken);
                face.FindFlaw(reply).ShouldBeNull(flood);
            }
        }
    }
}
