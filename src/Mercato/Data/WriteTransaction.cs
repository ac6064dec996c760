using System.Data.Common;

namespace Mercato.Data;

/// <summary>A transaction and the turn that it has; disposing it rolls back what was not committed.</summary>
public sealed class WriteTransaction : IAsyncDisposable
{
    private readonly DbConnection _connection;
    private readonly WriteTurns? _turns;

    internal WriteTransaction(DbTransaction transaction, DbConnection connection, WriteTurns? turns)
    {
        Transaction = transaction;
        _connection = connection;
        _turns = turns;
    }

    public DbTransaction Transaction { get; }

    public Task CommitAsync(CancellationToken cancellationToken = default) => Transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Transaction.DisposeAsync();
        }
        finally
        {
            _turns?.Release(_connection);
        }
    }
}
