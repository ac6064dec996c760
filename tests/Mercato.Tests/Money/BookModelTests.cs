using CsCheck;
using Mercato.Ledger;

namespace Mercato.Tests.Spending;

/// <summary>Random commands in random order, with repeats, against a model of plain arithmetic.</summary>
public sealed class BookModelTests
{
    /// <summary>What a step does; the number picks the op, the amount its bound, its cost or the credit.</summary>
    private enum Act
    {
        Grant,
        Gift,
        Deduct,
        Reserve,
        Settle,
        Void,
        Lose,
    }

    private static readonly Act[] Dice =
    [
        Act.Grant, Act.Gift, Act.Deduct, Act.Reserve, Act.Reserve, Act.Reserve, Act.Settle, Act.Settle, Act.Void,
        Act.Lose,
    ];

    private static readonly Gen<(Act Act, int Account, int Op, long Amount)> Step = Gen.Select(
        Gen.Int[0, Dice.Length - 1].Select(side => Dice[side]), Gen.Int[0, 1], Gen.Int[0, 9], Gen.Long[0, 120]);

    [Fact]
    public void AnySequence_KeepsEveryWalletExplained() =>
        Step.Array[1, 60].Sample(steps =>
        {
            var world = new World();
            foreach (var (act, account, op, amount) in steps)
            {
                world.Do(act, account, op, amount);
                world.Check();
            }
        }, iter: 500);

    private sealed record Known(long Bound, OpState State, long Cost, bool Lost);

    /// <summary>The book under test beside the model: balances, holds, debts and ops as plain numbers.</summary>
    private sealed class World
    {
        private readonly Shelf _shelf = new();
        private readonly Guid[] _accounts;
        private readonly Dictionary<(int Account, int Op), Op> _ops = [];
        private readonly Dictionary<(int Account, int Op), Known> _model = [];
        private readonly long[] _posted = new long[2];
        private readonly long[] _owed = new long[2];

        public World() => _accounts = [_shelf.Account, Guid.CreateVersion7()];

        public void Do(Act act, int account, int op, long amount)
        {
            switch (act)
            {
                case Act.Grant or Act.Gift or Act.Deduct:
                    Credit(account, act == Act.Deduct ? -amount : amount, act == Act.Gift);
                    break;
                case Act.Reserve:
                    Reserve(account, op, amount);
                    break;
                default:
                    Close(account, op, act, amount);
                    break;
            }
        }

        public void Check()
        {
            for (var i = 0; i < 2; i++)
            {
                var wallet = _shelf.WalletOf(_accounts[i]);
                wallet.PostedNano.ShouldBe(_posted[i]);
                wallet.HeldNano.ShouldBe(HeldBy(i));
                wallet.ReceivableNano.ShouldBe(_owed[i]);
                wallet.HeldNano.ShouldBeGreaterThanOrEqualTo(0);
                wallet.PostedNano.ShouldBeGreaterThanOrEqualTo(wallet.HeldNano);
                wallet.PromotionalNano.ShouldBeInRange(0, wallet.PostedNano);
                var entries = _shelf.Entries.Where(entry => entry.AccountId == _accounts[i]).ToList();
                entries.Sum(entry => entry.AmountNano).ShouldBe(wallet.PostedNano);
                entries.Sum(entry => entry.PromotionalNano).ShouldBe(wallet.PromotionalNano);
                entries.Select(entry => entry.Number).ShouldBe(Enumerable.Range(1, entries.Count).Select(n => (long)n));
            }

            _shelf.Entries.Where(entry => entry.OpId is not null)
                .GroupBy(entry => (entry.OpId, entry.Kind)).ShouldAllBe(same => same.Count() == 1);
        }

        private long HeldBy(int account) =>
            _model.Where(op => op.Key.Account == account && op.Value.State == OpState.Open).Sum(op => op.Value.Bound);

        private void Credit(int account, long amount, bool gift)
        {
            var order = new GrantOrder(
                _accounts[account], new Money(amount), "model", Guid.NewGuid().ToString("N"), null);
            var outcome = _shelf.Grant(order with { Promotional = gift });
            if (_posted[account] - HeldBy(account) + Math.Min(amount, 0) < 0)
            {
                outcome.ShouldBeOfType<GrantOutcome.NotEnough>();
                return;
            }

            outcome.ShouldBeOfType<GrantOutcome.Granted>();
            _posted[account] += amount;
            var paid = Math.Min(_owed[account], _posted[account] - HeldBy(account));
            _owed[account] -= paid;
            _posted[account] -= paid;
        }

        private void Reserve(int account, int number, long bound)
        {
            if (_ops.TryGetValue((account, number), out var known))
            {
                // A repeat of a batch: what it did stands, and it does nothing.
                (_shelf.Reserve(known) is ReserveOutcome.Reserved)
                    .ShouldBe(_model[(account, number)].State == OpState.Open);
                return;
            }

            var op = Shelf.NewOp(_accounts[account], bound);
            var outcome = _shelf.Reserve(op);
            var fits = bound <= _posted[account] - HeldBy(account) && (_owed[account] == 0 || bound == 0);
            (outcome is ReserveOutcome.Reserved).ShouldBe(fits);
            if (fits)
            {
                _ops[(account, number)] = op;
                _model[(account, number)] = new Known(bound, OpState.Open, 0, false);
            }
        }

        private void Close(int account, int number, Act act, long amount)
        {
            if (!_ops.TryGetValue((account, number), out var op))
            {
                return;
            }

            var (bound, state, earlier, lost) = _model[(account, number)];
            var cost = act == Act.Void ? 0 : Math.Min(amount, bound);
            var ending = act == Act.Void ? OpState.Void : OpState.Settled;
            var changed = _shelf.Close(Shelf.Ended(
                op, ending, act == Act.Void ? 0 : amount, act == Act.Lose ? Book.NodeLost : "complete"));
            // What the sweep has charged is not undone by a late end that costs nothing.
            changed.ShouldBe(state == OpState.Open || (lost && act != Act.Lose && (act != Act.Void || earlier == 0)));
            if (!changed)
            {
                return;
            }

            _model[(account, number)] = new Known(bound, ending, Math.Max(cost, earlier), act == Act.Lose);
            var extra = Math.Max(0, cost - earlier);
            // Released with the end; a late one takes what is left and owes the rest.
            var paid = Math.Min(extra, _posted[account] - HeldBy(account));
            _posted[account] -= paid;
            _owed[account] += extra - paid;
        }
    }
}
