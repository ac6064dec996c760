using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Ledger;

/// <summary>An entry as the statement shows it.</summary>
public sealed record EntryView(
    long Number, EntryKind Kind, Money Amount, Money BalanceAfter, Money Promotional, string? GenerationId,
    string? Source, string? Reason, long? ReversalOf, DateTimeOffset CreatedAt)
{
    public static EntryView Of(Entry entry) => new(
        entry.Number, entry.Kind, new Money(entry.AmountNano), new Money(entry.BalanceNano),
        new Money(entry.PromotionalNano), entry.OpId is { } op ? Op.GenerationId(op) : null, entry.Source,
        entry.Reason, entry.ReversalOf, entry.CreatedAt);
}

/// <summary>What an account has, in OpenRouter's terms and in ours.</summary>
public sealed record CreditsView(
    MoneyNumber TotalCredits, Money TotalCreditsUsd, MoneyNumber TotalUsage, Money TotalUsageUsd, Money Balance,
    Money Held, Money Available, Money Promotional, Money Receivable, string Currency);

/// <summary>The signed-in account's money, for the API and for pages.</summary>
public sealed class Statement(MercatoContext context, Ledger ledger, CurrentAccount account)
{
    public const int MaxPage = 200;

    public async Task<CreditsView> GetCreditsAsync(CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        var wallet = await ledger.GetWalletAsync(owner, cancellationToken);
        var spent = await context.Set<Entry>()
            .Where(entry => entry.AccountId == owner && entry.OpId != null)
            .SumAsync(entry => entry.AmountNano, cancellationToken);
        var refunded = await context.Set<Entry>()
            .Where(entry => entry.AccountId == owner && entry.Kind == EntryKind.Refund)
            .SumAsync(entry => entry.AmountNano, cancellationToken);
        var usage = new Money(-spent - refunded);
        var credits = new Money(wallet.PostedNano) + usage;
        return new CreditsView(
            new MoneyNumber(credits), credits, new MoneyNumber(usage), usage, new Money(wallet.PostedNano),
            new Money(wallet.HeldNano), wallet.Available, new Money(wallet.PromotionalNano),
            new Money(wallet.ReceivableNano), "USD");
    }

    /// <summary>Entries, newest first, before the given number.</summary>
    public Task<List<Entry>> ListEntriesAsync(long? before, int limit, CancellationToken cancellationToken)
    {
        var owner = account.AccountId;
        return context.Set<Entry>().AsNoTracking()
            .Where(entry => entry.AccountId == owner && (before == null || entry.Number < before))
            .OrderByDescending(entry => entry.Number).Take(limit).ToListAsync(cancellationToken);
    }
}

/// <summary>`/api/v1/credits`.</summary>
internal static class CreditsApi
{
    public static void MapCredits(this IEndpointRouteBuilder routes)
    {
        var credits = routes.MapGroup("/api/v1/credits").Is(EndpointClass.OwnObject).WithTags("Credits")
            .RequireCors(Cors.AnyOrigin);
        credits.MapGet("", async (Statement statement, CancellationToken cancellationToken) =>
            new Answer<CreditsView>(await statement.GetCreditsAsync(cancellationToken)))
            .WithSummary("What you have bought, used, hold and can spend.");
        credits.MapGet("/entries", ListEntries).Tells<Answer<List<EntryView>>>("Your statement, newest first.");
    }

    private static async Task<IResult> ListEntries(
        Statement statement, CancellationToken cancellationToken, string? cursor = null, int limit = 50)
    {
        long? before = null;
        if (cursor is not null)
        {
            if (!long.TryParse(cursor, out var number) || number < 1)
            {
                return Refusal.Invalid("cursor", "A cursor is what `next_cursor` said.").ToResult();
            }

            before = number;
        }

        if (limit is < 1 or > Statement.MaxPage)
        {
            return Refusal.Invalid("limit", $"limit is from 1 to {Statement.MaxPage}.").ToResult();
        }

        var entries = await statement.ListEntriesAsync(before, limit, cancellationToken);
        var next = entries.Count == limit && entries[^1].Number > 1 ? entries[^1].Number.ToString() : null;
        return Results.Ok(new { data = entries.Select(EntryView.Of), next_cursor = next });
    }
}
