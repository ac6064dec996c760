using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mercato.Hosting;

public static class HostingModule
{
    /// <summary>Management bodies are small; inference routes raise the limit themselves.</summary>
    private const int MaxManagementBody = 1 << 20;

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null)
        {
            builder.WebHost.UseUrls("http://localhost:5080");
        }

        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        // Requests are measured and traced; a line for each would hide what an operator must see.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        // A failed command throws to its caller, who knows whether it matters.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None);
        // A credential that is refused is the caller's business.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Authentication", LogLevel.Warning);
        // Our key store seals each key itself; DataProtection cannot know.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxManagementBody;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options => Json.ConfigureRequests(options.SerializerOptions));
        services.AddProblemDetails();
        services.AddExceptionHandler<RequestErrors>();
        services.AddOpenApi(ApiDocument.Configure);
        services.AddHostedService<Jobs>();
        builder.AddTelemetry();
    }

    /// <summary>What stands before every request, outermost first.</summary>
    public static void UseHosting(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseSecurityHeaders();
    }

    public static void MapHosting(this WebApplication app)
    {
        app.MapHealth();
        app.MapOpenApi().Is(EndpointClass.Public);
        app.MapPrometheusScrapingEndpoint().Is(EndpointClass.Admin);
    }

    public static void AddJob(
        this IServiceCollection services, string name, TimeSpan every, Func<IServiceProvider, CancellationToken, Task> run) =>
        services.AddSingleton(new Job(name, every, run));
}
