using Mercato.Ledger;

namespace Mercato.Accounts;

/// <summary>A key as answers and pages show it; its secret is in none of them.</summary>
public sealed record KeyView
{
    public required string Hash { get; init; }

    public required string Name { get; init; }

    public required string Label { get; init; }

    public required bool Disabled { get; init; }

    public MoneyNumber? Limit { get; init; }

    public Money? LimitUsd => Limit?.Value;

    public MoneyNumber? LimitRemaining { get; init; }

    public Money? LimitRemainingUsd => LimitRemaining?.Value;

    public LimitReset? LimitReset { get; init; }

    public required bool IncludeByokInLimit { get; init; }

    public required MoneyNumber Usage { get; init; }

    public Money UsageUsd => Usage.Value;

    public required MoneyNumber UsageDaily { get; init; }

    public Money UsageDailyUsd => UsageDaily.Value;

    public required MoneyNumber UsageWeekly { get; init; }

    public Money UsageWeeklyUsd => UsageWeekly.Value;

    public required MoneyNumber UsageMonthly { get; init; }

    public Money UsageMonthlyUsd => UsageMonthly.Value;

    public required MoneyNumber ByokUsage { get; init; }

    public Money ByokUsageUsd => ByokUsage.Value;

    public required IReadOnlyList<string> AllowedModels { get; init; }

    public required IReadOnlyList<KeyScopes> Scopes { get; init; }

    public required OnLowBalance OnLowBalance { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    internal static KeyView Of(ApiKeyRow row, KeySpend spend) => new()
    {
        Hash = row.Id.ToString("N"),
        Name = row.Name,
        Label = row.Label,
        Disabled = row.DisabledAt is not null,
        Limit = row.LimitNano is { } nano ? new MoneyNumber(new Money(nano)) : null,
        LimitRemaining = Remaining(row, spend),
        LimitReset = row.LimitReset,
        IncludeByokInLimit = row.IncludeByokInLimit,
        Usage = new MoneyNumber(spend.Credits.Total),
        UsageDaily = new MoneyNumber(spend.Credits.Daily),
        UsageWeekly = new MoneyNumber(spend.Credits.Weekly),
        UsageMonthly = new MoneyNumber(spend.Credits.Monthly),
        ByokUsage = new MoneyNumber(spend.Byok.Total),
        AllowedModels = row.AllowedModels,
        Scopes = [.. KeyRules.Single.Where(scope => row.Scopes.HasFlag(scope))],
        OnLowBalance = row.OnLowBalance,
        CreatedAt = row.CreatedAt,
        ExpiresAt = row.ExpiresAt,
        LastUsedAt = row.LastUsedAt,
    };

    private static MoneyNumber? Remaining(ApiKeyRow row, KeySpend spend)
    {
        if (row.LimitNano is not { } limit)
        {
            return null;
        }

        var counted = spend.Credits.Since(row.LimitReset)
            + (row.IncludeByokInLimit ? spend.Byok.Since(row.LimitReset) : Money.Zero);
        var left = new Money(limit) - counted;
        return new MoneyNumber(left < Money.Zero ? Money.Zero : left);
    }
}
