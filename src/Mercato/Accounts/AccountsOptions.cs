namespace Mercato.Accounts;

/// <summary>Settings of accounts and sign-in; the section is `Mercato:Accounts`.</summary>
public sealed class AccountsOptions
{
    private const string Section = "Mercato:Accounts";

    private Uri _listensOn = new("http://localhost:5080");

    /// <summary>Whether people may sign up by themselves.</summary>
    public bool AllowRegistration { get; init; } = true;

    /// <summary>
    /// Address under which people reach this server, for links in messages. A link is never built from a request's
    /// Host header, which the sender of the request chooses. Left out, it is the address that the server listens on.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>PBKDF2-HMAC-SHA512 rounds of a password hash.</summary>
    public int PasswordIterations { get; init; } = 210_000;

    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A session that nobody uses for this long is over.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromDays(30);

    public TimeSpan ResetLinkLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The limits below count within this window.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Failed sign-ins to one account from one network.</summary>
    public int LoginFailuresPerAccountAndNetwork { get; init; } = 10;

    /// <summary>Failed sign-ins to any account from one network.</summary>
    public int LoginFailuresPerNetwork { get; init; } = 100;

    /// <summary>Failed sign-ins to one account from everywhere.</summary>
    public int LoginFailuresPerAccount { get; init; } = 100;

    public int RegistrationFailuresPerNetwork { get; init; } = 100;

    public int ResetRequestsPerNetwork { get; init; } = 20;

    public int KeysPerAccount { get; init; } = 500;

    public static AccountsOptions From(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<AccountsOptions>() ?? new AccountsOptions();
        options._listensOn = ListenAddress(configuration) ?? options._listensOn;
        options.Validate();
        return options;
    }

    /// <summary>A link for people: the public address with this path and query.</summary>
    public Uri LinkTo(string pathAndQuery) => new(PublicUrl ?? _listensOn, pathAndQuery);

    private static Uri? ListenAddress(IConfiguration configuration) =>
        configuration["urls"]?.Split(';')[0] is { } first && Uri.TryCreate(first, UriKind.Absolute, out var address)
            ? address
            : null;

    private void Validate()
    {
        Demand(PasswordIterations is >= 1 and <= 10_000_000, nameof(PasswordIterations), "from 1 to 10000000");
        Demand(PublicUrl is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(PublicUrl),
            "an absolute http or https address");
        DemandSpan(AccessTokenLifetime, nameof(AccessTokenLifetime), TimeSpan.FromHours(24));
        DemandSpan(SessionLifetime, nameof(SessionLifetime), TimeSpan.FromDays(400));
        DemandSpan(ResetLinkLifetime, nameof(ResetLinkLifetime), TimeSpan.FromDays(7));
        DemandSpan(FailureWindow, nameof(FailureWindow), TimeSpan.FromDays(1));
        foreach (var (limit, name) in new[]
        {
            (LoginFailuresPerAccountAndNetwork, nameof(LoginFailuresPerAccountAndNetwork)),
            (LoginFailuresPerNetwork, nameof(LoginFailuresPerNetwork)),
            (LoginFailuresPerAccount, nameof(LoginFailuresPerAccount)),
            (RegistrationFailuresPerNetwork, nameof(RegistrationFailuresPerNetwork)),
            (ResetRequestsPerNetwork, nameof(ResetRequestsPerNetwork)),
            (KeysPerAccount, nameof(KeysPerAccount)),
        })
        {
            Demand(limit >= 1, name, "at least 1");
        }
    }

    private static void DemandSpan(TimeSpan value, string name, TimeSpan most) =>
        Demand(value >= TimeSpan.FromSeconds(1) && value <= most, name, $"from 00:00:01 to {most}");

    private static void Demand(bool holds, string name, string rule)
    {
        if (!holds)
        {
            throw new StartupException($"{Section}:{name} must be {rule}.");
        }
    }
}
