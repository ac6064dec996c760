using System.Data.Common;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Ledger;

/// <summary>
/// Ends the calls of servers that died: charges what the durable record proves was delivered, and releases the rest.
/// Runs at start and then repeatedly on every node; the ledger's own rules make it harmless to run twice.
/// </summary>
internal sealed partial class Sweep(
    Database database, LedgerNode node, LedgerWriter writer, Ledger ledger, IServiceScopeFactory scopes,
    TimeProvider time, ILogger<Sweep> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var first = true;
        do
        {
            try
            {
                await RunAsync(othersAreDead: first && !database.IsPostgres, stoppingToken);
                first = false;
            }
            catch (Exception problem) when (problem is DbException or IOException or TimeoutException
                or LedgerUnavailableException)
            {
                Failed(log, problem.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunAsync(bool othersAreDead, CancellationToken cancellationToken)
    {
        // An idle node renews here, a busy one with every batch. Only the writer renews: two transactions that both
        // find the node missing would each register it, and the ops under the first identity would be swept alive.
        await writer.EnterAsync(_ => { }, _ => true, Interval);
        List<(Guid AccountId, Guid Id)> lost;
        await using (var connection = await database.OpenAsync(cancellationToken))
        await using (var transaction = await database.BeginWriteAsync(connection, cancellationToken))
        {
            var sql = new Sql(connection, transaction.Transaction, database.Kind);
            await node.CloseDeadAsync(sql, othersAreDead, cancellationToken);
            lost = await LedgerNode.LostOpsAsync(sql, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        foreach (var (accountId, id) in lost)
        {
            await CloseAsync(accountId, id, cancellationToken);
        }
    }

    private async Task CloseAsync(Guid accountId, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        var op = await context.Set<Op>().AsNoTracking()
            .SingleAsync(row => row.AccountId == accountId && row.Id == id, cancellationToken);
        op.SettlementReason = Book.NodeLost;
        op.CostNano = op.ProgressNano;
        op.UsageSource = "counted";
        Closed(log, Op.GenerationId(id), new Money(op.CostNano));
        await (op.CostNano > 0 ? ledger.SettleAsync(new SettleOrder(op)) : ledger.VoidAsync(new SettleOrder(op)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Closed {Generation} of a server that died; charged {Cost} USD")]
    private static partial void Closed(ILogger log, string generation, Money cost);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sweep could not run: {Reason}")]
    private static partial void Failed(ILogger log, string reason);
}
