using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>A key just made, with its plaintext, which is shown this once.</summary>
public sealed record CreatedKey(KeyView Data, string Key);

public sealed record KeyPage(IReadOnlyList<KeyView> Data, string? NextCursor);

/// <summary>The keys of one account: what the API and the keys page do with them.</summary>
internal sealed class AccountKeys(
    MercatoContext context, SnapshotWatch watch, FindKeySpend findSpend, AccountsOptions options, TimeProvider time)
{
    private const int MostPerPage = 200;

    public async Task<Outcome<CreatedKey>> CreateAsync(
        Caller caller, CreateKeyRequest request, CancellationToken cancellationToken)
    {
        var secret = ApiKeySecret.Create();
        var now = time.GetUtcNow();
        var row = new ApiKeyRow
        {
            AccountId = caller.AccountId,
            // Random, not a time-ordered id: it is shown to others and should say nothing.
            Id = Guid.NewGuid(),
            Name = "",
            Label = ApiKeySecret.LabelOf(secret),
            SecretHash = ApiKeySecret.DigestOf(secret).ToArray(),
            CreatedBy = caller.UserId,
            CreatedAt = now,
        };
        if (KeyRules.Apply(Complete(request), row, caller.ApiKey, now) is { } refusal)
        {
            return refusal;
        }

        if (await Live(caller.AccountId).CountAsync(cancellationToken) >= options.KeysPerAccount)
        {
            return new Refusal(409, "too-many-keys",
                $"An account has at most {options.KeysPerAccount} keys. Delete one that is not used.");
        }

        context.Add(row);
        await SaveAsync(cancellationToken);
        return new CreatedKey(KeyView.Of(row, KeySpend.Nothing), secret);
    }

    /// <summary>The account's keys, newest first.</summary>
    /// <param name="accountId">Whose keys.</param>
    /// <param name="cursor">The `next_cursor` of the page before, or null.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<KeyPage> ListAsync(
        Guid accountId, string? cursor, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, MostPerPage);
        var keys = Live(accountId).AsNoTracking();
        if (TryReadCursor(cursor, out var at, out var id))
        {
            keys = keys.Where(key => key.CreatedAt < at || (key.CreatedAt == at && key.Id.CompareTo(id) < 0));
        }

        var rows = await keys.OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id)
            .Take(limit + 1).ToListAsync(cancellationToken);
        var page = rows.Take(limit).ToList();
        var spend = await findSpend(context, accountId, [.. page.Select(key => key.Id)], cancellationToken);
        var next = rows.Count > limit ? $"{Instant.ToMicros(page[^1].CreatedAt)}.{page[^1].Id:N}" : null;
        return new KeyPage([.. page.Select(key => ViewOf(key, spend))], next);
    }

    public async Task<Outcome<KeyView>> FindAsync(Guid accountId, string hash, CancellationToken cancellationToken) =>
        await RowAsync(accountId, hash, cancellationToken) is { } row
            ? ViewOf(row, await findSpend(context, accountId, [row.Id], cancellationToken))
            : Refusal.NotFound;

    public async Task<Outcome<KeyView>> PatchAsync(
        Caller caller, string hash, PatchKeyRequest change, CancellationToken cancellationToken)
    {
        if (await RowAsync(caller.AccountId, hash, cancellationToken) is not { } row)
        {
            return Refusal.NotFound;
        }

        if (KeyRules.Apply(change, row, caller.ApiKey, time.GetUtcNow()) is { } refusal)
        {
            return refusal;
        }

        await SaveAsync(cancellationToken);
        return ViewOf(row, await findSpend(context, caller.AccountId, [row.Id], cancellationToken));
    }

    /// <summary>The key works no more, here at once and elsewhere within a second; null when it went well.</summary>
    public async Task<Refusal?> DeleteAsync(Guid accountId, string hash, CancellationToken cancellationToken)
    {
        if (await RowAsync(accountId, hash, cancellationToken) is not { } row)
        {
            return Refusal.NotFound;
        }

        row.DeletedAt = time.GetUtcNow();
        await SaveAsync(cancellationToken);
        return null;
    }

    private static PatchKeyRequest Complete(CreateKeyRequest request) => new()
    {
        Name = new(request.Name),
        Limit = new(request.Limit),
        LimitReset = new(request.LimitReset),
        ExpiresAt = new(request.ExpiresAt),
        AllowedModels = new(request.AllowedModels),
        Scopes = new(request.Scopes ?? [KeyScopes.Inference, KeyScopes.Read]),
        OnLowBalance = new(request.OnLowBalance ?? OnLowBalance.Refuse),
        IncludeByokInLimit = new(request.IncludeByokInLimit ?? false),
    };

    private static KeyView ViewOf(ApiKeyRow row, AccountSpend spend) =>
        KeyView.Of(row, spend.Keys.GetValueOrDefault(row.Id) ?? KeySpend.Nothing);

    private static bool TryReadCursor(string? cursor, out DateTimeOffset at, out Guid id)
    {
        at = default;
        id = default;
        if (cursor?.Split('.') is not [var micros, var key] || !long.TryParse(micros, out var value)
            || value is < 0 or > 250_000_000_000_000_000 || !Guid.TryParseExact(key, "N", out id))
        {
            return false;
        }

        at = Instant.FromMicros(value);
        return true;
    }

    private IQueryable<ApiKeyRow> Live(Guid accountId) =>
        context.Set<ApiKeyRow>().Where(key => key.AccountId == accountId && key.DeletedAt == null);

    private async Task<ApiKeyRow?> RowAsync(Guid accountId, string hash, CancellationToken cancellationToken) =>
        Guid.TryParseExact(hash, "N", out var id)
            ? await Live(accountId).SingleOrDefaultAsync(key => key.Id == id, cancellationToken)
            : null;

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            await context.SaveChangesAsync(cancellationToken);
            await context.BumpAsync(ApiKeySet.Topic, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await watch.RefreshAsync(ApiKeySet.Topic, cancellationToken);
    }
}
