namespace Mercato.Ledger;

/// <summary>A key's budget, as it stands at admission.</summary>
/// <param name="ApiKeyId">The key.</param>
/// <param name="Limit">The most that the key may spend in a period.</param>
/// <param name="PeriodStartsAt">Start of the running period; a later start than the stored one resets what was spent.</param>
public sealed record BudgetLimit(Guid ApiKeyId, Money Limit, DateTimeOffset PeriodStartsAt);

/// <summary>Asks to admit a call: its bound is held until it is settled or voided.</summary>
/// <param name="Op">The call; its bound, account and id count, the rest is the generation record.</param>
/// <param name="Budget">The key's budget; null when it has none.</param>
public sealed record ReserveOrder(Op Op, BudgetLimit? Budget);

/// <summary>How an admission went.</summary>
public abstract record ReserveOutcome
{
    /// <summary>The bound is held, durably.</summary>
    public sealed record Reserved : ReserveOutcome;

    /// <summary>The money is not there, even when every running call of the account has ended for nothing.</summary>
    /// <param name="Source">"wallet" or "key": what ran out.</param>
    /// <param name="Available">What could be spent now.</param>
    /// <param name="Held">What running calls hold.</param>
    public sealed record NotEnough(string Source, Money Available, Money Held) : ReserveOutcome;

    /// <summary>The account owes money from a late settle.</summary>
    public sealed record Suspended(Money Receivable) : ReserveOutcome;

    /// <summary>The database did not take it in time; nothing is held.</summary>
    public sealed record Unavailable : ReserveOutcome;
}

/// <summary>Ends a call. Repeating it changes nothing.</summary>
/// <param name="Op">The call with its record filled in. Cost is clamped to the bound; the rest is operator loss.</param>
/// <param name="CountsByok">Whether the list price of a call on the caller's own key counts in the key's budget.</param>
public sealed record SettleOrder(Op Op, bool CountsByok = false)
{
    /// <summary>The cost as asked for. The op's own figure is what was booked, and a batch may be tried again.</summary>
    public long AskedNano { get; } = Op.CostNano;

    public long AskedLossNano { get; } = Op.OperatorLossNano;
}

/// <summary>Notes what has been delivered so far, so that a crash of ours bills no more than that.</summary>
public sealed record ProgressOrder(Guid AccountId, Guid OpId, Money Delivered);

/// <summary>Adds money to an account, or with a negative amount takes it back.</summary>
/// <param name="AccountId">Whose wallet.</param>
/// <param name="Amount">Positive adds; negative is refused when the wallet has less to spend.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="EventId">The source's own id of the event: the same one is booked once.</param>
/// <param name="Reason">Shown on the statement.</param>
public sealed record GrantOrder(Guid AccountId, Money Amount, string Source, string EventId, string? Reason)
{
    public bool Promotional { get; init; }

    public Guid? ActorId { get; init; }

    /// <summary>The caller's Idempotency-Key and a hash of the request.</summary>
    public (string Key, string Fingerprint)? Idempotency { get; init; }

    /// <summary>For refunds: the entry that is taken back.</summary>
    public long? ReversalOf { get; init; }
}

public abstract record GrantOutcome
{
    /// <summary>The entry stands; replayed when an earlier request made it.</summary>
    public sealed record Granted(Entry Entry, bool Replayed) : GrantOutcome;

    /// <summary>Less can be spent than was to be taken.</summary>
    public sealed record NotEnough(Money Available) : GrantOutcome;

    /// <summary>The Idempotency-Key belongs to another request.</summary>
    public sealed record KeyReused : GrantOutcome;

    /// <summary>The entry cannot be refunded: it does not exist, is no charge, or was refunded before.</summary>
    public sealed record NotRefundable : GrantOutcome;

    /// <summary>The database did not take it in time.</summary>
    public sealed record Unavailable : GrantOutcome;
}
