namespace Mercato.Ledger;

/// <summary>
/// This server's place in the ledger. The database gives it an epoch and a deadline; every batch renews the deadline
/// in its own transaction, and a batch of a node that has been closed meanwhile cannot commit.
/// </summary>
internal sealed class LedgerNode
{
    /// <summary>How long the ops of a silent node are safe from the sweep, by the database's clock.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private static readonly long LifetimeMicros = Lifetime.Ticks / (TimeSpan.TicksPerMillisecond / 1000);

    // One reference, so that the writer and the sweep never read half of a new identity.
    private volatile Identity _identity = new(Guid.Empty, 0);

    public Guid Id => _identity.Id;

    public long Epoch => _identity.Epoch;

    /// <summary>Renews inside the batch's transaction; a node that was closed comes back under a new id.</summary>
    public async Task RenewAsync(Sql sql, CancellationToken cancellationToken)
    {
        var renewed = await sql.ExecuteAsync(
            $"UPDATE nodes SET deadline_at = {sql.Now} + @p0 WHERE id = @p1 AND epoch = @p2 AND closed_at IS NULL",
            [LifetimeMicros, Id, Epoch], cancellationToken);
        if (renewed == 0)
        {
            await RegisterAsync(sql, cancellationToken);
        }
    }

    private async Task RegisterAsync(Sql sql, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        var epochs = await sql.QueryAsync(
            $"""
            INSERT INTO nodes (id, epoch, deadline_at)
            SELECT @p0, COALESCE(MAX(epoch), 0) + 1, {sql.Now} + @p1 FROM nodes
            RETURNING epoch
            """, [id, LifetimeMicros], reader => reader.GetInt64(0), cancellationToken);
        _identity = new Identity(id, epochs[0]);
    }

    /// <summary>
    /// Nodes whose deadline has passed are closed; their open ops may then be swept. On SQLite the lock file proves at
    /// start that every other node is dead, whatever its deadline says.
    /// </summary>
    public async Task CloseDeadAsync(Sql sql, bool othersAreDead, CancellationToken cancellationToken) =>
        await sql.ExecuteAsync(
            $"""
            UPDATE nodes SET closed_at = {sql.Now}
            WHERE closed_at IS NULL AND id <> @p0 AND (deadline_at < {sql.Now} OR @p1 = 1)
            """, [Id, othersAreDead ? 1 : 0], cancellationToken);

    /// <summary>Open ops of closed nodes, oldest first.</summary>
    public static Task<List<(Guid AccountId, Guid Id)>> LostOpsAsync(Sql sql, CancellationToken cancellationToken) =>
        sql.QueryAsync(
            """
            SELECT ops.account_id, ops.id FROM ops JOIN nodes ON nodes.id = ops.node_id
            WHERE ops.state = 'open' AND nodes.closed_at IS NOT NULL ORDER BY ops.id LIMIT 1000
            """, [], reader => (reader.GetGuid(0), reader.GetGuid(1)), cancellationToken);

    /// <summary>A graceful stop: what is still open then is swept at once by the next node.</summary>
    public Task CloseAsync(Sql sql, CancellationToken cancellationToken) =>
        sql.ExecuteAsync($"UPDATE nodes SET closed_at = {sql.Now} WHERE id = @p0", [Id], cancellationToken);

    private sealed record Identity(Guid Id, long Epoch);
}
