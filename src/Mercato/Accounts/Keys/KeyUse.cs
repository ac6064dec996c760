using System.Collections.Concurrent;
using System.Data.Common;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>Remembers which keys were used and writes it down each minute, so that no call waits for it.</summary>
internal sealed partial class KeyUse(IServiceScopeFactory scopes, TimeProvider time, ILogger<KeyUse> log)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid AccountId, Guid Id), DateTimeOffset> _used = [];

    public void Note(ApiKey key, DateTimeOffset now) => _used[(key.AccountId, key.Id)] = now;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await WriteAsync(stoppingToken);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_used.IsEmpty)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        try
        {
            foreach (var key in _used.Keys)
            {
                if (_used.TryRemove(key, out var at))
                {
                    await context.Set<ApiKeyRow>().Where(row => row.AccountId == key.AccountId && row.Id == key.Id)
                        .ExecuteUpdateAsync(row => row.SetProperty(it => it.LastUsedAt, at), cancellationToken);
                }
            }
        }
        catch (Exception problem) when (problem is DbException or TimeoutException or InvalidOperationException)
        {
            // When a key was last used is shown to people and decides nothing.
            NotWritten(log, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not write when keys were last used: {Reason}")]
    private static partial void NotWritten(ILogger log, string reason);
}
