using Mercato.Fake;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;

namespace Mercato.Tests.Gateway;

/// <summary>What a provider sends without end does not stay: measured on a server that is a process of its own.</summary>
public sealed class FaultMemoryTests(PostgresCluster cluster)
{
    /// <summary>The collector takes its time, and the first large buffers come on top of a small start; then there is a
    /// round that needs hardly more.</summary>
    private const long MostGrowth = 64 << 20;

    private const int Rounds = 4;

    private static readonly string[] Floods =
        ["big-header=10000000", "gzip-bomb=20", "endless-comments", "endless-line"];

    [Fact]
    public async Task FloodsOfEveryKind_LeaveNothingBehind()
    {
        var database = await TestDatabase.CreateAsync(Data.DatabaseKind.Sqlite, cluster);
        await using var upstream = await FakeUpstream.StartAsync();
        await using var server = await MercatoProcess.StartAsync(database);
        using var shop = await Shop.OpenAsync(server.Address, upstream.Address, Ledger.Money.Dollars(10), pricesInput: true);
        var peaks = new List<long> { server.MostResident };
        for (var round = 0; round < Rounds; round++)
        {
            await FloodAsync(shop);
            peaks.Add(server.MostResident);
        }

        var growths = peaks.Skip(1).Zip(peaks, (later, earlier) => later - earlier).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"MiB more in each round: {string.Join(", ", growths.Select(growth => growth >> 20))}");
        // What a flood leaves behind, each round leaves behind: two dozen floods of 10 MB and more.
        growths.Min().ShouldBeLessThan(MostGrowth);
        (peaks[^1] - peaks[0]).ShouldBeLessThan(8 * MostGrowth);
        await database.DropAsync(cluster);
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
