using Mercato.Accounts;
using Mercato.Data;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Calls;

/// <summary>What the keys of an account have spent, from the calls themselves.</summary>
internal static class KeySpending
{
    public static FindKeySpend Of(TimeProvider time) => (context, accountId, keys, cancellationToken) =>
        FindAsync(time, context, accountId, keys, cancellationToken);

    private static async Task<AccountSpend> FindAsync(
        TimeProvider time, MercatoContext context, Guid accountId, IReadOnlyCollection<Guid> keys,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var today = LimitPeriod.StartOf(LimitReset.Daily, now);
        var week = LimitPeriod.StartOf(LimitReset.Weekly, now);
        var month = LimitPeriod.StartOf(LimitReset.Monthly, now);
        var ids = keys.Select(id => (Guid?)id).ToArray();
        var ops = context.Set<Op>().AsNoTracking()
            .Where(op => op.AccountId == accountId && op.State == OpState.Settled && ids.Contains(op.ApiKeyId));

        var total = await SumAsync(ops, cancellationToken);
        var daily = await SumAsync(ops.Where(op => op.CreatedAt >= today), cancellationToken);
        var weekly = await SumAsync(ops.Where(op => op.CreatedAt >= week), cancellationToken);
        var monthly = await SumAsync(ops.Where(op => op.CreatedAt >= month), cancellationToken);
        var hasBought = await context.Set<Entry>().AnyAsync(
            entry => entry.AccountId == accountId && entry.Kind == EntryKind.Credit && entry.PromotionalNano == 0,
            cancellationToken);

        return new AccountSpend(!hasBought, total.Keys.ToDictionary(id => id, id => new KeySpend(
            Part(id, sums => sums.Credits), Part(id, sums => sums.Byok))));

        Spend Part(Guid id, Func<(long Credits, long Byok), long> pick) => new(
            new Money(pick(total.GetValueOrDefault(id))), new Money(pick(daily.GetValueOrDefault(id))),
            new Money(pick(weekly.GetValueOrDefault(id))), new Money(pick(monthly.GetValueOrDefault(id))));
    }

    private static async Task<Dictionary<Guid, (long Credits, long Byok)>> SumAsync(
        IQueryable<Op> ops, CancellationToken cancellationToken)
    {
        var sums = await ops.GroupBy(op => op.ApiKeyId!.Value)
            .Select(group => new
            {
                group.Key,
                Credits = group.Sum(op => op.CostNano),
                Byok = group.Sum(op => op.ListCostNano ?? 0),
            })
            .ToListAsync(cancellationToken);
        return sums.ToDictionary(sum => sum.Key, sum => (sum.Credits, sum.Byok));
    }
}
