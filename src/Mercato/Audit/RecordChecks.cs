namespace Mercato.Audit;

/// <summary>What belongs together across tables, and what may stand only once.</summary>
internal sealed class RecordChecks(AuditRun run)
{
    private const string NotACharge = "no charge of this account";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (run.Window.IsAll)
        {
            await CheckOwnersAsync(cancellationToken);
        }

        await CheckCallsAsync(cancellationToken);
        await CheckCreditsAsync(cancellationToken);
        await CheckRefundsAsync(cancellationToken);
        await CheckChangesAsync(cancellationToken);
    }

    private async Task CheckOwnersAsync(CancellationToken cancellationToken)
    {
        foreach (var (table, name) in new[] { ("entries", "Entries"), ("ops", "Calls"), ("leases", "Leases") })
        {
            await foreach (var row in run.View.ReadAsync(
                $"SELECT account_id FROM {table} EXCEPT SELECT account_id FROM wallets", run.Window, cancellationToken))
            {
                run.Find(AuditRule.Wallet, row.GetGuid(0), $"{name} belong to an account that has no wallet.");
            }
        }
    }

    /// <summary>Charges and leases whose call is not there.</summary>
    private async Task CheckCallsAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            $"""
            {run.Window.With}
            SELECT e.account_id, e.number, e.op_id, e.amount_nano FROM {run.Window.Entries}
            WHERE e.op_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM ops o WHERE o.account_id = e.account_id AND o.id = e.op_id)
            """, run.Window, cancellationToken))
        {
            var number = row.GetInt64(1);
            run.Find(AuditRule.EntryCall, row.GetGuid(0), $"Entry {number} moves {Dollars.Show(row.GetInt64(3))} for a call "
                + "that this account never made.", row.GetGuid(2), number);
        }

        await foreach (var row in run.View.ReadAsync(
            $"""
            SELECT l.account_id, l.id, l.granted_nano FROM {run.Window.Leases}
            WHERE NOT EXISTS (SELECT 1 FROM ops o WHERE o.account_id = l.account_id AND o.id = l.id)
            """, run.Window, cancellationToken))
        {
            run.Find(AuditRule.Lease, row.GetGuid(0),
                $"A lease of {Dollars.Show(row.GetInt64(2))} belongs to no call.", row.GetGuid(1));
        }
    }

    private async Task CheckCreditsAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            $"""
            {run.Window.With}
            SELECT e.account_id, e.number, e.source, e.event_id, e.amount_nano FROM {run.Window.Entries}
            WHERE e.source IS NOT NULL AND e.event_id IS NOT NULL
                AND (SELECT COUNT(*) FROM entries d WHERE d.source = e.source AND d.event_id = e.event_id) > 1
            """, run.Window, cancellationToken))
        {
            var number = row.GetInt64(1);
            run.Find(AuditRule.CreditOnce, row.GetGuid(0), $"Entry {number} books {Dollars.Show(row.GetInt64(4))} for the event "
                + $"'{row.GetString(3)}' of '{row.GetString(2)}', which another entry books too.", entry: number);
        }
    }

    private async Task CheckRefundsAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            $"""
            {run.Window.With}
            SELECT e.account_id, e.number, e.reversal_of, e.amount_nano, e.promotional_nano, r.kind, r.amount_nano,
                r.promotional_nano,
                (SELECT COUNT(*) FROM entries d WHERE d.account_id = e.account_id AND d.reversal_of = e.reversal_of)
            FROM {run.Window.Entries}
                LEFT JOIN entries r ON r.account_id = e.account_id AND r.number = e.reversal_of
            WHERE e.reversal_of IS NOT NULL
            """, run.Window, cancellationToken))
        {
            var (account, number, of) = (row.GetGuid(0), row.GetInt64(1), row.GetInt64(2));
            var reversed = row.TextOrNull(5);
            if (row.GetInt64(8) > 1)
            {
                run.Find(AuditRule.Refund, account, $"Entry {number} gives entry {of} back, and so does another.", entry: number);
            }

            if (reversed is not ("charge" or "late_charge") || of >= number)
            {
                run.Find(AuditRule.Refund, account, $"Entry {number} gives entry {of} back, which is "
                    + (reversed is null || of >= number ? NotACharge : $"a {reversed}") + ".", entry: number);
            }
            else if (row.GetInt64(3) != -(Int128)row.GetInt64(6) || row.GetInt64(4) != -(Int128)row.GetInt64(7))
            {
                run.Find(AuditRule.Refund, account, $"Entry {number} gives {Dollars.Show(row.GetInt64(3))} back for entry {of}, "
                    + $"which took {Dollars.Show(-(Int128)row.GetInt64(6))}.", entry: number);
            }
        }
    }

    private async Task CheckChangesAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            $"""
            SELECT c.account_id, c.entry_number, e.kind FROM idempotent_changes c
                LEFT JOIN entries e ON e.account_id = c.account_id AND e.number = c.entry_number
            {(run.Window.IsAll ? "" : "WHERE c.created_at >= @since")}
            """, run.Window, cancellationToken))
        {
            if (row.TextOrNull(2) is not ("credit" or "deduction" or "refund"))
            {
                var number = row.GetInt64(1);
                run.Find(AuditRule.Idempotency, row.GetGuid(0),
                    $"A repeated request would answer with entry {number}, which is no credit of this account.", entry: number);
            }
        }
    }
}
