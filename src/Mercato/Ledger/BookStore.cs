using Mercato.Data;

namespace Mercato.Ledger;

/// <summary>What the commands of a batch will look at.</summary>
internal sealed class BookKeys
{
    public HashSet<Guid> Accounts { get; } = [];

    public HashSet<(Guid AccountId, Guid OpId)> Ops { get; } = [];

    public HashSet<(Guid AccountId, Guid ApiKeyId)> Budgets { get; } = [];

    public HashSet<(string Source, string EventId)> Credits { get; } = [];

    public HashSet<(Guid AccountId, string Key)> Changes { get; } = [];

    public HashSet<(Guid AccountId, long Number)> Entries { get; } = [];
}

/// <summary>
/// Reads the rows that a batch needs, locked, and writes what it changed: a fixed number of statements however large
/// the batch is.
/// </summary>
internal static class BookStore
{
    public static async Task LoadAsync(Sql sql, Book book, BookKeys keys, CancellationToken cancellationToken)
    {
        await LoadWalletsAsync(sql, book, keys.Accounts, cancellationToken);
        if (keys.Ops.Count > 0)
        {
            await LoadOpsAsync(sql, book, keys, cancellationToken);
        }

        foreach (var (accountId, key) in book.Ops.Values.Where(op => op.BudgetNano is not null)
            .Select(op => (op.AccountId, op.ApiKeyId)))
        {
            keys.Budgets.Add((accountId, key!.Value));
        }

        if (keys.Budgets.Count > 0)
        {
            await LoadBudgetsAsync(sql, book, keys.Budgets, cancellationToken);
        }

        await LoadCreditsAsync(sql, book, keys, cancellationToken);
    }

    public static async Task SaveAsync(Sql sql, Book book, CancellationToken cancellationToken)
    {
        await SaveOpsAsync(sql, book, cancellationToken);
        await SaveEntriesAsync(sql, book, cancellationToken);
        await SaveBalancesAsync(sql, book, cancellationToken);
    }

    private static async Task LoadWalletsAsync(
        Sql sql, Book book, HashSet<Guid> accounts, CancellationToken cancellationToken)
    {
        var missing = accounts.Where(id => !book.Wallets.ContainsKey(id)).Select(id => new object?[] { id }).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        await sql.ExecuteRowsAsync(
            """
            WITH v(id) AS (VALUES {rows})
            INSERT INTO wallets (account_id, posted_nano, held_nano, promotional_nano, receivable_nano, entry_count)
            SELECT v.id, 0, 0, 0, 0, 0 FROM v WHERE NOT EXISTS (SELECT 1 FROM wallets w WHERE w.account_id = v.id)
            ON CONFLICT (account_id) DO NOTHING
            """, missing, cancellationToken);

        // Locked in the order of ids, so that two nodes never wait for each other.
        var rows = await sql.QueryAsync(
            $"""
            SELECT account_id, posted_nano, held_nano, promotional_nano, receivable_nano, entry_count
            FROM wallets WHERE account_id IN {List(missing)} ORDER BY account_id{sql.ForUpdate}
            """, Values(missing), reader => new Wallet
            {
                AccountId = reader.GetGuid(0),
                PostedNano = reader.GetInt64(1),
                HeldNano = reader.GetInt64(2),
                PromotionalNano = reader.GetInt64(3),
                ReceivableNano = reader.GetInt64(4),
                EntryCount = reader.GetInt64(5),
            }, cancellationToken);
        foreach (var wallet in rows)
        {
            book.Wallets[wallet.AccountId] = wallet;
        }
    }

    private static async Task LoadOpsAsync(Sql sql, Book book, BookKeys keys, CancellationToken cancellationToken)
    {
        var rows = Pairs(keys.Ops);
        var ops = await sql.QueryAsync(
            $"""
            SELECT account_id, id, api_key_id, state, bound_nano, budget_nano, progress_nano, cost_nano,
                settlement_reason
            FROM ops WHERE (account_id, id) IN (VALUES {Sql.Rows(rows)})
            """, Values(rows), reader => new KnownOp(
                reader.GetGuid(0), reader.GetGuid(1), Sql.ReadOptionalGuid(reader, 2),
                Names.Parse<OpState>(reader.GetString(3)), reader.GetInt64(4), Sql.ReadLong(reader, 5),
                reader.GetInt64(6), reader.GetInt64(7), Sql.ReadText(reader, 8)), cancellationToken);
        foreach (var op in ops)
        {
            book.Ops[op.Id] = op;
        }
    }

