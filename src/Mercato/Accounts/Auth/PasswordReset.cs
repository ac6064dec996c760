using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;

namespace Mercato.Accounts;

internal sealed record ResetRequest(string? Email);

internal sealed record ConfirmResetRequest(string? Token, string? Password);

/// <summary>
/// A way back in for someone who forgot the password: a one-time link, made by an operator. The token is the
/// platform's, sealed and bound to the user's security stamp, so it works once and for a limited time.
/// </summary>
internal sealed class PasswordReset(
    UserManager<User> users, Passwords passwords, Attempts attempts, UserChange change, AccountsOptions options)
{
    private static readonly Refusal Bad = new(400, "invalid-reset-token",
        "This link is not valid, was used before, or is too old. Ask for a new one.");

    /// <summary>
    /// 202 whoever asks: the answer says nothing about who has an account. Without mail nothing is sent; the operator
    /// makes a link.
    /// </summary>
    public async Task<IResult> RequestAsync(
        HttpContext http, ResetRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Email))
        {
            return Refusal.Invalid("email", "Give the e-mail address.").ToResult();
        }

        return await attempts.TakeAsync(attempts.ForReset(http), cancellationToken) is { } tooMany
            ? tooMany.ToResult()
            : Results.Json(new { message = "This server sends no mail. Ask its operator for a one-time link." },
                statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>The address of the page on which the user sets a new password, once.</summary>
    public async Task<Uri> MakeLinkAsync(User user)
    {
        var token = await users.GeneratePasswordResetTokenAsync(user);
        return options.LinkTo("/reset-password?token=" + Uri.EscapeDataString($"{user.Id:N}.{token}"));
    }

    /// <summary>Null when the password is set; every session of the user has ended then.</summary>
    public async Task<Refusal?> ConfirmAsync(
        HttpContext http, ConfirmResetRequest request, CancellationToken cancellationToken)
    {
        if (await attempts.TakeAsync(attempts.ForReset(http), cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        if (await FindAsync(request.Token) is not { } user)
        {
            return Bad;
        }

        if (PasswordRules.Check(request.Password, user.Email, user.UserName).ToArray() is { Length: > 0 } faults)
        {
            return new Refusal(400, "invalid-request", string.Join(" ", faults))
            {
                Errors = new Dictionary<string, string[]> { ["password"] = faults },
            };
        }

        var hash = await passwords.HashAsync(request.Password!, cancellationToken);
        // Two who use one link at the same moment: the second finds the user changed.
        var conflict = await change.EndingAllAsync(user, () => user.PasswordHash = hash, cancellationToken);
        return conflict is null ? null : Bad;
    }

    private async Task<User?> FindAsync(string? token)
    {
        if (token?.Split('.', 2) is not [var id, { Length: > 0 and < 1000 } secret]
            || !Guid.TryParseExact(id, "N", out _)
            || await users.FindByIdAsync(Guid.ParseExact(id, "N").ToString()) is not { DisabledAt: null } user)
        {
            return null;
        }

        var good = await users.VerifyUserTokenAsync(user, users.Options.Tokens.PasswordResetTokenProvider,
            UserManager<User>.ResetPasswordTokenPurpose, secret);
        return good ? user : null;
    }
}
