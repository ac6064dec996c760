using System.Collections.Concurrent;
using System.Collections.Frozen;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>Every live key by the digest of its secret.</summary>
internal sealed record ApiKeySet(FrozenDictionary<KeyDigest, ApiKey> Keys)
{
    public const string Topic = "api-keys";

    public static async Task<ApiKeySet> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var keys = await StoredKey.Of(context, key => true).ToListAsync(cancellationToken);
        return new ApiKeySet(keys.ToFrozenDictionary(key => KeyDigest.Of(key.Row.SecretHash), key => key.ToApiKey()));
    }
}

/// <summary>
/// Finds the key that a caller presents, from memory. A key that is not there but has a right checksum may have been
/// made on another node a moment ago: it costs one database read, and nothing more for a second.
/// </summary>
internal sealed class ApiKeys(Snapshot<ApiKeySet> snapshot, IServiceScopeFactory scopes, TimeProvider time)
{
    private const int MostUnknown = 10_000;
    private static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<KeyDigest, DateTimeOffset> _unknown = [];
    private int _reads;

    /// <summary>Database reads so far, for tests of what an unknown key costs.</summary>
    internal int Reads => _reads;

    public async ValueTask<ApiKey?> FindAsync(string presented, CancellationToken cancellationToken)
    {
        if (!ApiKeySecret.TryRead(presented, out var digest))
        {
            return null;
        }

        if (snapshot.Current.Keys.TryGetValue(digest, out var key))
        {
            return key;
        }

        var now = time.GetUtcNow();
        return _unknown.TryGetValue(digest, out var until) && until > now
            ? null
            : await ReadAsync(digest, now + UnknownFor, cancellationToken);
    }

    private async Task<ApiKey?> ReadAsync(
        KeyDigest digest, DateTimeOffset unknownUntil, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await using var scope = scopes.CreateAsyncScope();
        var hash = digest.ToArray();
        var found = await StoredKey
            .Of(scope.ServiceProvider.GetRequiredService<MercatoContext>(), key => key.SecretHash == hash)
            .SingleOrDefaultAsync(cancellationToken);
        if (found is not null)
        {
            return found.ToApiKey();
        }

        if (_unknown.Count >= MostUnknown)
        {
            _unknown.Clear();
        }

        _unknown[digest] = unknownUntil;
        return null;
    }
}