    private static async Task LoadBudgetsAsync(
        Sql sql, Book book, HashSet<(Guid AccountId, Guid ApiKeyId)> budgets, CancellationToken cancellationToken)
    {
        var rows = Pairs(budgets);
        await sql.ExecuteRowsAsync(
            """
            WITH v(account_id, api_key_id) AS (VALUES {rows})
            INSERT INTO budgets (account_id, api_key_id, period_starts_at, spent_nano, held_nano)
            SELECT v.account_id, v.api_key_id, 0, 0, 0 FROM v WHERE 1 = 1
            ON CONFLICT (account_id, api_key_id) DO NOTHING
            """, rows, cancellationToken);
        var known = await sql.QueryAsync(
            $"""
            SELECT account_id, api_key_id, period_starts_at, spent_nano, held_nano FROM budgets
            WHERE (account_id, api_key_id) IN (VALUES {Sql.Rows(rows)}) ORDER BY account_id, api_key_id{sql.ForUpdate}
            """, Values(rows), reader => new Budget
            {
                AccountId = reader.GetGuid(0),
                ApiKeyId = reader.GetGuid(1),
                PeriodStartsAt = Instant.FromMicros(reader.GetInt64(2)),
                SpentNano = reader.GetInt64(3),
                HeldNano = reader.GetInt64(4),
            }, cancellationToken);
        foreach (var budget in known)
        {
            book.Budgets[(budget.AccountId, budget.ApiKeyId)] = budget;
        }
    }

    private static async Task LoadCreditsAsync(Sql sql, Book book, BookKeys keys, CancellationToken cancellationToken)
    {
        foreach (var (accountId, key) in keys.Changes)
        {
            foreach (var change in await sql.QueryAsync(
                "SELECT fingerprint, entry_number, created_at FROM idempotent_changes WHERE account_id = @p0 AND key = @p1",
                [accountId, key], reader => new IdempotentChange
                {
                    AccountId = accountId,
                    Key = key,
                    Fingerprint = reader.GetString(0),
                    EntryNumber = reader.GetInt64(1),
                    CreatedAt = Instant.FromMicros(reader.GetInt64(2)),
                }, cancellationToken))
            {
                book.Changes[(accountId, key)] = change;
                keys.Entries.Add((accountId, change.EntryNumber));
            }
        }

        foreach (var (source, eventId) in keys.Credits)
        {
            foreach (var entry in await EntriesAsync(
                sql, "source = @p0 AND event_id = @p1", [source, eventId], cancellationToken))
            {
                book.Credits[(source, eventId)] = entry;
            }
        }

        foreach (var (accountId, number) in keys.Entries)
        {
            foreach (var entry in await EntriesAsync(sql,
                "account_id = @p0 AND (number = @p1 OR reversal_of = @p1)", [accountId, number], cancellationToken))
            {
                book.Entries[(entry.AccountId, entry.Number)] = entry;
            }
        }
    }

    private static Task<List<Entry>> EntriesAsync(
        Sql sql, string where, object?[] values, CancellationToken cancellationToken) =>
        sql.QueryAsync(
            $"""
            SELECT account_id, number, kind, amount_nano, balance_nano, promotional_nano, op_id, source, event_id,
                reversal_of, reason, actor_id, created_at
            FROM entries WHERE {where}
            """, values, reader => new Entry
            {
                AccountId = reader.GetGuid(0),
                Number = reader.GetInt64(1),
                Kind = Names.Parse<EntryKind>(reader.GetString(2)),
                AmountNano = reader.GetInt64(3),
                BalanceNano = reader.GetInt64(4),
                PromotionalNano = reader.GetInt64(5),
                OpId = Sql.ReadOptionalGuid(reader, 6),
                Source = Sql.ReadText(reader, 7),
                EventId = Sql.ReadText(reader, 8),
                ReversalOf = Sql.ReadLong(reader, 9),
                Reason = Sql.ReadText(reader, 10),
                ActorId = Sql.ReadOptionalGuid(reader, 11),
                CreatedAt = Instant.FromMicros(reader.GetInt64(12)),
            }, cancellationToken);

