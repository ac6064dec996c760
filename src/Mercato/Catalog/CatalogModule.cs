using Mercato.Accounts;
using Mercato.Catalog.Api;
using Mercato.Data;
using Mercato.Hosting;

namespace Mercato.Catalog;

public static class CatalogModule
{
    /// <summary>The snapshot topic; bump it after any change of models, offers, prices or wildcard providers.</summary>
    public const string Topic = "catalog";

    public static void AddCatalog(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<CatalogOptions>().BindConfiguration("Mercato:Catalog").ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSnapshot(Topic, CatalogLoad.RunAsync);
        services.AddSingleton<PublishedFigures>();
        services.AddScoped<BuiltinIntake>();
        services.AddScoped<CatalogView>();
    }

    /// <summary>
    /// Takes in the built-in file where it is news; after the migrations, before the snapshots are loaded.
    /// </summary>
    public static async Task StartCatalogAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<BuiltinIntake>()
            .RunAsync(BuiltinCatalog.Current, cancellationToken);
    }

    public static void MapCatalog(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").Is(EndpointClass.Public).RequireCors(Cors.AnyOrigin);
        api.MapModelLists();
        api.MapModels();
        api.MapProviders();
    }
}
