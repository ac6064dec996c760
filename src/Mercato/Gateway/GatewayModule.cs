using Mercato.Accounts;
using Mercato.Hosting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Mercato.Gateway;

public static class GatewayModule
{
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<GatewayOptions>().BindConfiguration("Mercato:Gateway")
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Routing>();
        services.AddSingleton<Admission>();
        services.AddSingleton<Upstream>();
        services.AddSingleton<StreamPump>();
        services.AddSingleton<PlainPump>();
        services.AddSingleton<Settling>();
        services.AddSingleton<LocalModel>();
        services.AddSingleton(provider => new GatewayPipeline(
            provider.GetRequiredService<Routing>(), provider.GetRequiredService<Admission>(),
            provider.GetRequiredService<Upstream>(), provider.GetRequiredService<StreamPump>(),
            provider.GetRequiredService<PlainPump>(), provider.GetRequiredService<Settling>(),
            provider.GetRequiredService<IOptions<GatewayOptions>>()));
    }

    /// <summary>`/v1` is faithful to OpenAI, `/api/v1` to OpenRouter; the same handlers serve both.</summary>
    public static void MapGateway(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        foreach (var prefix in (string[])["/v1", "/api/v1"])
        {
            var inference = app.MapGroup(prefix).Is(EndpointClass.Inference).WithTags("Inference")
                .WithMetadata(OpenAiErrors.Shape).RequireCors(Cors.AnyOrigin);
            // A body over our own limit is still taken in up to twice that: a client that is cut off while it sends
            // never reads the refusal.
            inference.MapPost("/chat/completions", ChatCompletions.CompleteChat)
                .WithMetadata(new RequestSizeLimitAttribute(2L * options.MaxBodyBytes));
        }

        app.MapModels();
        app.MapWrongAddresses();
    }
}
