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
    public Reach Of(Guid? accountId) =>
        accountId is { } id && ownKeys.Current.Of(id) is { Count: > 0 } own
            ? new Reach(hosts.Current.Sold, own.Select(key => key.Provider).Where(CanChat).ToFrozenSet(), FrozenSet<string>.Empty)
            : new Reach(hosts.Current.Sold, FrozenSet<string>.Empty, FrozenSet<string>.Empty);

    // A key for a host that nobody can call through here opens nothing.
    private bool CanChat(string provider) => hosts.Current.Find(provider)?.Provider.CanChat == true;
}
