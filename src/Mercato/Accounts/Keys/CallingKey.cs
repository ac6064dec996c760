using Mercato.Data;
using Mercato.Hosting;
using Mercato.Ledger;

namespace Mercato.Accounts;

/// <summary>`/api/v1/key`: what the key that calls may still do.</summary>
internal static class CallingKey
{
    private static readonly Refusal NotAKey = new(400, "api-key-required",
        "This tells about the API key that calls. Call it with one.");

    internal sealed record Answer(Calling Data);

    /// <summary>There is no limit of requests yet; the member exists because clients read it.</summary>
    internal sealed record RateLimit(int Requests, string Interval);

    internal sealed record Calling
    {
        public required string Label { get; init; }

        public required MoneyNumber? Limit { get; init; }

        public Money? LimitUsd => Limit?.Value;

        public required MoneyNumber? LimitRemaining { get; init; }

        public Money? LimitRemainingUsd => LimitRemaining?.Value;

        public required LimitReset? LimitReset { get; init; }

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

        public required bool IsFreeTier { get; init; }

        public required DateTimeOffset? ExpiresAt { get; init; }

        public RateLimit RateLimit { get; } = new(-1, "10s");
    }

    public static async Task<IResult> GetCallingKeyAsync(
        CurrentAccount current, AccountKeys keys, FindKeySpend findSpend, MercatoContext context,
        CancellationToken cancellationToken)
    {
        if (current.ApiKey is not { } key)
        {
            return NotAKey.ToResult();
        }

        var found = await keys.FindAsync(key.AccountId, key.Hash, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Refusal.ToResult();
        }

        var spend = await findSpend(context, key.AccountId, [], cancellationToken);
        return Results.Json(new Answer(Of(found.Value, spend.IsFreeTier)));
    }

    private static Calling Of(KeyView key, bool isFreeTier) => new()
    {
        Label = key.Label,
        Limit = key.Limit,
        LimitRemaining = key.LimitRemaining,
        LimitReset = key.LimitReset,
        Usage = key.Usage,
        UsageDaily = key.UsageDaily,
        UsageWeekly = key.UsageWeekly,
        UsageMonthly = key.UsageMonthly,
        ByokUsage = key.ByokUsage,
        IsFreeTier = isFreeTier,
        ExpiresAt = key.ExpiresAt,
    };
}
