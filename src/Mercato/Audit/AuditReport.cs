namespace Mercato.Audit;

/// <summary>How much of the ledger an audit looks at.</summary>
public enum AuditScope
{
    /// <summary>Every row.</summary>
    All,

    /// <summary>Every wallet's figures, and the entries and calls since the audit before.</summary>
    Recent,
}

/// <summary>Something in the books that cannot be, in plain words.</summary>
public sealed record AuditFinding(AuditRule Rule, string Message)
{
    public Guid? AccountId { get; init; }

    /// <summary>The call, whose generation id is `gen-` and this id without dashes.</summary>
    public Guid? OpId { get; init; }

    /// <summary>Number of the entry in its account.</summary>
    public long? Entry { get; init; }
}

/// <summary>A rule, and how often it was found broken.</summary>
public sealed record AuditCheck(AuditRule Rule, string Says, long Findings);

/// <summary>What was looked at. Amounts are decimal dollars; the wallets' are always those of all wallets.</summary>
/// <param name="Wallets">All wallets.</param>
/// <param name="Entries">Entries looked at.</param>
/// <param name="Ops">Calls looked at.</param>
/// <param name="OpenOps">Calls that run now.</param>
/// <param name="Budgets">Budgets of API keys.</param>
/// <param name="PostedUsd">The sum of all balances.</param>
/// <param name="HeldUsd">The part of it that running calls hold.</param>
/// <param name="PromotionalUsd">The part of it that was given away.</param>
/// <param name="ReceivableUsd">What accounts owe for calls that ended late.</param>
/// <param name="OperatorLossUsd">What the operator bears for the calls looked at.</param>
public sealed record AuditFigures(
    long Wallets, long Entries, long Ops, long OpenOps, long Budgets, string PostedUsd, string HeldUsd,
    string PromotionalUsd, string ReceivableUsd, string OperatorLossUsd);

/// <summary>One audit: it is clean when it has no findings.</summary>
/// <param name="FindingCount">All findings; of each rule at most a hundred are listed.</param>
public sealed record AuditReport(
    AuditScope Scope, DateTimeOffset StartedAt, long DurationMs, string Database, AuditFigures Figures,
    IReadOnlyList<AuditCheck> Checks, long FindingCount, IReadOnlyList<AuditFinding> Findings);
