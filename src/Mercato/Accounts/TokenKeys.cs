using System.Collections.Frozen;
using System.Security.Cryptography;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.Tokens;

namespace Mercato.Accounts;

/// <summary>The keys that sign and check access tokens on every node.</summary>
/// <param name="ById">By `kid`.</param>
/// <param name="NewestFirst">With the time from which each may sign.</param>
internal sealed record TokenKeys(
    FrozenDictionary<string, ECDsaSecurityKey> ById,
    IReadOnlyList<(DateTimeOffset From, ECDsaSecurityKey Key)> NewestFirst)
{
    public const string Topic = "token-keys";

    private const string Use = "token-key";

    private static readonly TimeSpan SignsFor = TimeSpan.FromDays(90);

    /// <summary>A new key signs only after this: by then every node has heard of it.</summary>
    private static readonly TimeSpan Announced = TimeSpan.FromMinutes(1);

    /// <summary>
    /// After its successor's birth a key still checks what it signed; longer than any access token lives.
    /// </summary>
    private static readonly TimeSpan Grace = TimeSpan.FromDays(1) + Announced;

    /// <summary>Makes the first key, and a new one when the newest is old. Safe on several nodes at once.</summary>
    public static async Task EnsureAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var oldest = now - SignsFor;
        if (await context.Set<TokenKey>().AnyAsync(key => key.CreatedAt > oldest, cancellationToken))
        {
            return;
        }

        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.Add(new TokenKey
        {
            Id = Guid.CreateVersion7(now),
            SealedPrivateKey = services.GetRequiredService<KeyRing>().Seal(Use, pair.ExportPkcs8PrivateKey()),
            CreatedAt = now,
        });
        await context.SaveChangesAsync(cancellationToken);
        await context.BumpAsync(Topic, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public static async Task<TokenKeys> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var rows = await services.GetRequiredService<MercatoContext>().Set<TokenKey>().AsNoTracking()
            .OrderByDescending(key => key.CreatedAt).ToListAsync(cancellationToken);
        // Newest first, a row is good until a day after the next newer one was made.
        var good = rows.Where((_, i) => i == 0 || rows[i - 1].CreatedAt + Grace > now).ToList();
        var keyRing = services.GetRequiredService<KeyRing>();
        var keys = good.Select(row => (row.CreatedAt + Announced, Key: Open(keyRing, row))).ToList();
        return new TokenKeys(keys.ToFrozenDictionary(key => key.Key.KeyId, key => key.Key), keys);
    }

    /// <summary>The newest key that every node knows; the very first signs at once.</summary>
    public ECDsaSecurityKey SigningAt(DateTimeOffset now)
    {
        foreach (var (from, key) in NewestFirst)
        {
            if (from <= now)
            {
                return key;
            }
        }

        return NewestFirst[^1].Key;
    }

    private static ECDsaSecurityKey Open(KeyRing keyRing, TokenKey row)
    {
        var pair = ECDsa.Create();
        pair.ImportPkcs8PrivateKey(keyRing.Open(Use, row.SealedPrivateKey), out _);
        return new ECDsaSecurityKey(pair) { KeyId = row.Id.ToString("N") };
    }
}
