using System.Text.Json.Serialization;
using Mercato.Ledger;

namespace Mercato.Accounts;

/// <summary>A key as answers and pages show it; its secret is in none of them.</summary>
public sealed record KeyView
{
    public required string Hash { get; init; }

    public required string Name { get; init; }

    public required string Label { get; init; }

    public required bool Disabled { get; init; }

    [JsonConverter(typeof(MoneyNumberConverter))]
    public Money? Limit { get; init; }

    public string? LimitUsd => Limit?.ToString();

    [JsonConverter(typeof(MoneyNumberConverter))]
    public Money? LimitRemaining { get; init; }

    public string? LimitRemainingUsd => LimitRemaining?.ToString();

    public LimitReset? LimitReset { get; init; }

    public required bool IncludeByokInLimit { get; init; }

    [JsonConverter(typeof(MoneyNumberConverter))]
    public required Money Usage { get; init; }

    public string UsageUsd => Usage.ToString();

    [JsonConverter(typeof(MoneyNumberConverter))]
    public required Money UsageDaily { get; init; }

    public string UsageDailyUsd => UsageDaily.ToString();

    [JsonConverter(typeof(MoneyNumberConverter))]
    public required Money UsageWeekly { get; init; }

    public string UsageWeeklyUsd => UsageWeekly.ToString();

    [JsonConverter(typeof(MoneyNumberConverter))]
    public required Money UsageMonthly { get; init; }

    public string UsageMonthlyUsd => UsageMonthly.ToString();

    [JsonConverter(typeof(MoneyNumberConverter))]
    public required Money ByokUsage { get; init; }

    public string ByokUsageUsd => ByokUsage.ToString();

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
        Limit = row.LimitNano is { } nano ? new Money(nano) : null,
        LimitRemaining = Remaining(row, spend),
        LimitReset = row.LimitReset,
        IncludeByokInLimit = row.IncludeByokInLimit,
        Usage = spend.Credits.Total,
        UsageDaily = spend.Credits.Daily,
        UsageWeekly = spend.Credits.Weekly,
        UsageMonthly = spend.Credits.Monthly,
        ByokUsage = spend.Byok.Total,
        AllowedModels = row.AllowedModels,
        Scopes = [.. KeyRules.Single.Where(scope => row.Scopes.HasFlag(scope))],
        OnLowBalance = row.OnLowBalance,
        CreatedAt = row.CreatedAt,
        ExpiresAt = row.ExpiresAt,
        LastUsedAt = row.LastUsedAt,
    };

    private static Money? Remaining(ApiKeyRow row, KeySpend spend)
    {
        if (row.LimitNano is not { } limit)
        {
            return null;
        }

        var counted = spend.Credits.Since(row.LimitReset)
            + (row.IncludeByokInLimit ? spend.Byok.Since(row.LimitReset) : Money.Zero);
        var left = new Money(limit) - counted;
        return left < Money.Zero ? Money.Zero : left;
    }
}
