using Mercato.Data;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;

namespace Mercato.Accounts;

/// <summary>
/// The pages' cookie. `__Host-mercato` on https and on localhost, where browsers treat http as safe; on plain http
/// elsewhere a browser would drop that name, so there it is `mercato` without Secure.
/// </summary>
internal sealed class PageCookie(AccountsOptions accounts) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public const string Scheme = "page-cookie";

    /// <summary>Between two looks at the database only the list of revocations is asked.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromMinutes(10);

    private const string PlainName = "mercato", HostName = "__Host-mercato";

    public static bool IsOn(HttpContext http) => http.Request.Cookies.ContainsKey(NameOn(http));

    public static string NameOn(HttpContext http) => IsSafe(http) ? HostName : PlainName;

    public void Configure(CookieAuthenticationOptions options) => Configure(Scheme, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        options.Cookie.Name = PlainName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.CookieManager = new NameByRequest();
        options.ExpireTimeSpan = accounts.SessionLifetime;
        options.SlidingExpiration = false;
        options.Events.OnValidatePrincipal = ValidateAsync;
    }

    private static bool IsSafe(HttpContext http) =>
        http.Request.IsHttps || http.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";

    /// <summary>Asks the database when the cookie was not checked for a while, and writes down that it was.</summary>
    private static async Task ValidateAsync(CookieValidatePrincipalContext ticket)
    {
        var services = ticket.HttpContext.RequestServices;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        if (ticket.Properties.IssuedUtc + BelievedFor > now)
        {
            return;
        }

        var sessions = services.GetRequiredService<Sessions>();
        var cancellationToken = ticket.HttpContext.RequestAborted;
        if (ticket.Principal is null || Claims.Read(ticket.Principal) is not { } claims
            || await sessions.FindAsync(claims.SessionId, cancellationToken) is not { } found)
        {
            ticket.RejectPrincipal();
            return;
        }

        await sessions.TouchAsync(found.Session.Id, cancellationToken);
        ticket.ReplacePrincipal(Claims.Of(found.User, found.Session).ToPrincipal(Scheme));
        ticket.ShouldRenew = true;
    }

    /// <summary>The platform's cookie manager with the name and the Secure attribute that fit the request.</summary>
    private sealed class NameByRequest : ICookieManager
    {
        private readonly ChunkingCookieManager _inner = new();

        public string? GetRequestCookie(HttpContext context, string key) =>
            _inner.GetRequestCookie(context, NameOn(context));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options)
        {
            options.Secure = IsSafe(context);
            _inner.AppendResponseCookie(context, NameOn(context), value, options);
        }

        public void DeleteCookie(HttpContext context, string key, CookieOptions options)
        {
            options.Secure = IsSafe(context);
            _inner.DeleteCookie(context, NameOn(context), options);
        }
    }
}
