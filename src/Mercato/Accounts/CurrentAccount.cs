namespace Mercato.Accounts;

/// <summary>How a caller proved who they are.</summary>
public enum CredentialKind
{
    AccessToken,
    ApiKey,
    Cookie,
}

/// <summary>A caller whose credential was checked.</summary>
/// <param name="Kind">What was presented.</param>
/// <param name="AccountId">The account that is acted for; every query of owned rows filters by it.</param>
/// <param name="UserId">Who signed in, or who made the key.</param>
/// <param name="IsAdmin">An administrator; by key only with <see cref="KeyScopes.Manage"/>.</param>
/// <param name="ExpiresAt">When the credential ends by itself; null for a key without an end.</param>
public sealed record Caller(
    CredentialKind Kind, Guid AccountId, Guid UserId, bool IsAdmin, DateTimeOffset? ExpiresAt)
{
    /// <summary>The session of a token or cookie; null for keys.</summary>
    public Guid? SessionId { get; init; }

    /// <summary>The key that was presented, with its limits; null for tokens and cookies.</summary>
    public ApiKey? ApiKey { get; init; }
}

/// <summary>
/// Who is calling: one per request, filled by <see cref="AccessGate"/> before the endpoint runs. Ask for it as an
/// endpoint's parameter or inject it into a page.
/// </summary>
public sealed class CurrentAccount
{
    /// <summary>Null on public endpoints when nobody valid is calling.</summary>
    public Caller? Caller { get; private set; }

    public bool IsSignedIn => Caller is not null;

    public Guid AccountId => Require().AccountId;

    public Guid UserId => Require().UserId;

    public bool IsAdmin => Caller?.IsAdmin == true;

    public CredentialKind Kind => Require().Kind;

    /// <summary>The calling key with its limits, or null when the caller signed in.</summary>
    public ApiKey? ApiKey => Caller?.ApiKey;

    /// <summary>The caller; only for endpoints whose class demands one.</summary>
    public Caller Require() =>
        Caller ?? throw new InvalidOperationException("Nobody is signed in. Is the endpoint's class Public?");

    internal void Become(Caller caller) => Caller = caller;
}
