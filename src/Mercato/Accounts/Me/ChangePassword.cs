using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;

namespace Mercato.Accounts;

internal sealed record ChangePasswordRequest(string? CurrentPassword, string? NewPassword);

/// <summary>A new password for someone who knows the old one; the other sessions end.</summary>
internal sealed class ChangePassword(
    UserManager<User> users, Passwords passwords, Attempts attempts, UserChange change)
{
    /// <summary>Null when it went well.</summary>
    public async Task<Refusal?> RunAsync(
        HttpContext http, Caller caller, ChangePasswordRequest request, CancellationToken cancellationToken)
    {
        if (caller.SessionId is not { } session)
        {
            return Logout.SessionNeeded;
        }

        var user = (await users.FindByIdAsync(caller.UserId.ToString()))!;
        if (PasswordRules.Check(request.NewPassword, user.Email, user.UserName).ToArray() is { Length: > 0 } faults)
        {
            return new Refusal(400, "invalid-request", string.Join(" ", faults))
            {
                Errors = new Dictionary<string, string[]> { ["new_password"] = faults },
            };
        }

        var limits = attempts.ForLogin(http, user.Email!);
        if (await attempts.TakeAsync(limits, cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        if (!await passwords.VerifyAsync(user, request.CurrentPassword ?? "", cancellationToken))
        {
            return Refusal.Invalid("current_password", "The current password is wrong.");
        }

        await attempts.GiveBackAsync(limits, cancellationToken);
        var hash = await passwords.HashAsync(request.NewPassword!, cancellationToken);
        return await change.KeepingAsync(user, session, () => user.PasswordHash = hash, cancellationToken);
    }
}
