using System.Security.Claims;
using Mercato.Data;

namespace Mercato.Accounts;

/// <summary>What an access token or a cookie says; both say the same, in the same words.</summary>
internal sealed record Claims(Guid UserId, Guid AccountId, Guid SessionId, int Version, bool IsAdmin)
{
    public const string User = "sub";

    private const string Account = "account_id", Session = "sid", SecurityVersion = "ver", Admin = "admin";

    public static Claims Of(User user, Session session) =>
        new(user.Id, session.AccountId, session.Id, user.SecurityVersion, user.IsAdmin);

    /// <summary>Null when the credential is genuine but not of this shape.</summary>
    public static Claims? Read(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirstValue(User), out var user)
        && Guid.TryParse(principal.FindFirstValue(Account), out var account)
        && Guid.TryParse(principal.FindFirstValue(Session), out var session)
        && int.TryParse(principal.FindFirstValue(SecurityVersion), out var version)
            ? new Claims(user, account, session, version, principal.HasClaim(Admin, "true"))
            : null;

    public Dictionary<string, object> ToDictionary()
    {
        var claims = new Dictionary<string, object>
        {
            [User] = UserId.ToString(),
            [Account] = AccountId.ToString(),
            [Session] = SessionId.ToString(),
            [SecurityVersion] = Version.ToString(),
        };
        if (IsAdmin)
        {
            claims[Admin] = "true";
        }

        return claims;
    }

    public ClaimsPrincipal ToPrincipal(string scheme) =>
        new(new ClaimsIdentity(
            ToDictionary().Select(claim => new Claim(claim.Key, (string)claim.Value)), scheme, User, roleType: null));
}
