using System.Diagnostics;
using Mercato.Data;

namespace Mercato.Audit;

/// <summary>
/// Checks the books from the database alone, with its own SQL and its own sums: nothing here knows the code that writes
/// them, so an error there cannot hide itself. It reads one consistent state, while calls go on, and changes nothing.
/// </summary>
public sealed class LedgerAudit(Database database, IConfiguration configuration)
{
    public Task<AuditReport> RunAsync(CancellationToken cancellationToken) =>
        RunAsync(AuditWindow.All, cancellationToken);

    /// <summary>Looks at all wallets, and at the entries and calls since then.</summary>
    public Task<AuditReport> RunAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        RunAsync(AuditWindow.Since(since, LongestCall), cancellationToken);

    /// <summary>The gateway's limit of a whole call: no hold may be older.</summary>
    private TimeSpan LongestCall => configuration.GetValue("Mercato:Gateway:Whole", TimeSpan.FromMinutes(30));

    private async Task<AuditReport> RunAsync(AuditWindow window, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await using var view = await LedgerView.OpenAsync(database, cancellationToken);
        var now = await view.NowAsync(cancellationToken);
        var run = new AuditRun(view, window, now, LongestCall);

        var holds = new HoldChecks(run);
        await holds.RunAsync(cancellationToken);
        var calls = new CallChecks(run, holds.Nodes);
        await calls.RunAsync(cancellationToken);
        var wallets = new WalletChecks(run, holds, calls.Unpaid);
        await wallets.RunAsync(cancellationToken);
        await new RecordChecks(run).RunAsync(cancellationToken);

        return new AuditReport(
            window.Scope, now, Stopwatch.GetElapsedTime(started).Ticks / TimeSpan.TicksPerMillisecond,
            database.IsPostgres ? "postgres" : "sqlite",
            new AuditFigures(
                wallets.Wallets, wallets.Entries, calls.Ops, holds.OpenOps, holds.Budgets, Dollars.Of(wallets.Posted),
                Dollars.Of(wallets.Held), Dollars.Of(wallets.Promotional), Dollars.Of(wallets.Receivable),
                Dollars.Of(calls.OperatorLoss)),
            run.Checks, run.FindingCount, run.Findings);
    }
}
