using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>
/// Changes that decide who may do what. The change, a new security stamp (which voids one-time links) and the end of
/// sessions are one transaction; after it this node knows at once.
/// </summary>
internal sealed class UserChange(
    MercatoContext context, UserManager<User> users, Sessions sessions, SnapshotWatch watch, TimeProvider time)
{
    private static readonly Refusal Conflict = new(409, "changed-meanwhile",
        "Somebody changed this user at the same moment. Look again, then repeat.");

    /// <summary>A new password by the person themselves: every session but the calling one ends.</summary>
    public Task<Refusal?> KeepingAsync(
        User user, Guid? session, Action change, CancellationToken cancellationToken) =>
        ApplyAsync(user, session, change, null, cancellationToken);

    /// <summary>
    /// A new role, a reset, an end: nothing issued before is good any more, keys included where it says so.
    /// </summary>
    public async Task<Refusal?> EndingAllAsync(
        User user, Action change, CancellationToken cancellationToken, Func<Task>? also = null)
    {
        var refusal = await ApplyAsync(user, null, () =>
        {
            change();
            user.SecurityVersion++;
            user.SecurityChangedAt = time.GetUtcNow();
        }, also ?? (() => Task.CompletedTask), cancellationToken);
        if (refusal is null)
        {
            await watch.RefreshAsync(ApiKeySet.Topic, cancellationToken);
        }

        return refusal;
    }

    private async Task<Refusal?> ApplyAsync(
        User user, Guid? keptSession, Action change, Func<Task>? also, CancellationToken cancellationToken)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            change();
            var result = await users.UpdateSecurityStampAsync(user);
            if (!result.Succeeded)
            {
                return Conflict;
            }

            await sessions.EndAllAsync(user.Id, keptSession, cancellationToken);
            if (also is not null)
            {
                await also();
                await context.BumpAsync(ApiKeySet.Topic, cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await sessions.SpreadAsync(cancellationToken);
        return null;
    }
}
