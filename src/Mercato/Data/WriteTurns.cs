using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Mercato.Data;

/// <summary>
/// SQLite lets one writer in at a time and has the others try again until they are lucky; beside a ledger that writes all
/// day, some never are. Here the writers of this process stand in line, without holding a thread.
/// </summary>
internal sealed class WriteTurns : DbCommandInterceptor, IDbTransactionInterceptor, IDbConnectionInterceptor, IDisposable
{
    /// <summary>Whoever waited this long tries without a turn: SQLite's own lock still keeps the data right.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<DbConnection, bool> _holders = [];

    /// <summary>Waits for the turn of a connection that writes, for so long.</summary>
    public async ValueTask TakeAsync(DbConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!_holders.ContainsKey(connection) && await _turn.WaitAsync(patience, cancellationToken))
        {
            _holders[connection] = true;
        }
    }

    /// <summary>Passes the turn on; nothing happens when the connection had none.</summary>
    public void Release(DbConnection connection)
    {
        if (_holders.TryRemove(connection, out _))
        {
            _turn.Release();
        }
    }

    public async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        await TakeAsync(connection, Usual, cancellationToken);
        return result;
    }

    public InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result)
    {
        Take(connection);
        return result;
    }

    // The turn ends with the transaction, not with the block that holds it: what follows may need a turn of its own.
    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        EndAsync(eventData);

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => End(eventData);

    public Task TransactionRolledBackAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        EndAsync(eventData);

    public void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData) => End(eventData);

    // Whatever else may happen to a transaction or a statement, its connection goes back in the end: closed, or, when the
    // transaction could not even begin, thrown away with its context.
    public Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        Release(connection);
        return Task.CompletedTask;
    }

    public void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => Release(connection);

    public Task ConnectionDisposedAsync(DbConnection connection, ConnectionEndEventData eventData)
    {
        Release(connection);
        return Task.CompletedTask;
    }

    public void ConnectionDisposed(DbConnection connection, ConnectionEndEventData eventData) => Release(connection);

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result,
        CancellationToken cancellationToken = default)
    {
        if (WritesAlone(command, eventData))
        {
            await TakeAsync(command.Connection!, Usual, cancellationToken);
        }

        return result;
    }

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        if (WritesAlone(command, eventData))
        {
            Take(command.Connection!);
        }

        return result;
    }

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        if (WritesAlone(command, eventData))
        {
            await TakeAsync(command.Connection!, Usual, cancellationToken);
        }

        return result;
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        if (WritesAlone(command, eventData))
        {
            Take(command.Connection!);
        }

        return result;
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>A single statement that writes is a transaction of its own.</summary>
    private static bool WritesAlone(DbCommand command, CommandEventData eventData) =>
        command.Transaction is null && eventData.CommandSource is CommandSource.SaveChanges
            or CommandSource.ExecuteDelete or CommandSource.ExecuteUpdate or CommandSource.ExecuteSqlRaw;

    private void Take(DbConnection connection)
    {
        if (!_holders.ContainsKey(connection) && _turn.Wait(Usual))
        {
            _holders[connection] = true;
        }
    }

    private Task EndAsync(TransactionEndEventData eventData)
    {
        End(eventData);
        return Task.CompletedTask;
    }

    private void End(TransactionEndEventData eventData)
    {
        if (eventData.Context?.Database.GetDbConnection() is { } connection)
        {
            Release(connection);
        }
    }
}
