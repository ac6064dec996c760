using Mercato.Catalog.Api;
using Mercato.Data;
using Mercato.Hosting;

namespace Mercato.Catalog;

/// <summary>Tells what the caller of a request can reach. Registered by the module that keeps provider keys.</summary>
public delegate ValueTask<Reach> ReadReach(HttpContext http, CancellationToken cancellationToken);

public static class CatalogModule
{
    /// <summary>The snapshot topic; bump it after any change of models, offers, prices or wildcard providers.</summary>
    public const string Topic = "catalog";

    public static void AddCatalog(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<CatalogOptions>().BindConfiguration("Mercato:Catalog").ValidateDataAnnotations().ValidateOnStart();
        services.AddSnapshot(Topic, CatalogLoad.RunAsync);
        services.AddSingleton<PublishedFigures>();
        services.AddScoped<BuiltinIntake>();
        services.AddScoped<CatalogView>();
    }

    /// <summary>Takes in the built-in file where it is news; after the migrations, before the snapshots are loaded.</summary>
    public static async Task StartCatalogAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<BuiltinIntake>().RunAsync(BuiltinCatalog.Current, cancellationToken);
    }

    public static void MapCatalog(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").Is(EndpointClass.Public);
        api.MapModelLists();
        api.MapModels();
        api.MapProviders();
    }
}

/// <summary>The catalog as the caller of this request sees it now.</summary>
public sealed class CatalogView(
    Snapshot<CatalogSnapshot> snapshot, PublishedFigures figures, TimeProvider time, IServiceProvider services)
{
    public CatalogSnapshot Catalog { get; } = snapshot.Current;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    public CatalogFigures Figures { get; } = figures.Current;

    /// <summary>Without a module that keeps keys, nothing can be reached.</summary>
    public async ValueTask<Reach> ReachAsync(HttpContext http, CancellationToken cancellationToken) =>
        services.GetService<ReadReach>() is { } read ? await read(http, cancellationToken) : Reach.None;
}
