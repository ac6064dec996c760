using Mercato.Data;
using Mercato.Ledger;

namespace Mercato.Accounts;

/// <summary>Sums of what was spent: ever, and since the start of the day, week (Monday) and month in UTC.</summary>
public sealed record Spend(Money Total, Money Daily, Money Weekly, Money Monthly)
{
    public static Spend Nothing { get; } = new(default, default, default, default);

    public Money Since(LimitReset? reset) => reset switch
    {
        LimitReset.Daily => Daily,
        LimitReset.Weekly => Weekly,
        LimitReset.Monthly => Monthly,
        _ => Total,
    };
}

/// <summary>What a key has spent: credits, and the cost of calls on the user's own provider keys.</summary>
public sealed record KeySpend(Spend Credits, Spend Byok)
{
    public static KeySpend Nothing { get; } = new(Spend.Nothing, Spend.Nothing);
}

/// <summary>The spending of some keys of an account; a key that is not there has spent nothing.</summary>
/// <param name="IsFreeTier">The account has never bought credits.</param>
/// <param name="Keys">By key id.</param>
public sealed record AccountSpend(bool IsFreeTier, IReadOnlyDictionary<Guid, KeySpend> Keys)
{
    internal static Task<AccountSpend> NoneAsync(
        MercatoContext context, Guid accountId, IReadOnlyCollection<Guid> keys, CancellationToken cancellationToken) =>
        Task.FromResult(new AccountSpend(true, new Dictionary<Guid, KeySpend>()));
}

/// <summary>
/// Looks spending up. Accounts stand below the books, so the module that keeps them registers its own as a singleton;
/// the last registration wins.
/// </summary>
public delegate Task<AccountSpend> FindKeySpend(
    MercatoContext context, Guid accountId, IReadOnlyCollection<Guid> keys, CancellationToken cancellationToken);
