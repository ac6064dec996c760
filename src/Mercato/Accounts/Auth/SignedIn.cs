using System.Security.Cryptography;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;

namespace Mercato.Accounts;

/// <summary>A user as answers show them.</summary>
public sealed record UserView(
    Guid Id, string Email, string Username, bool IsAdmin, bool Disabled, DateTimeOffset CreatedAt,
    DateTimeOffset? LastSignInAt)
{
    public static UserView Of(User user) => new(
        user.Id, user.Email!, user.UserName!, user.IsAdmin, user.DisabledAt is not null, user.CreatedAt,
        user.LastSignInAt);
}

/// <summary>The answer to a sign-up, sign-in or refresh; the access token lives `ExpiresIn` seconds.</summary>
public sealed record SignedIn(
    UserView User, string AccessToken, string TokenType, int ExpiresIn, string RefreshToken);

/// <summary>
/// Turns a user whose password was right into a signed-in one: tokens for programs, a cookie for pages.
/// </summary>
internal sealed class SignIn(
    Sessions sessions, AccessTokens accessTokens, AccountsOptions options, TimeProvider time,
    IDataProtectionProvider protection)
{
    private static readonly Refusal Changed = new(401, "invalid-credentials",
        "The account was changed while you signed in. Try again.");

    private readonly IDataProtector _refreshTokens = protection.CreateProtector("Mercato.RefreshToken");

    /// <summary>Starts a session and answers with its tokens.</summary>
    public async Task<Outcome<SignedIn>> WithTokensAsync(User user, CancellationToken cancellationToken) =>
        await sessions.StartAsync(user, cancellationToken) is { } session ? Tokens(user, session) : Changed;

    /// <summary>Starts a session and sets the pages' cookie; null when it went well.</summary>
    public async Task<Refusal?> WithCookieAsync(HttpContext http, User user, CancellationToken cancellationToken)
    {
        if (await sessions.StartAsync(user, cancellationToken) is not { } session)
        {
            return Changed;
        }

        var now = time.GetUtcNow();
        await http.SignInAsync(PageCookie.Scheme, Claims.Of(user, session).ToPrincipal(PageCookie.Scheme),
            new AuthenticationProperties
            {
                IsPersistent = true,
                IssuedUtc = now,
                ExpiresUtc = now + options.SessionLifetime,
            });
        return null;
    }

    /// <summary>Ends the caller's session, of whichever kind.</summary>
    public async Task OutAsync(HttpContext http, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.SessionId is { } session)
        {
            await sessions.EndAsync(session, cancellationToken);
        }

        if (caller.Kind == CredentialKind.Cookie)
        {
            await http.SignOutAsync(PageCookie.Scheme);
        }
    }

    internal SignedIn Tokens(User user, Session session)
    {
        var token = new byte[20];
        session.Id.TryWriteBytes(token);
        BitConverter.TryWriteBytes(token.AsSpan(16), session.RefreshNumber);
        return new SignedIn(
            UserView.Of(user), accessTokens.Write(Claims.Of(user, session)), "Bearer",
            (int)options.AccessTokenLifetime.TotalSeconds, WebEncoders.Base64UrlEncode(_refreshTokens.Protect(token)));
    }

    /// <summary>What a genuine refresh token says; null for anything else.</summary>
    internal (Guid Session, int Number)? ReadRefreshToken(string? text)
    {
        try
        {
            return text is { Length: > 0 and < 1000 }
                && _refreshTokens.Unprotect(WebEncoders.Base64UrlDecode(text)) is { Length: 20 } token
                    ? (new Guid(token.AsSpan(0, 16)), BitConverter.ToInt32(token, 16))
                    : null;
        }
        catch (Exception problem) when (problem is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
