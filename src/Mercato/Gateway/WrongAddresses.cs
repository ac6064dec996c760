using Mercato.Accounts;
using Mercato.Hosting;

namespace Mercato.Gateway;

/// <summary>Addresses that clients build from a wrong base URL answer with the right one.</summary>
internal static class WrongAddresses
{
    public static void MapWrongAddresses(this IEndpointRouteBuilder routes)
    {
        var wrong = routes.MapGroup("").Is(EndpointClass.Public).WithMetadata(CallerErrors.InCallersOwn())
            .RequireCors(Cors.AnyOrigin).ExcludeFromDescription();
        wrong.Map("/v1/v1/{**rest}", (HttpContext http) => Point(http, "The base URL already ends in /v1"));
        wrong.Map("/chat/completions", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/completions", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/responses", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/api/messages", (HttpContext http) => Point(http, "The base URL is wrong"));
        wrong.Map("/v1/{**rest}", Miss);
    }

    private static RefusalResult Miss(HttpContext http) => new Refusal(404, "not_found",
        $"There is no {http.Request.Method} {http.Request.Path}. Calls go by POST to /v1/chat/completions, /v1/responses "
        + "or /v1/messages; GET /v1/models lists what can be called.").ToResult();

    private static RefusalResult Point(HttpContext http, string what)
    {
        var site = $"{http.Request.Scheme}://{http.Request.Host}";
        return new Refusal(404, "wrong_base_url",
            $"{what}. OpenAI clients use {site}/v1, Anthropic clients {site}, OpenRouter clients {site}/api/v1.").ToResult();
    }
}
