namespace Mercato.Catalog;

/// <summary>
/// Gives the wildcard providers to the catalog's snapshot. The Providers module, which knows them, comes after the
/// catalog and registers this.
/// </summary>
public delegate Task<IReadOnlyList<WildcardProvider>> WildcardSource(
    IServiceProvider services, CancellationToken cancellationToken);
