using Mercato.Data;

namespace Mercato.Audit;

/// <summary>A server, as the ledger knows it.</summary>
internal sealed record AuditNode(long Epoch, DateTimeOffset DeadlineAt, DateTimeOffset? ClosedAt);

/// <summary>
/// What running calls and open leases hold, by wallet and by key, counted from them alone. There are never more of them
/// than calls run at once.
/// </summary>
internal sealed class HoldChecks(AuditRun run)
{
    /// <summary>A server that died is noticed, and its calls are closed, within this time.</summary>
    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(150);

    /// <summary>After its time is up, a call still has to be settled.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMinutes(5);

    public Dictionary<Guid, Int128> ByOps { get; } = [];

    public Dictionary<Guid, Int128> ByLeases { get; } = [];

    public Dictionary<Guid, AuditNode> Nodes { get; } = [];

    public long OpenOps { get; private set; }

    public long Budgets { get; private set; }

    private Dictionary<(Guid Account, Guid Key), Int128> ByKey { get; } = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            "SELECT id, epoch, deadline_at, closed_at FROM nodes", AuditWindow.All, cancellationToken))
        {
            Nodes[row.GetGuid(0)] = new AuditNode(row.GetInt64(1), Instant.FromMicros(row.GetInt64(2)),
                row.LongOrNull(3) is { } closed ? Instant.FromMicros(closed) : null);
        }

        await ReadOpsAsync(cancellationToken);
        await foreach (var row in run.View.ReadAsync(
            "SELECT account_id, granted_nano, settled_nano, returned_nano FROM leases WHERE closed_at IS NULL",
            AuditWindow.All, cancellationToken))
        {
            Add(ByLeases, row.GetGuid(0), (Int128)row.GetInt64(1) - row.GetInt64(2) - row.GetInt64(3));
        }

        await CheckBudgetsAsync(cancellationToken);
    }

    private async Task ReadOpsAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            """
            SELECT account_id, id, api_key_id, bound_nano, budget_nano, created_at, node_id
            FROM ops WHERE state = 'open'
            """, AuditWindow.All, cancellationToken))
        {
            OpenOps++;
            var (account, op) = (row.GetGuid(0), row.GetGuid(1));
            Add(ByOps, account, row.GetInt64(3));
            if (row.LongOrNull(4) is { } budget)
            {
                if (row.IdOrNull(2) is { } key)
                {
                    Add(ByKey, (account, key), budget);
                }
                else
                {
                    run.Find(AuditRule.Budget, account, "A running call counts in a key's budget but names no key.", op);
                }
            }

            CheckAge(account, op, Instant.FromMicros(row.GetInt64(5)), Nodes.GetValueOrDefault(row.GetGuid(6)));
        }
    }

    private void CheckAge(Guid account, Guid op, DateTimeOffset since, AuditNode? node)
    {
        var dead = node is null ? since : node.ClosedAt ?? node.DeadlineAt;
        if (run.Now - since > run.LongestCall + SettleTime)
        {
            run.Find(AuditRule.CallStuck, account,
                $"A call is open since {since:u}, longer than any call may last ({run.LongestCall}).", op);
        }
        else if (run.Now - dead > SweepTime)
        {
            run.Find(AuditRule.CallStuck, account,
                $"A call is open though its server died at {dead:u}. A running server closes it; is none running?", op);
        }
    }

    private async Task CheckBudgetsAsync(CancellationToken cancellationToken)
    {
        await foreach (var row in run.View.ReadAsync(
            "SELECT account_id, api_key_id, spent_nano, held_nano FROM budgets", AuditWindow.All, cancellationToken))
        {
            Budgets++;
            var (account, key, spent, held) = (row.GetGuid(0), row.GetGuid(1), row.GetInt64(2), row.GetInt64(3));
            ByKey.Remove((account, key), out var explained);
            if (held != explained)
            {
                run.Find(AuditRule.Budget, account, $"The budget of key {key} holds {Dollars.Show(held)}, but the key's "
                    + $"running calls account for {Dollars.Show(explained)}.");
            }

            if (held < 0 || spent < 0)
            {
                run.Find(AuditRule.Budget, account, $"The budget of key {key} is below zero: {Dollars.Show(spent)} spent, "
                    + $"{Dollars.Show(held)} held.");
            }
        }

        foreach (var ((account, key), held) in ByKey.Where(pair => pair.Value != 0))
        {
            run.Find(AuditRule.Budget, account,
                $"Running calls of key {key} hold {Dollars.Show(held)} of a budget that does not exist.");
        }
    }

    private static void Add<T>(Dictionary<T, Int128> sums, T key, Int128 amount) where T : notnull =>
        sums[key] = sums.GetValueOrDefault(key) + amount;
}
