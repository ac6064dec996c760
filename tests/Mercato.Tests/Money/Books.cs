using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Mercato.Data;
using Mercato.Ledger;
using Mercato.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Mercato.Tests.Spending;

internal sealed record WalletRow(long Posted, long Held, long Receivable);

internal sealed record OpRow(
    Guid Id, string State, long Bound, long Cost, string? Reason, string? UsageSource, string? UpstreamId,
    string? LineItems, long? InputTokens, long? OutputTokens)
{
    public decimal LineItemSum =>
        JsonDocument.Parse(LineItems ?? "[]").RootElement.EnumerateArray()
            .Sum(item => decimal.Parse(item.GetProperty("amount").GetString()!, CultureInfo.InvariantCulture));
}

/// <summary>Reads the ledger's tables as an auditor does: plain SQL, none of the product's code on the way.</summary>
internal sealed class Books(DatabaseKind kind, string connectionString)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Books Of(MercatoApp app)
    {
        var database = app.Services.GetRequiredService<Database>();
        return new Books(database.Kind, database.ConnectionString);
    }

    /// <summary>One connection for many reads, without the application's pool.</summary>
    public async Task<DbConnection> OpenAsync()
    {
        DbConnection connection = kind == DatabaseKind.Sqlite
            ? new SqliteConnection(connectionString + ";Pooling=False")
            : new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        return connection;
    }

    public async Task<WalletRow> WalletAsync(Guid accountId)
    {
        await using var connection = await OpenAsync();
        return await WalletAsync(connection, accountId);
    }

    public async Task<WalletRow> WalletAsync(DbConnection connection, Guid accountId) =>
        (await RowsAsync(connection,
            "SELECT posted_nano, held_nano, receivable_nano FROM wallets WHERE account_id = @id", accountId,
            row => new WalletRow(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)))).Single();

    public async Task<List<OpRow>> OpsAsync(Guid accountId)
    {
        await using var connection = await OpenAsync();
        return await RowsAsync(connection,
            """
            SELECT id, state, bound_nano, cost_nano, settlement_reason, usage_source, upstream_id, line_items,
                input_tokens, output_tokens
            FROM ops WHERE account_id = @id
            """, accountId, row => new OpRow(
                row.GetGuid(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), Text(row, 4), Text(row, 5),
                Text(row, 6), Text(row, 7), Number(row, 8), Number(row, 9)));
    }

    /// <summary>Charges of each op, as positive amounts.</summary>
    public async Task<ILookup<Guid, long>> ChargesAsync(Guid accountId)
    {
        await using var connection = await OpenAsync();
        var rows = await RowsAsync(connection,
            "SELECT op_id, amount_nano FROM entries WHERE account_id = @id AND op_id IS NOT NULL", accountId,
            row => (Op: row.GetGuid(0), Amount: -row.GetInt64(1)));
        return rows.ToLookup(row => row.Op, row => row.Amount);
    }

    /// <summary>
    /// The identity, exact to the nano-dollar: posted is the sum of the entries, held is the sum of what open ops may
    /// cost and of what open leases have outstanding, posted &gt;= held &gt;= 0.
    /// </summary>
    public async Task BalanceAsync(Guid accountId)
    {
        await using var connection = await OpenAsync();
        var sums = (await RowsAsync(connection,
            """
            SELECT posted_nano, held_nano,
                (SELECT CAST(COALESCE(SUM(amount_nano), 0) AS BIGINT) FROM entries WHERE account_id = @id),
                (SELECT CAST(COALESCE(SUM(bound_nano), 0) AS BIGINT) FROM ops
                    WHERE account_id = @id AND state = 'open'),
                (SELECT CAST(COALESCE(SUM(granted_nano - settled_nano - returned_nano), 0) AS BIGINT) FROM leases
                    WHERE account_id = @id AND closed_at IS NULL),
                (SELECT CAST(COALESCE(SUM(granted_nano - settled_nano - returned_nano), 0) AS BIGINT) FROM leases
                    WHERE account_id = @id AND closed_at IS NOT NULL)
            FROM wallets WHERE account_id = @id
            """, accountId, row => Enumerable.Range(0, 6).Select(row.GetInt64).ToArray())).Single();
        var (posted, held) = (sums[0], sums[1]);
        sums[2].ShouldBe(posted, "the sum of the entries is the balance");
        sums[3].ShouldBe(held, "held is what open ops may cost");
        sums[4].ShouldBe(held, "held is what open leases have outstanding");
        sums[5].ShouldBe(0, "a closed lease has nothing outstanding");
        held.ShouldBeGreaterThanOrEqualTo(0);
        posted.ShouldBeGreaterThanOrEqualTo(held);
    }

    /// <summary>Waits until no call holds anything.</summary>
    public Task WaitUntilIdleAsync(Guid accountId) => WaitAsync(
        async () => (await WalletAsync(accountId)).Held == 0, "held did not come down to 0");

    /// <summary>The account's only op, once it has ended, and for this reason.</summary>
    public async Task<OpRow> WaitUntilClosedAsync(Guid accountId, string reason)
    {
        OpRow? closed = null;
        await WaitAsync(
            async () => (closed = (await OpsAsync(accountId)).SingleOrDefault(op => op.State != "open")) is not null,
            "the op stayed open");
        closed!.Reason.ShouldBe(reason);
        return closed;
    }

    private static async Task WaitAsync(Func<Task<bool>> condition, string otherwise)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!Token.IsCancellationRequested)
            {
                throw new TimeoutException(otherwise + $" within {Patience.TotalSeconds:0} seconds.");
            }
        }
    }

    private async Task<List<T>> RowsAsync<T>(
        DbConnection connection, string sql, Guid accountId, Func<DbDataReader, T> read)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@id";
        parameter.Value = kind == DatabaseKind.Sqlite ? accountId.ToString("D") : accountId;
        command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var rows = new List<T>();
        while (await reader.ReadAsync(Token))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
