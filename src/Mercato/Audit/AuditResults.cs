using System.Text.Json;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Audit;

/// <summary>The last audits, as the API and the page show them.</summary>
/// <param name="All">The last audit of everything.</param>
/// <param name="Recent">The last audit of what had changed.</param>
public sealed record LastAudits(AuditReport? All, AuditReport? Recent)
{
    /// <summary>When the books were last looked at.</summary>
    public DateTimeOffset? At => All?.StartedAt > Recent?.StartedAt || Recent is null ? All?.StartedAt : Recent.StartedAt;
}

/// <summary>Runs audits, keeps the last one of each scope, and tells the log what is new in it.</summary>
public sealed partial class AuditResults(MercatoContext context, LedgerAudit audit, ILogger<AuditResults> log)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>
    /// What was being written when the audit before began may be older than it by as long as a transaction lasts and
    /// as clocks of servers differ.
    /// </summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>Books of this size are read whole every time; it takes about a second.</summary>
    private const long SmallBooks = 50_000;

    public async Task<LastAudits> FindAsync(CancellationToken cancellationToken)
    {
        var rows = await context.Set<AuditRow>().AsNoTracking().ToListAsync(cancellationToken);
        return new LastAudits(Read(rows, AuditScope.All), Read(rows, AuditScope.Recent));
    }

    /// <summary>Looks at everything.</summary>
    public async Task<AuditReport> RunAsync(CancellationToken cancellationToken)
    {
        var before = await FindAsync(cancellationToken);
        return await KeepAsync(await audit.RunAsync(cancellationToken), before, cancellationToken);
    }

    /// <summary>Every minute: what has changed since the last time; once a day, and while the books are small,
    /// everything.</summary>
    public async Task RunDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = await FindAsync(cancellationToken);
        var isWhole = before.All is not { } whole || now - whole.StartedAt >= Day
            || whole.Figures.Entries + whole.Figures.Ops < SmallBooks
            // What a look at the recent found leaves its window in a while; it must not leave the page with it.
            || (before.Recent is { Findings.Count: > 0 } recent && recent.StartedAt > whole.StartedAt);
        var report = isWhole
            ? await audit.RunAsync(cancellationToken)
            : await audit.RunAsync(before.At!.Value - Overlap, cancellationToken);
        await KeepAsync(report, before, cancellationToken);
    }

    private async Task<AuditReport> KeepAsync(AuditReport report, LastAudits before, CancellationToken cancellationToken)
    {
        var known = (before.All?.Findings ?? []).Concat(before.Recent?.Findings ?? []).Select(Identity).ToHashSet();
        foreach (var finding in report.Findings.Where(finding => !known.Contains(Identity(finding))))
        {
            Found(log, finding.Rule, finding.AccountId, finding.OpId, finding.Entry, finding.Message);
        }

        var (scope, started, text) = (Name(report.Scope), Instant.ToMicros(report.StartedAt),
            JsonSerializer.Serialize(report, Json.Options));
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO ledger_audits (scope, started_at, report) VALUES ({scope}, {started}, {text})
            ON CONFLICT (scope) DO UPDATE SET started_at = excluded.started_at, report = excluded.report
            """, cancellationToken);
        return report;
    }

    /// <summary>A finding stays the same one while its amounts change.</summary>
    private static (AuditRule, Guid?, Guid?, long?) Identity(AuditFinding finding) =>
        (finding.Rule, finding.AccountId, finding.OpId, finding.Entry);

    private static AuditReport? Read(List<AuditRow> rows, AuditScope scope) =>
        rows.Find(row => row.Scope == Name(scope)) is { } row
            ? JsonSerializer.Deserialize<AuditReport>(row.Report, Json.Options)
            : null;

    private static string Name(AuditScope scope) => scope == AuditScope.All ? "all" : "recent";

    [LoggerMessage(Level = LogLevel.Error, Message = "The ledger audit found {Rule} broken (account {Account}, call "
        + "{Call}, entry {Entry}): {Finding} See /admin/ledger")]
    private static partial void Found(
        ILogger log, AuditRule rule, Guid? account, Guid? call, long? entry, string finding);
}
