namespace Mercato.Audit;

/// <summary>What must be true of the books.</summary>
public enum AuditRule
{
    Wallet,
    History,
    Posted,
    NoDebt,
    Promotional,
    Owed,
    Held,
    Budget,
    EntryKind,
    EntryCall,
    CallEnd,
    CallStuck,
    Charge,
    OperatorLoss,
    LineItems,
    Lease,
    CreditOnce,
    Refund,
    Idempotency,
}

internal static class AuditRules
{
    public static string Says(AuditRule rule) => rule switch
    {
        AuditRule.Wallet => "Every entry, call and lease belongs to a wallet.",
        AuditRule.History => "Entries are numbered without a gap, and each balance is the one before plus the amount.",
        AuditRule.Posted => "A wallet's balance is the sum of its entries, and it knows how many there are.",
        AuditRule.NoDebt => "A balance covers what is held, and nothing is below zero.",
        AuditRule.Promotional => "The promotional part is the entries' promotional parts, within the balance.",
        AuditRule.Owed => "What a wallet owes is what its late calls left unpaid.",
        AuditRule.Held => "What is held is the bounds of running calls, and what their leases have outstanding.",
        AuditRule.Budget => "What a key's budget holds is the holds of its running calls.",
        AuditRule.EntryKind => "Each entry has the sign and the references of its kind.",
        AuditRule.EntryCall => "Every charge belongs to a call of its account.",
        AuditRule.CallEnd => "A call that has ended says when, how and why; a running one does not.",
        AuditRule.CallStuck => "No call stays open longer than its server lives or a call may last.",
        AuditRule.Charge => "A call's cost was charged exactly and once, within its bound; a void call costs nothing.",
        AuditRule.OperatorLoss => "The operator's loss is never below zero.",
        AuditRule.LineItems => "The line items of a bill sum to its cost exactly.",
        AuditRule.Lease => "Every call has its lease with the same amounts, and what was granted was settled or returned.",
        AuditRule.CreditOnce => "An event of a source is booked once.",
        AuditRule.Refund => "A refund gives one charge of its account back, exactly and once.",
        AuditRule.Idempotency => "A repeated request answers with an entry that exists.",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule."),
    };
}
