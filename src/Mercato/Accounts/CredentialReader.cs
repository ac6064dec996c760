using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Authentication;

namespace Mercato.Accounts;

/// <summary>
/// What a request's credential amounts to: a caller, a reason against it, or (both null) no credential.
/// </summary>
internal readonly record struct Reading(Caller? Caller, Refusal? Refusal);

/// <summary>
/// The one place that reads credentials, so that every rule holds for each carrier: `Authorization: Bearer` and
/// `x-api-key`, each with an access token or an API key, and the pages' cookie where it is allowed.
/// </summary>
internal sealed class CredentialReader(
    ApiKeys keys, KeyUse keyUse, Snapshot<Revocations> revocations, TimeProvider time)
{
    private static readonly Refusal BadToken = new(401, "invalid-access-token",
        "The access token is not valid, has expired or was revoked. Use your refresh token, or sign in.");

    private static readonly Refusal BadKey = new(401, "invalid-api-key",
        "There is no such API key. Check it for typing errors, or make a new one on the page /keys.");

    private static readonly Refusal DisabledKey = new(401, "api-key-disabled",
        "This API key is disabled. Enable it on the page /keys, or use another.");

    private static readonly Refusal ExpiredKey = new(401, "api-key-expired",
        "This API key has expired. Make a new one on the page /keys.");

    /// <summary>The token or key that the request carries in a header, or null.</summary>
    public static string? Presented(HttpRequest request)
    {
        const string bearer = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(bearer, StringComparison.OrdinalIgnoreCase)
            && authorization.AsSpan(bearer.Length).Trim() is { Length: > 0 } token)
        {
            return token.ToString();
        }

        var key = request.Headers["x-api-key"].ToString().Trim();
        return key.Length > 0 ? key : null;
    }

    public async ValueTask<Reading> ReadAsync(HttpContext http, bool cookieAllowed)
    {
        var presented = Presented(http.Request);
        if (presented is null)
        {
            return cookieAllowed ? await ReadCookieAsync(http) : default;
        }

        return ApiKeySecret.LooksLikeOne(presented)
            ? await ReadKeyAsync(presented, http.RequestAborted)
            : await ReadTokenAsync(http);
    }

    private async ValueTask<Reading> ReadKeyAsync(string presented, CancellationToken cancellationToken)
    {
        var key = await keys.FindAsync(presented, cancellationToken);
        var now = time.GetUtcNow();
        switch (key)
        {
            case null:
                return new Reading(null, BadKey);
            case { IsDisabled: true } or { OwnerIsDisabled: true }:
                return new Reading(null, DisabledKey);
            case { ExpiresAt: { } end } when end <= now:
                return new Reading(null, ExpiredKey);
        }

        keyUse.Note(key, now);
        var isAdmin = key.OwnerIsAdmin && key.Scopes.HasFlag(KeyScopes.Manage);
        return new Reading(
            new Caller(CredentialKind.ApiKey, key.AccountId, key.UserId, isAdmin, key.ExpiresAt) { ApiKey = key },
            null);
    }

    private async Task<Reading> ReadTokenAsync(HttpContext http) =>
        ToCaller(CredentialKind.AccessToken, await http.AuthenticateAsync(AccessTokens.Scheme)) is { } caller
            ? new Reading(caller, null)
            : new Reading(null, BadToken);

    private async Task<Reading> ReadCookieAsync(HttpContext http)
    {
        if (!PageCookie.IsOn(http))
        {
            return default;
        }

        var result = await http.AuthenticateAsync(PageCookie.Scheme);
        var caller = ToCaller(CredentialKind.Cookie, result);
        if (caller is not null)
        {
            // Antiforgery tokens are bound to the user that it finds here.
            http.User = result.Principal!;
        }

        return new Reading(caller, null);
    }

    private Caller? ToCaller(CredentialKind kind, AuthenticateResult result) =>
        result.Principal is { } principal && Claims.Read(principal) is { } claims
        && revocations.Current.Holds(claims.SessionId, claims.UserId, claims.Version)
            ? new Caller(kind, claims.AccountId, claims.UserId, claims.IsAdmin, result.Properties?.ExpiresUtc)
            {
                SessionId = claims.SessionId,
            }
            : null;
}
