using Microsoft.AspNetCore.Antiforgery;

namespace Mercato.Accounts;

/// <summary>Whether a request by cookie comes from one of our own pages.</summary>
public static class PageForgery
{
    /// <summary>Carries the antiforgery token of a page's script; forms carry it as a field.</summary>
    public const string Header = "x-mercato-antiforgery";

    internal static async Task<bool> IsFromOurPageAsync(HttpContext http, IAntiforgery antiforgery)
    {
        var method = http.Request.Method;
        return HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
            || (IsSameOrigin(http.Request) && await antiforgery.IsRequestValidAsync(http));
    }

    /// <summary>
    /// Browsers say where a request comes from. Sec-Fetch-Site is preferred: behind a proxy the Host that we see may
    /// differ from the one in Origin.
    /// </summary>
    private static bool IsSameOrigin(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var address)
                && string.Equals(address.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
