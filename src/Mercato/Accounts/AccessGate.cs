using Mercato.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;

namespace Mercato.Accounts;

/// <summary>Declares which scope a key needs on an endpoint, where the rule of the method does not fit.</summary>
public sealed record NeededScopes(KeyScopes Scopes);

public static class EndpointScopes
{
    /// <summary>
    /// The scopes that a key needs here. Without it: inference for <see cref="EndpointClass.Inference"/>, read for
    /// GET and HEAD, manage for the rest.
    /// </summary>
    public static TBuilder Needs<TBuilder>(this TBuilder builder, KeyScopes scopes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new NeededScopes(scopes));
}

/// <summary>
/// Enforces the class of the matched endpoint and fills <see cref="CurrentAccount"/>. It looks at the endpoint that
/// will run, never at a path, so nothing that a path parser reads differently gets around it.
/// </summary>
internal sealed class AccessGate(RequestDelegate next)
{
    private static readonly Refusal NotAdmin = new(403, "administrators-only", "Only administrators may do this.");

    private static readonly Refusal NotFromOurPage = new(403, "antiforgery-required",
        $"A change by cookie needs the page's antiforgery token in the header `{PageForgery.Header}`. Programs use an "
        + "access token or an API key.");

    public async Task InvokeAsync(
        HttpContext http, CurrentAccount current, CredentialReader credentials, IAntiforgery antiforgery)
    {
        if (http.GetEndpoint() is not { } endpoint || EndpointClasses.ClassOf(endpoint) is not { } rule
            || rule is EndpointClass.Webhook or EndpointClass.Health)
        {
            await next(http);
            return;
        }

        var (caller, refusal) = await credentials.ReadAsync(http, AllowsCookie(endpoint, rule));
        if (caller is { Kind: CredentialKind.Cookie } && !await PageForgery.IsFromOurPageAsync(http, antiforgery))
        {
            (caller, refusal) = (null, NotFromOurPage);
        }

        if (rule != EndpointClass.Public)
        {
            refusal = Judge(http, endpoint, rule, caller, refusal);
            if (refusal is not null)
            {
                await RefuseAsync(http, endpoint, refusal);
                return;
            }
        }

        if (caller is not null)
        {
            current.Become(caller);
        }

        await next(http);
    }

    /// <summary>The programs' routes answer any origin, so a browser's cookie must mean nothing there.</summary>
    internal static bool AllowsCookie(Endpoint endpoint, EndpointClass rule) =>
        rule != EndpointClass.Inference
        && !(endpoint is RouteEndpoint { RoutePattern.RawText: { } route }
            && route.AsSpan().TrimStart('/').StartsWith("v1/", StringComparison.OrdinalIgnoreCase));

    private static Refusal? Judge(
        HttpContext http, Endpoint endpoint, EndpointClass rule, Caller? caller, Refusal? refusal)
    {
        if (caller is null)
        {
            return refusal ?? Refusal.Unauthenticated;
        }

        if (rule == EndpointClass.Admin && !caller.IsAdmin)
        {
            return NotAdmin;
        }

        var needed = NeededBy(http, endpoint, rule);
        return caller.ApiKey is { } key && (key.Scopes & needed) != needed
            ? new Refusal(403, "missing-scope",
                $"This API key lacks the scope {needed.ToString().ToLowerInvariant()}. Use a key that has it, or sign in.")
            : null;
    }

    private static KeyScopes NeededBy(HttpContext http, Endpoint endpoint, EndpointClass rule) =>
        endpoint.Metadata.GetMetadata<NeededScopes>()?.Scopes
        ?? (rule == EndpointClass.Inference ? KeyScopes.Inference
            : HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? KeyScopes.Read
            : KeyScopes.Manage);

    private static Task RefuseAsync(HttpContext http, Endpoint endpoint, Refusal refusal)
    {
        if (refusal.Status == StatusCodes.Status401Unauthorized
            && endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
        {
            // A person meets the sign-in page and comes back to where they wanted to go.
            var here = http.Request.Path + http.Request.QueryString.ToString();
            http.Response.Redirect("/sign-in?return=" + Uri.EscapeDataString(ReturnPath.Of(here)));
            return Task.CompletedTask;
        }

        return refusal.ToResult().ExecuteAsync(http);
    }
}
