using System.Data.Common;
using System.Text.Json;
using Mercato.Hosting;

namespace Mercato.Audit;

/// <summary>`mercato ledger audit`: for a terminal, a cron job, or a database that was restored from a backup.</summary>
internal static class AuditCommand
{
    private const int Clean = 0, Found = 1, CouldNotRun = 2;

    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] args, bool asJson, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = Program.Build(args);
            var report = await app.Services.GetRequiredService<LedgerAudit>().RunAsync(cancellationToken);
            await WriteAsync(report, asJson);
            return report.FindingCount == 0 ? Clean : Found;
        }
        catch (Exception problem) when (problem is DbException or StartupException or IOException or TimeoutException
            or InvalidOperationException or ArgumentException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"The ledger could not be audited: {problem.GetBaseException().Message}");
            return CouldNotRun;
        }
    }

    private static async Task WriteAsync(AuditReport report, bool asJson)
    {
        if (asJson)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(report, Indented));
            return;
        }

        var figures = report.Figures;
        await Console.Out.WriteLineAsync($"""
            {figures.Wallets} wallets, {figures.Entries} entries, {figures.Ops} calls ({figures.OpenOps} running), {figures.Budgets} budgets
            balances ${figures.PostedUsd}, of which held ${figures.HeldUsd} and promotional ${figures.PromotionalUsd}
            owed by accounts ${figures.ReceivableUsd}, operator's loss ${figures.OperatorLossUsd}

            """);
        foreach (var check in report.Checks)
        {
            await Console.Out.WriteLineAsync(
                $"{(check.Findings == 0 ? "ok" : check.Findings.ToString()),6}  {Name(check.Rule),-13}  {check.Says}");
        }

        await Console.Out.WriteLineAsync();
        foreach (var finding in report.Findings)
        {
            await Console.Out.WriteLineAsync($"{Name(finding.Rule)}: {finding.Message}{Where(finding)}");
        }

        var listed = report.Findings.Count < report.FindingCount ? $", {report.Findings.Count} of them listed" : "";
        await Console.Out.WriteLineAsync(report.FindingCount == 0
            ? $"Clean, after {report.DurationMs} ms."
            : $"{report.FindingCount} findings{listed}, after {report.DurationMs} ms. What to do: docs/reference/ledger-audit.md");
    }

    private static string Where(AuditFinding finding) =>
        $"\n    account {finding.AccountId}{(finding.OpId is { } op ? $", call gen-{op:N}" : "")}"
        + (finding.Entry is { } entry ? $", entry {entry}" : "");

    private static string Name(AuditRule rule) => JsonNamingPolicy.SnakeCaseLower.ConvertName(rule.ToString());
}
