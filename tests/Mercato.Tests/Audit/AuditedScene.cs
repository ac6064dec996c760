using Mercato.Ledger;
using Mercato.Tests.Spending;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Auditing;

/// <summary>
/// An account to which everything has happened that can happen to one, through the ledger itself: credits, a gift, calls
/// that were settled, refunded, void, late, late without the money for it, and one that runs.
/// </summary>
internal sealed class AuditedScene
{
    private const long Dollar = Money.NanoPerDollar;

    private readonly Ledger.Ledger _ledger;

    private AuditedScene(Ledger.Ledger ledger) => _ledger = ledger;

    public Guid Account { get; } = Guid.CreateVersion7();

    /// <summary>An account that has nothing, not even a wallet.</summary>
    public Guid Nobody { get; } = Guid.CreateVersion7();

    public Guid ApiKey { get; } = Guid.CreateVersion7();

    /// <summary>Entry 3 charges it.</summary>
    public Guid Settled { get; private set; }

    /// <summary>Entry 4 charges it, entry 5 gives it back.</summary>
    public Guid Refunded { get; private set; }

    public Guid Void { get; private set; }

    public Guid Open { get; private set; }

    /// <summary>Ten entries: 7.00 dollars, 2.00 of them held, nothing owed any more.</summary>
    public static async Task<AuditedScene> PlayAsync(IServiceProvider services)
    {
        var scene = new AuditedScene(services.GetRequiredService<Ledger.Ledger>());
        await scene.GrantAsync(10 * Dollar);
        await scene.GrantAsync(Dollar, promotional: true);
        scene.Settled = await scene.CallAsync(3 * Dollar, 1_500_000_000, hasBudget: true);
        scene.Refunded = await scene.CallAsync(2 * Dollar, Dollar);
        (await scene._ledger.RefundAsync(scene.Account, 4, "for the test", null)).ShouldBeOfType<GrantOutcome.Granted>();
        scene.Void = await scene.ReserveAsync(Dollar, hasBudget: false);
        await scene._ledger.VoidAsync(new SettleOrder(scene.Ended(scene.Void, Dollar, 0, "no_output")));
        await scene.CallLateAsync(2 * Dollar, 500_000_000);
        await scene.CallLateAsync(5 * Dollar, 4 * Dollar, () => scene.GrantAsync(-8 * Dollar, key: "take-back"));
        await scene.GrantAsync(10 * Dollar);
        scene.Open = await scene.ReserveAsync(2 * Dollar, hasBudget: true);

        var wallet = await scene._ledger.GetWalletAsync(scene.Account, TestContext.Current.CancellationToken);
        (wallet.PostedNano, wallet.HeldNano, wallet.ReceivableNano, wallet.EntryCount)
            .ShouldBe((7 * Dollar, 2 * Dollar, 0, 10));
        return scene;
    }

    private async Task GrantAsync(long nano, bool promotional = false, string? key = null) =>
        (await _ledger.GrantAsync(new GrantOrder(Account, new Money(nano), "test", Guid.NewGuid().ToString("N"), null)
        {
            Promotional = promotional,
            Idempotency = key is null ? null : (key, "fingerprint"),
        })).ShouldBeOfType<GrantOutcome.Granted>();

    private async Task<Guid> CallAsync(long bound, long cost, bool hasBudget = false)
    {
        var op = await ReserveAsync(bound, hasBudget);
        await _ledger.SettleAsync(new SettleOrder(Ended(op, bound, cost, "complete")));
        return op;
    }

    /// <summary>The sweep takes the server for dead and closes its call; then the call comes to its end after all.</summary>
    private async Task CallLateAsync(long bound, long cost, Func<Task>? meanwhile = null)
    {
        var op = await ReserveAsync(bound, hasBudget: false);
        await _ledger.VoidAsync(new SettleOrder(Ended(op, bound, 0, Book.NodeLost)));
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        await _ledger.SettleAsync(new SettleOrder(Ended(op, bound, cost, "complete")));
    }

    private async Task<Guid> ReserveAsync(long bound, bool hasBudget)
    {
        var op = Shelf.NewOp(Account, bound, hasBudget ? ApiKey : null);
        var budget = hasBudget ? new BudgetLimit(ApiKey, Money.Dollars(100), Shelf.Noon) : null;
        (await _ledger.ReserveAsync(new ReserveOrder(Aged(op), budget), TestContext.Current.CancellationToken))
            .ShouldBeOfType<ReserveOutcome.Reserved>();
        return op.Id;
    }

    /// <summary>As admitted now: the shelf's own calls are from another day.</summary>
    private static Op Aged(Op op) => new()
    {
        AccountId = op.AccountId,
        Id = op.Id,
        ApiKeyId = op.ApiKeyId,
        BoundNano = op.BoundNano,
        BudgetNano = op.BudgetNano,
        CreatedAt = TimeProvider.System.GetUtcNow(),
        Model = op.Model,
        Provider = op.Provider,
        Dialect = op.Dialect,
    };

    private Op Ended(Guid id, long bound, long cost, string reason) => new()
    {
        AccountId = Account,
        Id = id,
        BoundNano = bound,
        CreatedAt = Shelf.Noon,
        Model = "a/b",
        Provider = "a",
        Dialect = "openai-chat",
        CostNano = cost,
        SettlementReason = reason,
        LineItems = reason == Book.NodeLost ? null : cost == 0 ? "[]"
            : $$"""[{"kind":"output","quantity":1,"unit_price":"1","amount":"{{new Money(cost)}}"}]""",
    };
}
