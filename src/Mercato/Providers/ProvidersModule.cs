using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;

namespace Mercato.Providers;

public static class ProvidersModule
{
    public static void AddProviders(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<Egress>();
        services.AddSingleton<HostCalls>();
        services.AddSingleton<Reaches>();
        services.AddScoped<OwnKeyBook>();
        services.AddSingleton<AccountDeleted>(OwnKeyBook.DeleteAllAsync);
        services.AddSingleton<ProviderTest>();
        services.AddSnapshot(Hosts.Topic, Hosts.LoadAsync);
        services.AddSnapshot(OwnKeys.Topic, OwnKeys.LoadAsync);
        services.AddSingleton<WildcardSource>(_ => Hosts.LoadWildcardsAsync);
        services.AddSingleton<ReachSource>(_ => (scope, accountId) => scope.GetRequiredService<Reaches>().Of(accountId));
    }

    public static void MapProviders(this WebApplication app) => app.MapOwnKeys();
}
