using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>
/// Starts, refreshes and ends sessions. What ends is refused at once here, and within a second elsewhere.
/// </summary>
internal sealed class Sessions(
    MercatoContext context, SnapshotWatch watch, AccountsOptions options, TimeProvider time)
{
    /// <summary>
    /// Null when the user was disabled, or got another password or role, after `user` was read: the conditional update
    /// locks the row, so a sign-in with the old password cannot slip past the change.
    /// </summary>
    public async Task<Session?> StartAsync(User user, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var unchanged = await context.Set<User>()
            .Where(it => it.Id == user.Id && it.SecurityStamp == user.SecurityStamp && it.DisabledAt == null)
            .ExecuteUpdateAsync(it => it.SetProperty(row => row.LastSignInAt, now), cancellationToken);
        if (unchanged == 0)
        {
            return null;
        }

        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            UserId = user.Id,
            AccountId = await PersonalAccountAsync(user.Id, cancellationToken),
            CreatedAt = now,
            LastUsedAt = now,
            ExpiresAt = now + options.SessionLifetime,
        };
        context.Add(session);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return session;
    }

    /// <summary>The session and its user, while both are good.</summary>
    public async Task<(Session Session, User User)?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await context.Set<Session>().AsNoTracking()
            .Where(session => session.Id == id && session.RevokedAt == null && session.ExpiresAt > now)
            .Join(context.Set<User>().AsNoTracking(), session => session.UserId, user => user.Id,
                (session, user) => new { session, user })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null || found.user.DisabledAt is not null ? null : (found.session, found.user);
    }

    /// <summary>True for exactly one of any number of callers that present the same number.</summary>
    public async Task<bool> AdvanceAsync(Guid id, int number, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await context.Set<Session>()
            .Where(session => session.Id == id && session.RefreshNumber == number
                && session.RevokedAt == null && session.ExpiresAt > now)
            .ExecuteUpdateAsync(session => session
                .SetProperty(it => it.RefreshNumber, number + 1)
                .SetProperty(it => it.LastUsedAt, now)
                .SetProperty(it => it.ExpiresAt, now + options.SessionLifetime), cancellationToken) == 1;
    }

    /// <summary>A browser session is used without refresh tokens; this keeps it alive.</summary>
    public Task TouchAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return context.Set<Session>().Where(session => session.Id == id && session.RevokedAt == null)
            .ExecuteUpdateAsync(session => session
                .SetProperty(it => it.LastUsedAt, now)
                .SetProperty(it => it.ExpiresAt, now + options.SessionLifetime), cancellationToken);
    }

    public async Task EndAsync(Guid id, CancellationToken cancellationToken)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            await RevokeAsync(context.Set<Session>().Where(session => session.Id == id), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await SpreadAsync(cancellationToken);
    }

    /// <summary>
    /// Ends a user's sessions inside the caller's transaction; call <see cref="SpreadAsync"/> after it.
    /// </summary>
    public Task EndAllAsync(Guid userId, Guid? except, CancellationToken cancellationToken) =>
        RevokeAsync(context.Set<Session>().Where(session => session.UserId == userId && session.Id != except),
            cancellationToken);

    /// <summary>Makes this node know at once what was ended.</summary>
    public Task SpreadAsync(CancellationToken cancellationToken) =>
        watch.RefreshAsync(Revocations.Topic, cancellationToken);

    private async Task RevokeAsync(IQueryable<Session> sessions, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await sessions.Where(session => session.RevokedAt == null)
            .ExecuteUpdateAsync(session => session.SetProperty(it => it.RevokedAt, now), cancellationToken);
        await context.BumpAsync(Revocations.Topic, cancellationToken);
    }

    private Task<Guid> PersonalAccountAsync(Guid userId, CancellationToken cancellationToken) =>
        context.Set<AccountMember>().Where(member => member.UserId == userId && member.Role == AccountRole.Owner)
            .Join(context.Set<Account>().Where(account => account.Kind == AccountKind.Personal),
                member => member.AccountId, account => account.Id, (_, account) => account.Id)
            .SingleAsync(cancellationToken);
}
