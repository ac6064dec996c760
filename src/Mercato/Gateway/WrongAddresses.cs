using Mercato.Hosting;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>Addresses that clients build from a wrong base URL answer with the right one.</summary>
internal static class WrongAddresses
{
    public static void MapWrongAddresses(this IEndpointRouteBuilder routes)
    {
        var wrong = routes.MapGroup("").Is(EndpointClass.Public).WithMetadata(CallerErrors.In(OpenAiChatDialect.Instance))
            .ExcludeFromDescription();
        wrong.Map("/v1/v1/{**rest}", (HttpContext http) => Point(http, "The base URL already ends in /v1"));
        wrong.Map("/chat/completions", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/completions", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/responses", (HttpContext http) => Point(http, "The base URL lacks /v1"));
        wrong.Map("/api/messages", (HttpContext http) => Point(http, "The base URL is wrong"));
    }

    private static RefusalResult Point(HttpContext http, string what)
    {
        var site = $"{http.Request.Scheme}://{http.Request.Host}";
        return new Refusal(404, "wrong_base_url",
            $"{what}. OpenAI clients use {site}/v1, Anthropic clients {site}, OpenRouter clients {site}/api/v1.").ToResult();
    }
}
