using Mercato.Hosting;

namespace Mercato.Accounts;

internal static class Logout
{
    public static async Task<IResult> LogoutAsync(
        HttpContext http, CurrentAccount current, SignIn signIn, CancellationToken cancellationToken)
    {
        var caller = current.Require();
        if (caller.SessionId is null)
        {
            return SessionNeeded.ToResult();
        }

        await signIn.OutAsync(http, caller, cancellationToken);
        return Results.NoContent();
    }

    /// <summary>An API key is not a person: it neither signs out nor changes who may sign in.</summary>
    internal static Refusal SessionNeeded { get; } = new(403, "session-required",
        "This needs an access token or a signed-in browser; an API key is not enough.");
}
