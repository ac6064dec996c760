using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Mercato.Data;
using Microsoft.Data.Sqlite;

namespace Mercato.Audit;

/// <summary>
/// The ledger's tables as they stood at one moment, while calls go on: one read-only transaction, so that all checks
/// see the same books. On SQLite the file itself is opened for reading only.
/// </summary>
internal sealed class LedgerView : IAsyncDisposable
{
    private readonly DbConnection _connection;
    private readonly DbTransaction _transaction;

    private LedgerView(DbConnection connection, DbTransaction transaction, bool isPostgres) =>
        (_connection, _transaction, IsPostgres) = (connection, transaction, isPostgres);

    public bool IsPostgres { get; }

    public static async Task<LedgerView> OpenAsync(Database database, CancellationToken cancellationToken)
    {
        var connection = database.IsPostgres
            ? await database.OpenAsync(cancellationToken)
            : await OpenSqliteAsync(database, cancellationToken);
        try
        {
            // On SQLite "deferred" is what takes no lock; the snapshot begins with the first row that is read.
            var transaction = connection is SqliteConnection sqlite
                ? sqlite.BeginTransaction(deferred: true)
                : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var view = new LedgerView(connection, transaction, database.IsPostgres);
            if (view.IsPostgres)
            {
                await using var command = view.Command("SET TRANSACTION READ ONLY");
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            return view;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The time by the database's clock.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(IsPostgres
            ? "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
            : "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)");
        return Instant.FromMicros((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    /// <summary>Rows one by one; nothing is kept.</summary>
    public async IAsyncEnumerable<DbDataReader> ReadAsync(
        string sql, AuditWindow window, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        command.CommandTimeout = 0;
        foreach (var (name, value) in window.Values)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value is Guid id && !IsPostgres ? id.ToString("D") : value;
            command.Parameters.Add(parameter);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return reader;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<SqliteConnection> OpenSqliteAsync(Database database, CancellationToken cancellationToken)
    {
        // Not from the pool: the connections there may write, and this one's cache should go when it closes.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(database.ConnectionString)
        {
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA cache_size = -65536";
        await command.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    private DbCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = sql;
        return command;
    }
}

internal static class LedgerRows
{
    public static long? LongOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    public static string? TextOrNull(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static Guid? IdOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
}
