using Mercato.Ledger;

namespace Mercato.Tests.Spending;

/// <summary>The ledger's rules, one by one, without a database.</summary>
public sealed class BookTests
{
    private readonly Shelf _shelf = new();

    [Fact]
    public void RepeatedReserve_HoldsOnce()
    {
        _shelf.Grant(100);
        var op = Shelf.NewOp(_shelf.Account, 60);

        _shelf.Reserve(op).ShouldBeOfType<ReserveOutcome.Reserved>();
        _shelf.Reserve(op).ShouldBeOfType<ReserveOutcome.Reserved>();

        _shelf.Wallet.HeldNano.ShouldBe(60);
    }

    [Fact]
    public void RepeatedBatch_ChargesOnce()
    {
        _shelf.Grant(100);
        var op = Shelf.NewOp(_shelf.Account, 60);
        _shelf.Reserve(op);

        _shelf.Close(Shelf.Ended(op, OpState.Settled, 25)).ShouldBeTrue();
        _shelf.Close(Shelf.Ended(op, OpState.Settled, 25)).ShouldBeFalse();
        _shelf.Close(Shelf.Ended(op, OpState.Void, 0)).ShouldBeFalse();
        _shelf.Reserve(op).ShouldBeOfType<ReserveOutcome.Unavailable>();

        _shelf.Entries.Count(entry => entry.OpId == op.Id).ShouldBe(1);
        (_shelf.Wallet.PostedNano, _shelf.Wallet.HeldNano).ShouldBe((75, 0));
    }

    [Fact]
    public void CostAboveTheBound_IsChargedUpToItAndTheRestIsTheOperators()
    {
        _shelf.Grant(100);
        var op = Shelf.NewOp(_shelf.Account, 60);
        _shelf.Reserve(op);

        _shelf.Close(Shelf.Ended(op, OpState.Settled, 90));

        _shelf.Wallet.PostedNano.ShouldBe(40);
        _shelf.ClosedOps.Single().OperatorLossNano.ShouldBe(30);
    }

