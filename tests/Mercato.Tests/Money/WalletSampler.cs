namespace Mercato.Tests.Spending;

/// <summary>Looks at a wallet every 10 ms, in its row and through the API, and keeps the worst.</summary>
internal sealed class WalletSampler(Shop shop, Books books)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public int Samples { get; private set; }

    public long LowestPosted { get; private set; } = long.MaxValue;

    public long LowestAvailable { get; private set; } = long.MaxValue;

    public long LowestHeld { get; private set; } = long.MaxValue;

    public async Task RunAsync(Task until)
    {
        await using var connection = await books.OpenAsync();
        using var timer = new PeriodicTimer(Interval);
        while (!until.IsCompleted)
        {
            var wallet = await books.WalletAsync(connection, shop.AccountId);
            LowestPosted = Math.Min(LowestPosted, wallet.Posted);
            LowestHeld = Math.Min(LowestHeld, wallet.Held);
            LowestAvailable = Math.Min(LowestAvailable, wallet.Posted - wallet.Held);
            await shop.CreditsAsync();
            Samples++;
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    public void ShouldNeverHaveBeenNegative()
    {
        Samples.ShouldBeGreaterThan(0);
        LowestPosted.ShouldBeGreaterThanOrEqualTo(0);
        LowestHeld.ShouldBeGreaterThanOrEqualTo(0);
        LowestAvailable.ShouldBeGreaterThanOrEqualTo(0);
    }
}
