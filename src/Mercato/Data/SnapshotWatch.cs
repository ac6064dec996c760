using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Mercato.Data;

/// <summary>
/// Keeps every snapshot fresh: loads all before the server listens, then reloads what another node or command changed,
/// within a second by polling and at once by NOTIFY.
/// </summary>
internal sealed partial class SnapshotWatch(
    IEnumerable<ISnapshot> snapshots, IServiceScopeFactory scopes, Database database, TimeProvider time,
    ILogger<SnapshotWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _seen = [];

    public async Task LoadAllAsync(CancellationToken cancellationToken)
    {
        foreach (var (topic, version) in await VersionsAsync(cancellationToken))
        {
            _seen[topic] = version;
        }

        foreach (var snapshot in snapshots)
        {
            await snapshot.RefreshAsync(cancellationToken);
        }
    }

    /// <summary>The writing node calls this after its commit and before it answers.</summary>
    public async Task RefreshAsync(string topic, CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots.Where(snapshot => snapshot.Topic == topic))
        {
            await snapshot.RefreshAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var listening = database.IsPostgres ? ListenAsync(stoppingToken) : Task.CompletedTask;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RefreshChangedAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is DbException or InvalidOperationException or TimeoutException)
            {
                PollFailed(log, problem.Message);
            }
        }

        await listening;
    }

    private async Task RefreshChangedAsync(CancellationToken cancellationToken)
    {
        foreach (var (topic, version) in await VersionsAsync(cancellationToken))
        {
            if (_seen.GetValueOrDefault(topic) != version)
            {
                await RefreshAsync(topic, cancellationToken);
                _seen[topic] = version;
            }
        }
    }

    private async Task<Dictionary<string, long>> VersionsAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return await context.Set<SnapshotVersion>().AsNoTracking()
            .ToDictionaryAsync(row => row.Topic, row => row.Version, cancellationToken);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.Postgres.OpenConnectionAsync(cancellationToken);
                await using var command = new NpgsqlCommand("LISTEN " + SnapshotVersions.Channel, connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                    await RefreshChangedAsync(cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception problem) when (problem is DbException or InvalidOperationException or TimeoutException)
            {
                // The poll goes on meanwhile; only the speed of the news suffers.
                PollFailed(log, problem.Message);
                await Task.Delay(Interval, time, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not look for changed snapshots: {Reason}")]
    private static partial void PollFailed(ILogger log, string reason);
}
