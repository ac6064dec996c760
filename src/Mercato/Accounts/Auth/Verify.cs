namespace Mercato.Accounts;

/// <summary>Tells a caller that its credential is good; the gate has refused the others.</summary>
internal static class Verify
{
    internal sealed record Answer(bool Valid, Guid UserId, DateTimeOffset? ExpiresAt, CredentialKind Kind);

    public static IResult VerifyCaller(CurrentAccount current)
    {
        var caller = current.Require();
        return Results.Json(new Answer(true, caller.UserId, caller.ExpiresAt, caller.Kind));
    }
}
