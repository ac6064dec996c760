using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;

namespace Mercato.Accounts;

public sealed record LoginRequest(string? Email, string? Password, string? TwoFactorCode = null);

internal static class Login
{
    public static async Task<IResult> LoginAsync(
        LoginRequest request, HttpContext http, PasswordCheck check, SignIn signIn,
        CancellationToken cancellationToken)
    {
        var user = await check.CheckAsync(http, request, cancellationToken);
        if (!user.Succeeded)
        {
            return user.Refusal.ToResult();
        }

        var signedIn = await signIn.WithTokensAsync(user.Value, cancellationToken);
        return signedIn.Succeeded ? Results.Json(signedIn.Value) : signedIn.Refusal.ToResult();
    }
}

/// <summary>
/// E-mail and password, for the sign-in page and the API. It tells nobody which e-mail addresses are known.
/// </summary>
internal sealed class PasswordCheck(UserManager<User> users, Passwords passwords, Attempts attempts)
{
    private static readonly Refusal Wrong = new(401, "invalid-credentials",
        "The e-mail address or the password is wrong.");

    public async Task<Outcome<User>> CheckAsync(
        HttpContext http, LoginRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.Email) || string.IsNullOrEmpty(request.Password))
        {
            return Refusal.Invalid(string.IsNullOrEmpty(request.Email) ? "email" : "password",
                "Give the e-mail address and the password.");
        }

        var limits = attempts.ForLogin(http, request.Email);
        if (await attempts.TakeAsync(limits, cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        var user = await users.FindByEmailAsync(request.Email);
        if (!await passwords.VerifyAsync(user, request.Password, cancellationToken) || user is null
            || !await HasSecondFactorAsync(user, request.TwoFactorCode))
        {
            return Wrong;
        }

        await attempts.GiveBackAsync(limits, cancellationToken);
        return user.DisabledAt is null
            ? user
            : new Refusal(403, "account-disabled", "An operator of this server has disabled your account.");
    }

    private async Task<bool> HasSecondFactorAsync(User user, string? code) =>
        !user.TwoFactorEnabled || (code is { Length: > 0 and < 20 }
            && await users.VerifyTwoFactorTokenAsync(user, TokenOptions.DefaultAuthenticatorProvider, code));
}