    private static async Task SaveOpsAsync(Sql sql, Book book, CancellationToken cancellationToken)
    {
        if (book.NewOps.Count > 0)
        {
            await sql.ExecuteRowsAsync(OpColumns.Insert, [.. book.NewOps.Select(OpColumns.InsertRow)],
                cancellationToken);
            await sql.ExecuteRowsAsync(
                """
                INSERT INTO leases (account_id, id, node_id, epoch, granted_nano, settled_nano, returned_nano)
                VALUES {rows}
                """, [.. book.NewOps.Select(op => new object?[]
                {
                    op.AccountId, op.LeaseId, op.NodeId, op.Epoch, op.BoundNano, 0, 0,
                })], cancellationToken);
        }

        if (book.ClosedOps.Count > 0)
        {
            await sql.ExecuteRowsAsync(OpColumns.Close, [.. book.ClosedOps.Select(OpColumns.CloseRow)],
                cancellationToken);
        }

        if (book.ClosedLeases.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                WITH v(account_id, id, settled_nano, returned_nano, closed_at) AS (VALUES {rows})
                UPDATE leases SET settled_nano = v.settled_nano, returned_nano = v.returned_nano,
                    closed_at = v.closed_at
                FROM v WHERE leases.account_id = v.account_id AND leases.id = v.id
                """, [.. book.ClosedLeases.Select(lease => new object?[]
                {
                    lease.AccountId, lease.Id, lease.SettledNano, lease.ReturnedNano, lease.ClosedAt!.Value,
                })], cancellationToken);
        }

        if (book.Progress.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                WITH v(account_id, id, progress_nano) AS (VALUES {rows})
                UPDATE ops SET progress_nano = v.progress_nano
                FROM v WHERE ops.account_id = v.account_id AND ops.id = v.id AND ops.state = 'open'
                """, [.. book.Progress.Select(row => new object?[] { row.Key.AccountId, row.Key.OpId, row.Value })],
                cancellationToken);
        }
    }

    private static async Task SaveEntriesAsync(Sql sql, Book book, CancellationToken cancellationToken)
    {
        if (book.NewEntries.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                INSERT INTO entries (account_id, number, kind, amount_nano, balance_nano, promotional_nano, op_id,
                    source, event_id, reversal_of, reason, actor_id, created_at)
                VALUES {rows}
                """, [.. book.NewEntries.Select(entry => new object?[]
                {
                    entry.AccountId, entry.Number, Names.Text(entry.Kind), entry.AmountNano, entry.BalanceNano,
                    entry.PromotionalNano, Sql.Optional(entry.OpId), Sql.Optional(entry.Source),
                    Sql.Optional(entry.EventId), Sql.Optional(entry.ReversalOf), Sql.Optional(entry.Reason),
                    Sql.Optional(entry.ActorId), entry.CreatedAt,
                })], cancellationToken);
        }

        if (book.NewChanges.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                INSERT INTO idempotent_changes (account_id, key, fingerprint, entry_number, created_at) VALUES {rows}
                """, [.. book.NewChanges.Select(change => new object?[]
                {
                    change.AccountId, change.Key, change.Fingerprint, change.EntryNumber, change.CreatedAt,
                })], cancellationToken);
        }
    }

    private static async Task SaveBalancesAsync(Sql sql, Book book, CancellationToken cancellationToken)
    {
        if (book.ChangedWallets.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                WITH v(account_id, posted_nano, held_nano, promotional_nano, receivable_nano, entry_count)
                    AS (VALUES {rows})
                UPDATE wallets SET posted_nano = v.posted_nano, held_nano = v.held_nano,
                    promotional_nano = v.promotional_nano, receivable_nano = v.receivable_nano,
                    entry_count = v.entry_count
                FROM v WHERE wallets.account_id = v.account_id
                """, [.. book.ChangedWallets.Select(id => book.Wallets[id]).Select(wallet => new object?[]
                {
                    wallet.AccountId, wallet.PostedNano, wallet.HeldNano, wallet.PromotionalNano,
                    wallet.ReceivableNano, wallet.EntryCount,
                })], cancellationToken);
        }

        if (book.ChangedBudgets.Count > 0)
        {
            await sql.ExecuteRowsAsync(
                """
                WITH v(account_id, api_key_id, period_starts_at, spent_nano, held_nano) AS (VALUES {rows})
                UPDATE budgets SET period_starts_at = v.period_starts_at, spent_nano = v.spent_nano,
                    held_nano = v.held_nano
                FROM v WHERE budgets.account_id = v.account_id AND budgets.api_key_id = v.api_key_id
                """, [.. book.ChangedBudgets.Select(key => book.Budgets[key]).Select(budget => new object?[]
                {
                    budget.AccountId, budget.ApiKeyId, budget.PeriodStartsAt, budget.SpentNano, budget.HeldNano,
                })], cancellationToken);
        }
    }

    private static List<object?[]> Pairs(IEnumerable<(Guid First, Guid Second)> pairs) =>
        [.. pairs.Order().Select(pair => new object?[] { pair.First, pair.Second })];

    private static object?[] Values(List<object?[]> rows) => [.. rows.SelectMany(row => row)];

    private static string List(List<object?[]> rows) =>
        "(" + string.Join(", ", Enumerable.Range(0, rows.Count).Select(i => "@p" + i)) + ")";
}
