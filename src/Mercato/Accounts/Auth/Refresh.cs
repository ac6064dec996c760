using Mercato.Hosting;

namespace Mercato.Accounts;

internal sealed record RefreshRequest(string? RefreshToken);

/// <summary>
/// A new pair of tokens for the newest refresh token of a session. An older one means that two parties hold the
/// session, so it ends.
/// </summary>
internal static partial class Refresh
{
    private static readonly Refusal Bad = new(401, "invalid-refresh-token",
        "The refresh token is not valid, was used before, or its session has ended. Sign in again.");

    public static async Task<IResult> RefreshAsync(
        RefreshRequest request, SignIn signIn, Sessions sessions, ILogger<Sessions> log,
        CancellationToken cancellationToken)
    {
        if (signIn.ReadRefreshToken(request.RefreshToken) is not var (id, number))
        {
            return Bad.ToResult();
        }

        var advanced = await sessions.AdvanceAsync(id, number, cancellationToken);
        var found = await sessions.FindAsync(id, cancellationToken);
        if (advanced && found is var (session, user))
        {
            return Results.Json(signIn.Tokens(user, session));
        }

        if (found is not null)
        {
            UsedAgain(log, id);
            await sessions.EndAsync(id, cancellationToken);
        }

        return Bad.ToResult();
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "A refresh token of session {Session} was used a second time; the session was ended")]
    private static partial void UsedAgain(ILogger log, Guid session);
}
