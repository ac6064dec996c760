using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>
/// A person leaves. Name, e-mail address, password, sessions, keys and preferences go; the account's row stays, because
/// the books refer to it, and says no more about who it was.
/// </summary>
internal sealed class DeleteMe(
    MercatoContext context, UserManager<User> users, UserChange change, IEnumerable<AccountDeleted> deleted,
    TimeProvider time)
{
    /// <summary>Null when it went well.</summary>
    public async Task<Refusal?> RunAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.SessionId is null)
        {
            return Logout.SessionNeeded;
        }

        var user = (await users.FindByIdAsync(caller.UserId.ToString()))!;
        if (await Users.IsLastAdminAsync(context, user, cancellationToken))
        {
            return Users.LastAdmin;
        }

        return await change.EndingAllAsync(user, () => Forget(user), cancellationToken,
            also: () => ForgetAccountAsync(caller.AccountId, cancellationToken));
    }

    private void Forget(User user)
    {
        var name = "deleted-" + user.Id.ToString("N");
        user.UserName = name;
        user.NormalizedUserName = users.NormalizeName(name);
        user.Email = name + "@deleted.invalid";
        user.NormalizedEmail = users.NormalizeEmail(user.Email);
        user.PhoneNumber = null;
        user.PasswordHash = null;
        user.TwoFactorEnabled = false;
        user.IsAdmin = false;
        user.DisabledAt = time.GetUtcNow();
    }

    private async Task ForgetAccountAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await context.Set<Account>().Where(account => account.Id == accountId)
            .ExecuteUpdateAsync(account => account.SetProperty(it => it.Name, "deleted"), cancellationToken);
        await context.Set<AccountPreferences>().Where(preferences => preferences.AccountId == accountId)
            .ExecuteDeleteAsync(cancellationToken);
        await context.Set<ApiKeyRow>().Where(key => key.AccountId == accountId && key.DeletedAt == null)
            .ExecuteUpdateAsync(key => key.SetProperty(it => it.DeletedAt, now), cancellationToken);
        foreach (var forget in deleted)
        {
            await forget(context, accountId, cancellationToken);
        }
    }
}
