using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

/// <summary>Throws away what no longer matters, and makes the next token key in time.</summary>
internal static class Sweep
{
    /// <summary>Ended sessions stay this long, for whoever looks into a break-in.</summary>
    private static readonly TimeSpan KeepSessions = TimeSpan.FromDays(30);

    public static async Task RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var oldest = services.GetRequiredService<TimeProvider>().GetUtcNow() - KeepSessions;
        await services.GetRequiredService<Attempts>().SweepAsync(cancellationToken);
        await context.Set<Session>().Where(session => session.ExpiresAt < oldest || session.RevokedAt < oldest)
            .ExecuteDeleteAsync(cancellationToken);
        await TokenKeys.EnsureAsync(services, cancellationToken);
    }
}
