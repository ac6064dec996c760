using System.Globalization;
using System.Text;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Calls;

/// <summary>Calls of one day, model, key and app.</summary>
public sealed record ActivityRow(
    string Date, string Model, string Provider, Guid? ApiKeyId, string? App, int Requests, long PromptTokens,
    long CompletionTokens, long ReasoningTokens, MoneyNumber Usage, Money UsageUsd);

/// <summary>`GET /api/v1/activity`: what the last 30 days were spent on.</summary>
public sealed class Activity(MercatoContext context, CurrentAccount account, TimeProvider time)
{
    private const int Days = 30;

    public async Task<List<ActivityRow>> ListAsync(CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        var from = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - Days);
        // Summed here and not in SQL: an account's month is small, and days need a calendar.
        var ops = await context.Set<Op>().AsNoTracking()
            .Where(op => op.AccountId == owner && op.CreatedAt >= from && op.State != OpState.Open)
            .Select(op => new
            {
                op.CreatedAt, op.Model, op.Provider, op.ApiKeyId, op.App, op.InputTokens, op.OutputTokens,
                op.ReasoningTokens, op.CostNano,
            })
            .ToListAsync(cancellationToken);
        return [.. ops
            .GroupBy(op => (Date: op.CreatedAt.UtcDateTime.Date, op.Model, op.Provider, op.ApiKeyId, op.App))
            .OrderByDescending(group => group.Key.Date).ThenBy(group => group.Key.Model)
            .Select(group =>
            {
                var cost = new Money(group.Sum(op => op.CostNano));
                return new ActivityRow(
                    group.Key.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), group.Key.Model,
                    group.Key.Provider, group.Key.ApiKeyId, group.Key.App, group.Count(),
                    group.Sum(op => op.InputTokens ?? 0), group.Sum(op => op.OutputTokens ?? 0),
                    group.Sum(op => op.ReasoningTokens ?? 0), new MoneyNumber(cost), cost);
            })];
    }

    public static string ToCsv(IEnumerable<ActivityRow> rows)
    {
        var csv = new StringBuilder(
            "date,model,provider,api_key_id,app,requests,prompt_tokens,completion_tokens,reasoning_tokens,usage_usd\r\n");
        foreach (var row in rows)
        {
            csv.AppendJoin(',', row.Date, Cell(row.Model), Cell(row.Provider), row.ApiKeyId, Cell(row.App),
                row.Requests, row.PromptTokens, row.CompletionTokens, row.ReasoningTokens, row.UsageUsd).Append("\r\n");
        }

        return csv.ToString();
    }

    /// <summary>Quoted, and prefixed where a spreadsheet would take the text for a formula.</summary>
    private static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var isFormula = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '＝' or '＋' or '－' or '＠';
        return $"\"{(isFormula ? "'" : "")}{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}

internal static class ActivityApi
{
    public static void MapActivity(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/activity", async (
            Activity activity, CancellationToken cancellationToken, string? format = null) =>
        {
            var rows = await activity.ListAsync(cancellationToken);
            return format == "csv"
                ? Results.Text(Activity.ToCsv(rows), "text/csv; charset=utf-8")
                : Results.Ok(new { data = rows });
        })
            .Tells<Answer<List<ActivityRow>>>("What you used by day, model, provider, key and app; `format=csv` for a table.")
            .Is(EndpointClass.OwnObject).WithTags("Usage");
}
