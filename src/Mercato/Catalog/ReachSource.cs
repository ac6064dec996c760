namespace Mercato.Catalog;

/// <summary>
/// Tells what an account can reach; null is somebody who has not signed in. The Providers module, which keeps the keys,
/// comes after the catalog and registers this.
/// </summary>
public delegate Reach ReachSource(IServiceProvider services, Guid? accountId);
