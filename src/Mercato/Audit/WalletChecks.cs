using System.Data.Common;

namespace Mercato.Audit;

/// <summary>
/// Reads every wallet with its entries in their order and adds them up anew: no figure of the wallet is believed, and
/// no sum can overflow.
/// </summary>
internal sealed class WalletChecks(AuditRun run, HoldChecks holds, IReadOnlyDictionary<Guid, Int128> unpaid)
{
    public long Wallets { get; private set; }

    public long Entries { get; private set; }

    public Int128 Posted { get; private set; }

    public Int128 Held { get; private set; }

    public Int128 Promotional { get; private set; }

    public Int128 Receivable { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        WalletHistory? wallet = null;
        await foreach (var row in run.View.ReadAsync(
            $"""
            {run.Window.With}
            SELECT w.account_id, w.posted_nano, w.held_nano, w.promotional_nano, w.receivable_nano, w.entry_count,
                {run.Window.Base}, e.number, e.kind, e.amount_nano, e.balance_nano, e.promotional_nano, e.op_id,
                e.source, e.event_id, e.reversal_of
            FROM {run.Window.EntriesOfWallets}
            ORDER BY w.account_id, e.number
            """, run.Window, cancellationToken))
        {
            var account = row.GetGuid(0);
            if (wallet is null || wallet.Account != account)
            {
                Finish(wallet);
                wallet = new WalletHistory(run, row);
            }

            if (!row.IsDBNull(7))
            {
                Entries++;
                wallet.Take(row);
            }
        }

        Finish(wallet);
    }

    private void Finish(WalletHistory? wallet)
    {
        if (wallet is null)
        {
            return;
        }

        Wallets++;
        Posted += wallet.Posted;
        Held += wallet.Held;
        Promotional += wallet.Promotional;
        Receivable += wallet.Receivable;
        CheckFigures(wallet);
        wallet.CheckSums();
        if (run.Window.IsAll)
        {
            wallet.CheckWhole(unpaid.GetValueOrDefault(wallet.Account));
        }
    }

    private void CheckFigures(WalletHistory wallet)
    {
        var (account, posted, held) = (wallet.Account, wallet.Posted, wallet.Held);
        if (held < 0 || posted < held || wallet.Receivable < 0)
        {
            run.Find(AuditRule.NoDebt, account, $"The wallet has {Dollars.Show(posted)}, of which {Dollars.Show(held)} is "
                + $"held; it owes {Dollars.Show(wallet.Receivable)}.");
        }

        if (wallet.Promotional < 0 || wallet.Promotional > posted)
        {
            run.Find(AuditRule.Promotional, account, $"{Dollars.Show(wallet.Promotional)} is promotional of a balance of "
                + $"{Dollars.Show(posted)}.");
        }

        var byOps = holds.ByOps.GetValueOrDefault(account);
        if (byOps != held)
        {
            run.Find(AuditRule.Held, account, $"The wallet holds {Dollars.Show(held)}, but its running calls account for "
                + $"{Dollars.Show(byOps)}.");
        }

        var byLeases = holds.ByLeases.GetValueOrDefault(account);
        if (byLeases != held)
        {
            run.Find(AuditRule.Held, account, $"The wallet holds {Dollars.Show(held)}, but its open leases have "
                + $"{Dollars.Show(byLeases)} outstanding.");
        }
    }
}

/// <summary>A wallet, and what its entries add up to so far.</summary>
internal sealed class WalletHistory(AuditRun run, DbDataReader wallet)
{
    private readonly long _entryCount = wallet.GetInt64(5);
    private readonly long _base = wallet.GetInt64(6);
    private Int128 _sum;
    private Int128 _promotional;
    private Int128 _debtPaid;
    private long _last;
    private long _balance;

    public Guid Account { get; } = wallet.GetGuid(0);

    public long Posted { get; } = wallet.GetInt64(1);

    public long Held { get; } = wallet.GetInt64(2);

