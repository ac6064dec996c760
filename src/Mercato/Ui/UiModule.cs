using Mercato.Hosting;
using Mercato.Ui.Pages;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Mercato.Ui;

/// <summary>
/// The pages: rendered on the server, without a circuit and without a script of the framework. (Its enhanced navigation
/// needs a base element, which the content security policy refuses.) Links and forms are plain; small modules of our
/// own add what only a script can do.
/// </summary>
public static class UiModule
{
    public static void AddUi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents();
        services.AddSingleton<SiteAssets>();
    }

    public static void MapUi(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapGet("/assets/{version}/{name}",
                (string version, string name, SiteAssets assets, HttpContext http) => assets.Serve(version, name, http))
            .Is(EndpointClass.Public).ExcludeFromDescription();
        app.MapRazorComponents<App>().Add(ClassifyFrameworkEndpoints);
        app.MapFallback(NotFound).Is(EndpointClass.Public).WithMetadata(PageErrors.Shape);
    }

    /// <summary>Pages declare their own class; what the framework maps beside them is harmless and public.</summary>
    private static void ClassifyFrameworkEndpoints(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<ComponentTypeMetadata>().Any())
        {
            endpoint.Metadata.Add(PageErrors.Shape);
        }
        else
        {
            endpoint.Metadata.Add(new EndpointClassAttribute(EndpointClass.Public));
        }
    }

    private static RefusalResult NotFound() => Refusal.NotFound.ToResult();
}
