using System.Data.Common;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Mercato.Data;
using Mercato.Hosting;

namespace Mercato.Ledger;

/// <summary>
/// The only writer of money on this node. Whatever waits is taken together and made durable in one transaction
/// (natural batching: the busier the node, the larger the batch), on both databases with the same code.
/// </summary>
internal sealed partial class LedgerWriter(
    Database database, LedgerNode node, TimeProvider time, ILogger<LedgerWriter> log) : BackgroundService
{
    private const int MaxBatch = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly Histogram<int> BatchSize =
        Telemetry.Meter.CreateHistogram<int>("mercato.ledger.batch_size", "{command}");

    private readonly Channel<LedgerCommand> _queue = Channel.CreateBounded<LedgerCommand>(
        new BoundedChannelOptions(16_384) { SingleReader = true });

    private DbConnection? _connection;

    /// <summary>
    /// Enters a command and waits until it is durable. With a patience, the caller gets
    /// <see cref="LedgerUnavailableException"/> when the database did not take it in that time.
    /// </summary>
    public async Task<T> EnterAsync<T>(Action<BookKeys> look, Func<Book, T> apply, TimeSpan? patience)
    {
        var command = new LedgerCommand<T>(apply)
        {
            Look = look,
            GivesUpAt = patience is { } wait
                ? time.GetTimestamp() + (wait.Ticks * time.TimestampFrequency / TimeSpan.TicksPerSecond)
                : null,
        };
        try
        {
            await _queue.Writer.WriteAsync(command);
        }
        catch (ChannelClosedException stopping)
        {
            throw new LedgerUnavailableException(stopping);
        }

        return await command.Done;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // Everything entered before the stop becomes durable first.
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not tied to the stopping token: the queue is drained, then the node closes itself.
        var batch = new List<LedgerCommand>(MaxBatch);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var command))
            {
                batch.Add(command);
            }

            await WriteAsync(batch, stoppingToken);
            batch.Clear();
        }

        await CloseNodeAsync();
    }

    /// <summary>Writes a batch, again and again while the database is away; whoever runs out of patience leaves.</summary>
    private async Task WriteAsync(List<LedgerCommand> batch, CancellationToken stoppingToken)
    {
        while (batch.Count > 0)
        {
            try
            {
                await CommitAsync(batch);
                BatchSize.Record(batch.Count);
                batch.ForEach(command => command.Complete());
                return;
            }
            catch (Exception problem) when (IsDatabaseAway(problem))
            {
                await DropConnectionAsync();
                Away(log, batch.Count, problem.Message);
                var now = time.GetTimestamp();
                foreach (var late in batch.Where(command => stoppingToken.IsCancellationRequested
                    || command.GivesUpAt < now).ToArray())
                {
                    batch.Remove(late);
                    late.Fail(new LedgerUnavailableException(problem));
                }

                await Task.Delay(Pause, time, CancellationToken.None);
            }
            catch (Exception problem) when (batch.Count == 1)
            {
                await DropConnectionAsync();
                Refused(log, problem);
                batch[0].Fail(problem);
                return;
            }
            catch (Exception problem)
            {
                // One command that the database refuses must not take the others with it.
                await DropConnectionAsync();
                Splitting(log, problem, batch.Count);
                foreach (var command in batch.ToArray())
                {
                    await WriteAsync([command], stoppingToken);
                }

                return;
            }
        }
    }

    private async Task CommitAsync(List<LedgerCommand> batch)
    {
        _connection ??= await database.OpenAsync(CancellationToken.None);
        await using var transaction = await database.BeginWriteAsync(_connection, CancellationToken.None);
        var sql = new Sql(_connection, transaction.Transaction, database.Kind);
        await node.RenewAsync(sql, CancellationToken.None);
        var keys = new BookKeys();
        batch.ForEach(command => command.Look(keys));
        var book = new Book(time.GetUtcNow(), node.Id, node.Epoch);
        await BookStore.LoadAsync(sql, book, keys, CancellationToken.None);
        batch.ForEach(command => command.Apply(book));
        await BookStore.SaveAsync(sql, book, CancellationToken.None);
        await transaction.CommitAsync();
    }

    private async Task CloseNodeAsync()
    {
        try
        {
            _connection ??= await database.OpenAsync(CancellationToken.None);
            await using var transaction = await database.BeginWriteAsync(_connection, CancellationToken.None);
            await node.CloseAsync(new Sql(_connection, transaction.Transaction, database.Kind), CancellationToken.None);
            await transaction.CommitAsync();
        }
        catch (Exception problem) when (IsDatabaseAway(problem))
        {
            // Its deadline closes it instead.
            Away(log, 0, problem.Message);
        }

        await DropConnectionAsync();
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    /// <summary>Trouble of the database or the way to it, as opposed to a row that it refuses.</summary>
    internal static bool IsDatabaseAway(Exception problem) => problem switch
    {
        // Busy, locked, I/O error, full, cannot open: these pass. What a row is refused for does not.
        Microsoft.Data.Sqlite.SqliteException sqlite => sqlite.SqliteErrorCode is 5 or 6 or 10 or 13 or 14,
        // Connection, rollback, resources, not ready, operator's intervention, system: likewise.
        Npgsql.PostgresException postgres => postgres.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58",
        DbException or IOException or TimeoutException => true,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not take {Count} ledger writes; trying again: {Reason}")]
    private static partial void Away(ILogger log, int count, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The database refused a ledger write")]
    private static partial void Refused(ILogger log, Exception problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A batch of {Count} was refused; writing one by one")]
    private static partial void Splitting(ILogger log, Exception problem, int count);
}
