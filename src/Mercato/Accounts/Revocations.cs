using System.Collections.Frozen;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>
/// What ended lately. Access tokens, and cookies between two looks at the database, are believed for a short while
/// only, so this list of the last minutes is enough to refuse them at once on every node.
/// </summary>
/// <param name="Sessions">Ended sessions.</param>
/// <param name="Versions">The security version that a user's tokens must have at least.</param>
internal sealed record Revocations(FrozenSet<Guid> Sessions, FrozenDictionary<Guid, int> Versions)
{
    public const string Topic = "revocations";

    /// <summary>
    /// How long a credential may be believed without asking the database, with some slack for clocks.
    /// </summary>
    public static TimeSpan Memory(AccountsOptions options) =>
        Max(options.AccessTokenLifetime, PageCookie.BelievedFor) + TimeSpan.FromMinutes(5);

    public static async Task<Revocations> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var since = services.GetRequiredService<TimeProvider>().GetUtcNow()
            - Memory(services.GetRequiredService<AccountsOptions>());
        var sessions = await context.Set<Session>().Where(session => session.RevokedAt > since)
            .Select(session => session.Id).ToListAsync(cancellationToken);
        var versions = await context.Set<User>().Where(user => user.SecurityChangedAt > since)
            .ToDictionaryAsync(user => user.Id, user => user.SecurityVersion, cancellationToken);
        return new Revocations(sessions.ToFrozenSet(), versions.ToFrozenDictionary());
    }

    public bool Holds(Guid sessionId, Guid userId, int version) =>
        !Sessions.Contains(sessionId) && Versions.GetValueOrDefault(userId) <= version;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
