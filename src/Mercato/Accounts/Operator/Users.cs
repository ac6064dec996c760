using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

public sealed record UserPage(IReadOnlyList<UserView> Data, string? NextCursor);

/// <summary>What operators ask and do about users: for the admin API, its pages and the command line.</summary>
internal sealed class Users(
    MercatoContext context, UserManager<User> users, UserChange change, PasswordReset reset, TimeProvider time)
{
    private const int MostPerPage = 200, LongestQuery = 200;

    public static Refusal LastAdmin { get; } = new(409, "last-administrator",
        "This is the only administrator. Make another one first.");

    public async Task<UserView?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await context.Set<User>().AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, cancellationToken)
            is { } user ? UserView.Of(user) : null;

    public async Task<UserView?> FindByEmailAsync(string email) =>
        await users.FindByEmailAsync(email) is { } user ? UserView.Of(user) : null;

    /// <summary>The account that sign-up made for the user.</summary>
    public Task<Guid?> FindPersonalAccountAsync(Guid userId, CancellationToken cancellationToken) =>
        context.Set<AccountMember>().Where(member => member.UserId == userId && member.Role == AccountRole.Owner)
            .Join(context.Set<Account>().Where(account => account.Kind == AccountKind.Personal),
                member => member.AccountId, account => account.Id, (_, account) => (Guid?)account.Id)
            .SingleOrDefaultAsync(cancellationToken);

    /// <summary>Newest first; `query` is a part of an e-mail address or user name, taken literally.</summary>
    public async Task<UserPage> ListAsync(
        string? query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, MostPerPage);
        var found = context.Set<User>().AsNoTracking();
        if (!string.IsNullOrWhiteSpace(query))
        {
            var part = users.NormalizeName(query.Trim()[..Math.Min(query.Trim().Length, LongestQuery)]);
            var pattern = $"%{Escape(part!)}%";
            found = found.Where(user => EF.Functions.Like(user.NormalizedEmail!, pattern, "\\")
                || EF.Functions.Like(user.NormalizedUserName!, pattern, "\\"));
        }

        // Ids are ordered by time, so they page newest first by themselves.
        if (Guid.TryParseExact(cursor, "N", out var last))
        {
            found = found.Where(user => user.Id.CompareTo(last) < 0);
        }

        var rows = await found.OrderByDescending(user => user.Id).Take(limit + 1).ToListAsync(cancellationToken);
        return new UserPage([.. rows.Take(limit).Select(UserView.Of)],
            rows.Count > limit ? rows[limit - 1].Id.ToString("N") : null);
    }

    /// <summary>Disabled: no sign-in, no session and no key of the user works, at once.</summary>
    public Task<Outcome<UserView>> SetDisabledAsync(Guid id, bool disabled, CancellationToken cancellationToken) =>
        ChangeAsync(id, losesAdmin: disabled, user => (user.DisabledAt is not null) == disabled,
            user => user.DisabledAt = disabled ? time.GetUtcNow() : null, cancellationToken);

    /// <summary>A new role counts from the next sign-in; what was issued with the old one ends.</summary>
    public Task<Outcome<UserView>> SetAdminAsync(Guid id, bool isAdmin, CancellationToken cancellationToken) =>
        ChangeAsync(id, losesAdmin: !isAdmin, user => user.IsAdmin == isAdmin,
            user => user.IsAdmin = isAdmin, cancellationToken);

    /// <summary>A one-time link for a new password; null for an unknown or disabled user.</summary>
    public async Task<Uri?> MakeResetLinkAsync(Guid id) =>
        await users.FindByIdAsync(id.ToString()) is { DisabledAt: null } user ? await reset.MakeLinkAsync(user) : null;

    internal static async Task<bool> IsLastAdminAsync(
        MercatoContext context, User user, CancellationToken cancellationToken) =>
        user.IsAdmin && !await context.Set<User>()
            .AnyAsync(it => it.IsAdmin && it.DisabledAt == null && it.Id != user.Id, cancellationToken);

    private async Task<Outcome<UserView>> ChangeAsync(
        Guid id, bool losesAdmin, Func<User, bool> isSo, Action<User> apply, CancellationToken cancellationToken)
    {
        if (await users.FindByIdAsync(id.ToString()) is not { } user)
        {
            return Refusal.NotFound;
        }

        if (isSo(user))
        {
            return UserView.Of(user);
        }

        if (losesAdmin && await IsLastAdminAsync(context, user, cancellationToken))
        {
            return LastAdmin;
        }

        return await change.EndingAllAsync(user, () => apply(user), cancellationToken) is { } refusal
            ? refusal
            : UserView.Of(user);
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
}
