using System.Collections.Frozen;
using Mercato.Catalog;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Providers;

/// <summary>The users' own provider keys, sealed, as calls look them up.</summary>
public sealed class OwnKeys
{
    public const string Topic = "provider-keys";
    internal const string KeyUse = "provider-key";

    private readonly FrozenDictionary<Guid, ProviderKey[]> _byAccount;

    private OwnKeys(FrozenDictionary<Guid, ProviderKey[]> byAccount) => _byAccount = byAccount;

    /// <summary>Keys of an account that may be used.</summary>
    public IReadOnlyList<ProviderKey> Of(Guid accountId) => _byAccount.GetValueOrDefault(accountId) ?? [];

    internal static async Task<OwnKeys> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var keys = await services.GetRequiredService<MercatoContext>().Set<ProviderKey>().AsNoTracking()
            .Where(key => !key.Disabled).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
        return new OwnKeys(keys.GroupBy(key => key.AccountId)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray()));
    }
}

/// <summary>Which offers a caller can reach.</summary>
public sealed class Reaches(Snapshot<Hosts> hosts, Snapshot<OwnKeys> ownKeys)
{
    /// <summary>Null is somebody who has not signed in: what the operator sells.</summary>
    public Reach Of(Guid? accountId)
    {
        var own = accountId is { } id
            ? ownKeys.Current.Of(id).Select(key => key.Provider).Where(IsCallable).ToFrozenSet()
            : [];
        return new Reach(hosts.Current.Sold, own, FrozenSet<string>.Empty) { Served = hosts.Current.Served };
    }

    // A key for a host that nobody can call through here opens nothing.
    private bool IsCallable(string provider) => hosts.Current.Find(provider)?.IsCallable == true;
}