    [Fact]
    public void BoundAboveWhatIsAvailable_IsRefusedAndHoldsNothing()
    {
        _shelf.Grant(100);
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 60));

        var refused = _shelf.Reserve(Shelf.NewOp(_shelf.Account, 41)).ShouldBeOfType<ReserveOutcome.NotEnough>();

        refused.ShouldBe(new ReserveOutcome.NotEnough("wallet", new Money(40), new Money(60)));
        _shelf.Wallet.HeldNano.ShouldBe(60);
    }

    [Fact]
    public void GrantWithTheSameKey_IsReplayed()
    {
        var order = Credit(50, "key", "print");
        var first = _shelf.Grant(order).ShouldBeOfType<GrantOutcome.Granted>();

        var again = _shelf.Grant(order with { EventId = "another" }).ShouldBeOfType<GrantOutcome.Granted>();

        (first.Replayed, again.Replayed).ShouldBe((false, true));
        again.Entry.Number.ShouldBe(first.Entry.Number);
        _shelf.Wallet.PostedNano.ShouldBe(50);
    }

    [Fact]
    public void GrantWithTheKeyOfAnotherRequest_IsRefused()
    {
        _shelf.Grant(Credit(50, "key", "print"));

        _shelf.Grant(Credit(70, "key", "other")).ShouldBeOfType<GrantOutcome.KeyReused>();

        _shelf.Wallet.PostedNano.ShouldBe(50);
    }

    [Fact]
    public void SameEventTwice_IsBookedOnce()
    {
        var order = new GrantOrder(_shelf.Account, new Money(50), "stripe", "evt_1", null);
        _shelf.Grant(order);

        _shelf.Grant(order).ShouldBeOfType<GrantOutcome.Granted>().Replayed.ShouldBeTrue();

        _shelf.Wallet.PostedNano.ShouldBe(50);
    }

    [Fact]
    public void DeductionOfMoreThanIsAvailable_IsRefused()
    {
        _shelf.Grant(100);
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 30));

        _shelf.Grant(-71).ShouldBe(new GrantOutcome.NotEnough(new Money(70)));
        _shelf.Grant(-70).ShouldBeOfType<GrantOutcome.Granted>();

        (_shelf.Wallet.PostedNano, _shelf.Wallet.HeldNano).ShouldBe((30, 30));
    }

    [Fact]
    public void KeyAtItsLimit_IsRefusedThoughTheWalletHasMoney()
    {
        _shelf.Grant(1_000);
        var first = Shelf.NewOp(_shelf.Account, 60, _shelf.ApiKey);
        _shelf.Reserve(first, Limit(100)).ShouldBeOfType<ReserveOutcome.Reserved>();
        _shelf.Close(Shelf.Ended(first, OpState.Settled, 50));

        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 51, _shelf.ApiKey), Limit(100))
            .ShouldBe(new ReserveOutcome.NotEnough("key", new Money(50), Money.Zero));
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 50, _shelf.ApiKey), Limit(100))
            .ShouldBeOfType<ReserveOutcome.Reserved>();

        (_shelf.Budget.SpentNano, _shelf.Budget.HeldNano).ShouldBe((50, 50));
    }

    [Fact]
    public void NewPeriod_ForgetsWhatTheKeySpentButNotWhatItHolds()
    {
        _shelf.Grant(1_000);
        var spent = Shelf.NewOp(_shelf.Account, 60, _shelf.ApiKey);
        _shelf.Reserve(spent, Limit(100));
        _shelf.Close(Shelf.Ended(spent, OpState.Settled, 60));
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 40, _shelf.ApiKey), Limit(100));

        var tomorrow = Limit(100) with { PeriodStartsAt = Shelf.Noon.AddDays(1) };
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 61, _shelf.ApiKey), tomorrow)
            .ShouldBeOfType<ReserveOutcome.NotEnough>();
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 60, _shelf.ApiKey), tomorrow)
            .ShouldBeOfType<ReserveOutcome.Reserved>();

        (_shelf.Budget.SpentNano, _shelf.Budget.HeldNano).ShouldBe((0, 100));
    }

    [Fact]
    public void RefusalByTheKey_HoldsNothingInTheWallet()
    {
        _shelf.Grant(1_000);

        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 101, _shelf.ApiKey), Limit(100))
            .ShouldBeOfType<ReserveOutcome.NotEnough>();

        _shelf.Wallet.HeldNano.ShouldBe(0);
    }

    [Fact]
    public void LateSettleThatTheWalletCannotPay_IsOwedAndSuspendsUntilPaid()
    {
        _shelf.Grant(100);
        var late = Shelf.NewOp(_shelf.Account, 80);
        _shelf.Reserve(late);
        _shelf.Close(Shelf.Ended(late, OpState.Void, 0, Book.NodeLost));
        _shelf.Grant(-70);

        _shelf.Close(Shelf.Ended(late, OpState.Settled, 50)).ShouldBeTrue();
        _shelf.Close(Shelf.Ended(late, OpState.Settled, 50)).ShouldBeFalse();

        (_shelf.Wallet.PostedNano, _shelf.Wallet.ReceivableNano).ShouldBe((0, 20));
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 1)).ShouldBe(new ReserveOutcome.Suspended(new Money(20)));
        _shelf.Grant(30);
        (_shelf.Wallet.PostedNano, _shelf.Wallet.ReceivableNano).ShouldBe((10, 0));
        _shelf.Reserve(Shelf.NewOp(_shelf.Account, 1)).ShouldBeOfType<ReserveOutcome.Reserved>();
        _shelf.Entries.Sum(entry => entry.AmountNano).ShouldBe(10);
    }

    [Fact]
    public void LateSettleTriedAgainAfterARollback_OwesTheSame()
    {
        var rolledBack = new Shelf { Account = _shelf.Account };
        var late = Shelf.NewOp(_shelf.Account, 80);
        var order = new SettleOrder(Shelf.Ended(late, OpState.Settled, 50));
        foreach (var shelf in new[] { rolledBack, _shelf })
        {
            shelf.Grant(100);
            shelf.Reserve(late);
            shelf.Close(Shelf.Ended(late, OpState.Void, 0, Book.NodeLost));
            shelf.Grant(-70);

            shelf.Batch(book => book.Close(order), shelf.Account).ShouldBeTrue();
        }

        (_shelf.Wallet.PostedNano, _shelf.Wallet.ReceivableNano).ShouldBe((0, 20));
    }

    [Fact]
    public void LateEndWithoutACost_LeavesWhatTheSweepHasCharged()
    {
        _shelf.Grant(100);
        var late = Shelf.NewOp(_shelf.Account, 80);
        _shelf.Reserve(late);
        _shelf.Close(Shelf.Ended(late, OpState.Settled, 30, Book.NodeLost));

        _shelf.Close(Shelf.Ended(late, OpState.Void, 0, "error_finish")).ShouldBeFalse();

        _shelf.OpOf(late.Id).State.ShouldBe(OpState.Settled);
        _shelf.ClosedOps.ShouldAllBe(op => op.State == OpState.Settled, "what was charged is never shown as void");
        _shelf.Wallet.PostedNano.ShouldBe(70);
    }

    [Fact]
    public void LateSettleAfterAPartialCharge_PaysOnlyTheDifference()
    {
        _shelf.Grant(100);
        var late = Shelf.NewOp(_shelf.Account, 80);
        _shelf.Reserve(late);
        _shelf.Close(Shelf.Ended(late, OpState.Settled, 30, Book.NodeLost));

        _shelf.Close(Shelf.Ended(late, OpState.Settled, 50));

        _shelf.Wallet.PostedNano.ShouldBe(50);
        _shelf.Entries.Where(entry => entry.OpId == late.Id).Select(entry => (entry.Kind, entry.AmountNano))
            .ShouldBe([(EntryKind.Charge, -30L), (EntryKind.LateCharge, -20L)]);
    }

    [Fact]
    public void Refund_GivesAChargeBackOnce()
    {
        _shelf.Grant(100);
        var op = Shelf.NewOp(_shelf.Account, 60);
        _shelf.Reserve(op);
        _shelf.Close(Shelf.Ended(op, OpState.Settled, 25));
        var charge = _shelf.Entries.Single(entry => entry.OpId == op.Id);

        _shelf.Grant(Refund(charge.Number, "once")).ShouldBeOfType<GrantOutcome.Granted>();
        _shelf.Grant(Refund(charge.Number, "twice")).ShouldBeOfType<GrantOutcome.NotRefundable>();
        _shelf.Grant(Refund(1, "a credit")).ShouldBeOfType<GrantOutcome.NotRefundable>();
        _shelf.Grant(Refund(99, "nothing")).ShouldBeOfType<GrantOutcome.NotRefundable>();

        _shelf.Wallet.PostedNano.ShouldBe(100);
    }

    [Fact]
    public void GiftedMoney_IsSpentFirstAndTakenBackLast()
    {
        _shelf.Grant(40, promotional: true);
        _shelf.Grant(100);
        var op = Shelf.NewOp(_shelf.Account, 60);
        _shelf.Reserve(op);

        _shelf.Close(Shelf.Ended(op, OpState.Settled, 30));
        (_shelf.Wallet.PostedNano, _shelf.Wallet.PromotionalNano).ShouldBe((110, 10));
        _shelf.Entries[^1].PromotionalNano.ShouldBe(-30);

        _shelf.Grant(-100);
        (_shelf.Wallet.PostedNano, _shelf.Wallet.PromotionalNano).ShouldBe((10, 10));
        _shelf.Grant(-4);
        (_shelf.Wallet.PostedNano, _shelf.Wallet.PromotionalNano).ShouldBe((6, 6));
    }

    private static BudgetLimit LimitOf(Guid key, long nano) => new(key, new Money(nano), Shelf.Noon.AddHours(-12));

    private BudgetLimit Limit(long nano) => LimitOf(_shelf.ApiKey, nano);

    private GrantOrder Credit(long nano, string key, string fingerprint) =>
        new(_shelf.Account, new Money(nano), "admin", Guid.NewGuid().ToString("N"), "for the test")
        {
            Idempotency = (key, fingerprint),
        };

    private GrantOrder Refund(long number, string eventId) =>
        new(_shelf.Account, Money.Zero, "refund", eventId, "for the test") { ReversalOf = number };
}