    public long Promotional { get; } = wallet.GetInt64(3);

    public long Receivable { get; } = wallet.GetInt64(4);

    public void Take(DbDataReader row)
    {
        var (number, amount, balance) = (row.GetInt64(7), row.GetInt64(9), row.GetInt64(10));
        if (_last == 0 && _base > 0 && number == _base)
        {
            // Where the window begins: an audit of everything has judged this one.
            (_last, _balance, _sum) = (number, balance, balance);
            return;
        }

        _sum += amount;
        _promotional += row.GetInt64(11);
        CheckKind(row, number, amount);
        if (number != _last + 1)
        {
            run.Find(AuditRule.History, Account, _last == 0
                ? $"The history starts with entry {number}, not with 1."
                : $"After entry {_last} comes {number}.", entry: number);
        }
        else if ((Int128)_balance + amount != balance)
        {
            run.Find(AuditRule.History, Account, $"Entry {number} moves {Dollars.Show(amount)} on a balance of "
                + $"{Dollars.Show(_balance)}, but says {Dollars.Show(balance)} after it.", entry: number);
        }

        (_last, _balance) = (number, balance);
    }

    public void CheckSums()
    {
        if (_sum != Posted)
        {
            run.Find(AuditRule.Posted, Account, $"The wallet says {Dollars.Show(Posted)}, but its entries add up to "
                + $"{Dollars.Show(_sum)}.");
        }

        if (_last != _entryCount)
        {
            run.Find(AuditRule.Posted, Account, $"The wallet says it has {_entryCount} entries, but the last one is number "
                + $"{_last}.");
        }
    }

    /// <summary>What only the whole history tells.</summary>
    public void CheckWhole(Int128 unpaid)
    {
        if (_promotional != Promotional)
        {
            run.Find(AuditRule.Promotional, Account, $"The wallet says {Dollars.Show(Promotional)} of it is promotional, but "
                + $"its entries make it {Dollars.Show(_promotional)}.");
        }

        if (unpaid - _debtPaid != Receivable)
        {
            run.Find(AuditRule.Owed, Account, $"The wallet owes {Dollars.Show(Receivable)}, but its late calls left "
                + $"{Dollars.Show(unpaid)} unpaid, of which {Dollars.Show(_debtPaid)} was paid since.");
        }
    }

    private void CheckKind(DbDataReader row, long number, long amount)
    {
        var kind = row.GetString(8);
        var (hasOp, isReversal) = (!row.IsDBNull(12), !row.IsDBNull(15));
        var (source, @event) = (!row.IsDBNull(13), !row.IsDBNull(14));
        var isWhole = kind switch
        {
            "credit" => amount >= 0 && !hasOp && source && @event && !isReversal,
            "deduction" => amount < 0 && !hasOp && source && @event && !isReversal,
            "charge" or "late_charge" => amount < 0 && hasOp && !source && !@event && !isReversal,
            "refund" => amount > 0 && !hasOp && source && @event && isReversal,
            "debt_payment" => amount < 0 && !hasOp && !source && !@event && !isReversal,
            _ => false,
        };
        if (!isWhole)
        {
            run.Find(AuditRule.EntryKind, Account, $"Entry {number} is a {kind} of {Dollars.Show(amount)} "
                + $"{(hasOp ? "with" : "without")} a call, {(source && @event ? "with" : "without")} an event, "
                + $"{(isReversal ? "with" : "without")} an entry to give back.", entry: number);
        }

        if (kind == "debt_payment")
        {
            _debtPaid -= amount;
        }

        Int128 promotional = row.GetInt64(11);
        if (Int128.Abs(promotional) > Int128.Abs(amount) || (promotional != 0 && promotional > 0 != amount > 0))
        {
            run.Find(AuditRule.Promotional, Account, $"Entry {number} moves {Dollars.Show(amount)}, and of that "
                + $"{Dollars.Show(promotional)} is promotional.", entry: number);
        }
    }
}
