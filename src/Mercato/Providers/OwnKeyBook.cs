using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Providers;

public sealed record CreateOwnKey(
    string Provider, string Key, string? Name, bool IsFallback, bool FallbackToCredits, string[]? AllowedModels,
    bool Disabled);

public sealed record ChangeOwnKey(
    string? Name, bool? IsFallback, bool? FallbackToCredits, string[]? AllowedModels, bool? Disabled);

public sealed record RotateOwnKey(string Key);

public sealed record TestOwnKey(string? Model);

/// <summary>A provider key as its owner sees it: never the secret.</summary>
public sealed record OwnKeyView(
    Guid Id, string Provider, string? Name, string LastFour, bool IsFallback, bool FallbackToCredits,
    string[] AllowedModels, bool Disabled, DateTimeOffset CreatedAt)
{
    internal static OwnKeyView Of(ProviderKey key) => new(
        key.Id, key.Provider, key.Name, key.LastFour, key.IsFallback, key.FallbackToCredits, key.AllowedModels,
        key.Disabled, key.CreatedAt);
}

public sealed record OwnKeyPage(IReadOnlyList<OwnKeyView> Data, string? NextCursor);

/// <summary>The signed-in account's own provider keys, for the API and for pages.</summary>
public sealed class OwnKeyBook(
    MercatoContext context, CurrentAccount account, KeyRing keyRing, Snapshot<Hosts> hosts, Snapshot<OwnKeys> keys,
    ProviderTest test, TimeProvider time)
{
    public Task<List<OwnKeyView>> ListAsync(CancellationToken cancellationToken) =>
        Owned().AsNoTracking().OrderBy(key => key.CreatedAt).Select(key => OwnKeyView.Of(key)).ToListAsync(cancellationToken);

    public async Task<Outcome<OwnKeyView>> CreateAsync(CreateOwnKey request, CancellationToken cancellationToken)
    {
        if (Provider.BuiltIn.GetValueOrDefault(request.Provider ?? "") is not { } provider)
        {
            return Refusal.Invalid("provider", $"There is no provider '{request.Provider}'. "
                + "GET /api/v1/providers lists them.");
        }

        if (provider.IsLocal)
        {
            // Its address is in the operator's own network, which a user's call must not reach.
            return Refusal.Invalid("provider", $"{provider.Name} runs at the operator's and takes no keys of users.");
        }

        if (SecretProblem(request.Key) is { } problem)
        {
            return problem;
        }

        var key = new ProviderKey
        {
            AccountId = account.AccountId,
            Id = Guid.CreateVersion7(),
            Provider = request.Provider!,
            Name = request.Name,
            SealedSecret = keyRing.Seal(OwnKeys.KeyUse, request.Key.Trim()),
            LastFour = request.Key.Trim()[^4..],
            IsFallback = request.IsFallback,
            FallbackToCredits = request.FallbackToCredits,
            AllowedModels = request.AllowedModels ?? [],
            Disabled = request.Disabled,
            CreatedAt = time.GetUtcNow(),
        };
        context.Add(key);
        await SaveAsync(cancellationToken);
        return OwnKeyView.Of(key);
    }

    public async Task<Outcome<OwnKeyView>> ChangeAsync(
        Guid id, ChangeOwnKey request, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } key)
        {
            return Refusal.NotFound;
        }

        key.Name = request.Name ?? key.Name;
        key.IsFallback = request.IsFallback ?? key.IsFallback;
        key.FallbackToCredits = request.FallbackToCredits ?? key.FallbackToCredits;
        key.AllowedModels = request.AllowedModels ?? key.AllowedModels;
        key.Disabled = request.Disabled ?? key.Disabled;
        await SaveAsync(cancellationToken);
        return OwnKeyView.Of(key);
    }

    public async Task<Outcome<OwnKeyView>> RotateAsync(
        Guid id, RotateOwnKey request, CancellationToken cancellationToken)
    {
        if (SecretProblem(request.Key) is { } problem)
        {
            return problem;
        }

        if (await FindAsync(id, cancellationToken) is not { } key)
        {
            return Refusal.NotFound;
        }

        key.SealedSecret = keyRing.Seal(OwnKeys.KeyUse, request.Key.Trim());
        key.LastFour = request.Key.Trim()[^4..];
        await SaveAsync(cancellationToken);
        return OwnKeyView.Of(key);
    }

    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } key)
        {
            return false;
        }

        context.Remove(key);
        await SaveAsync(cancellationToken);
        return true;
    }

    public async Task<Outcome<TestResult>> TestAsync(Guid id, string? model, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { } key)
        {
            return Refusal.NotFound;
        }

        return hosts.Current.Find(key.Provider) is { } host
            ? await test.RunAsync(host, key, model, cancellationToken)
            : new Refusal(409, "provider-disabled", "An administrator has switched this provider off.");
    }

    /// <summary>Secrets do not outlive the account.</summary>
    internal static async Task DeleteAllAsync(
        MercatoContext context, Guid accountId, CancellationToken cancellationToken)
    {
        await context.Set<ProviderKey>().Where(key => key.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await context.BumpAsync(OwnKeys.Topic, cancellationToken);
    }

    // Ownership stands in the query itself, so somebody else's key is simply not found.
    private IQueryable<ProviderKey> Owned()
    {
        var owner = account.AccountId;
        return context.Set<ProviderKey>().Where(key => key.AccountId == owner);
    }

    private Task<ProviderKey?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        Owned().SingleOrDefaultAsync(key => key.Id == id, cancellationToken);

    private static Refusal? SecretProblem(string? secret) =>
        secret?.Trim() is { Length: >= 8 and <= 4096 } text && text.All(char.IsAscii) && !text.Any(char.IsControl)
            ? null
            : Refusal.Invalid("key", "This does not look like a provider's key: 8 to 4,096 printable characters.");

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            await context.SaveChangesAsync(cancellationToken);
            await context.BumpAsync(OwnKeys.Topic, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await keys.RefreshAsync(cancellationToken);
    }
}
