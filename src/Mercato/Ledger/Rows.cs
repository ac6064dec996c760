using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Mercato.Ledger;

/// <summary>
/// What an account has. Posted is the sum of its entries, held the part promised to running calls; what can be spent
/// is posted minus held. The database itself refuses posted &lt; held and held &lt; 0.
/// </summary>
public sealed class Wallet
{
    public required Guid AccountId { get; init; }

    public long PostedNano { get; set; }

    public long HeldNano { get; set; }

    /// <summary>The part of posted that was given away; it is spent first and never refunded.</summary>
    public long PromotionalNano { get; set; }

    /// <summary>Owed after a late settle that the wallet could not cover; while above zero nothing is admitted.</summary>
    public long ReceivableNano { get; set; }

    /// <summary>Number of the newest entry.</summary>
    public long EntryCount { get; set; }

    public Money Available => new(PostedNano - HeldNano);

    internal sealed class Configuration : IEntityTypeConfiguration<Wallet>
    {
        public void Configure(EntityTypeBuilder<Wallet> entity)
        {
            entity.ToTable("wallets", table =>
            {
                table.HasCheckConstraint("ck_wallets_no_debt", "posted_nano >= held_nano AND held_nano >= 0");
                table.HasCheckConstraint("ck_wallets_promotional", "promotional_nano >= 0 AND receivable_nano >= 0");
            });
            entity.HasKey(wallet => wallet.AccountId);
            entity.Property(wallet => wallet.AccountId).ValueGeneratedNever();
            entity.Ignore(wallet => wallet.Available);
        }
    }
}

/// <summary>What an API key has spent and holds in its current period; its limit stands with the key.</summary>
public sealed class Budget
{
    public required Guid AccountId { get; init; }

    public required Guid ApiKeyId { get; init; }

    public DateTimeOffset PeriodStartsAt { get; set; }

    public long SpentNano { get; set; }

    public long HeldNano { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Budget>
    {
        public void Configure(EntityTypeBuilder<Budget> entity)
        {
            entity.ToTable("budgets", table =>
                table.HasCheckConstraint("ck_budgets_held", "held_nano >= 0 AND spent_nano >= 0"));
            entity.HasKey(budget => new { budget.AccountId, budget.ApiKeyId });
        }
    }
}

/// <summary>Why money moved.</summary>
public enum EntryKind
{
    /// <summary>Money in: granted by an operator, paid, or given at sign-up.</summary>
    Credit,

    /// <summary>Taken back by an operator.</summary>
    Deduction,

    /// <summary>A call that was settled.</summary>
    Charge,

    /// <summary>The part of a call that was settled after its hold had been released.</summary>
    LateCharge,

    /// <summary>Money back for an earlier entry.</summary>
    Refund,

    /// <summary>Paid off what a late settle had left owing.</summary>
    DebtPayment,
}

/// <summary>One movement of money. Insert-only: what was wrong is corrected by another entry.</summary>
public sealed class Entry
{
    public required Guid AccountId { get; init; }

    /// <summary>1, 2, 3, ... within the account, in the order of posting.</summary>
    public required long Number { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>Positive adds to the wallet.</summary>
    public required long AmountNano { get; init; }

    /// <summary>The wallet's posted amount after this entry.</summary>
    public required long BalanceNano { get; init; }

    /// <summary>The part of the amount that is promotional, with the same sign.</summary>
    public long PromotionalNano { get; init; }

    public Guid? OpId { get; init; }

    /// <summary>Where a credit came from ("admin", "sign-up", "stripe"); with the event it is unique.</summary>
    public string? Source { get; init; }

    public string? EventId { get; init; }

    /// <summary>The entry that this one takes back.</summary>
    public long? ReversalOf { get; init; }

    public string? Reason { get; init; }

    /// <summary>The operator who did it.</summary>
    public Guid? ActorId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<Entry>
    {
        public void Configure(EntityTypeBuilder<Entry> entity)
        {
            entity.ToTable("entries");
            entity.HasKey(entry => new { entry.AccountId, entry.Number });
            entity.Property(entry => entry.Kind).HasConversion(Names.Converter<EntryKind>());
            entity.HasIndex(entry => new { entry.AccountId, entry.OpId, entry.Kind }).IsUnique();
            entity.HasIndex(entry => new { entry.Source, entry.EventId }).IsUnique();
            entity.HasIndex(entry => new { entry.AccountId, entry.ReversalOf }).IsUnique();
        }
    }
}

/// <summary>A slice of a wallet that a node may spend. For now each call has its own, as large as its bound.</summary>
public sealed class Lease
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required Guid NodeId { get; init; }

    public required long Epoch { get; init; }

    public required long GrantedNano { get; init; }

    public long SettledNano { get; set; }

    public long ReturnedNano { get; set; }

    public DateTimeOffset? ClosedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Lease>
    {
        public void Configure(EntityTypeBuilder<Lease> entity)
        {
            entity.ToTable("leases", table => table.HasCheckConstraint("ck_leases_outstanding",
                "granted_nano - settled_nano - returned_nano >= 0 AND settled_nano >= 0 AND returned_nano >= 0"));
            entity.HasKey(lease => new { lease.AccountId, lease.Id });
            entity.HasIndex(lease => lease.NodeId).HasFilter("closed_at IS NULL");
        }
    }
}

/// <summary>A running server. The database issues its epoch; its ops are safe from the sweep until the deadline.</summary>
public sealed class Node
{
    public required Guid Id { get; init; }

    public required long Epoch { get; init; }

    /// <summary>By the database's clock.</summary>
    public DateTimeOffset DeadlineAt { get; set; }

    public DateTimeOffset? ClosedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Node>
    {
        public void Configure(EntityTypeBuilder<Node> entity)
        {
            entity.ToTable("nodes");
            entity.HasKey(node => node.Id);
            entity.Property(node => node.Id).ValueGeneratedNever();
        }
    }
}

/// <summary>A credit change that was asked for with an Idempotency-Key, so that asking again changes nothing.</summary>
public sealed class IdempotentChange
{
    public required Guid AccountId { get; init; }

    public required string Key { get; init; }

    /// <summary>SHA-256 of what was asked; the same key with another request is refused.</summary>
    public required string Fingerprint { get; init; }

    public required long EntryNumber { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<IdempotentChange>
    {
        public void Configure(EntityTypeBuilder<IdempotentChange> entity)
        {
            entity.ToTable("idempotent_changes");
            entity.HasKey(change => new { change.AccountId, change.Key });
        }
    }
}

/// <summary>Enum members as the lower-case words that plain SQL also writes.</summary>
internal static class Names
{
    public static string Text<T>(T value) where T : struct, Enum => Data.SnakeCase.Of(value.ToString());

    public static T Parse<T>(string text) where T : struct, Enum =>
        Enum.Parse<T>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    public static ValueConverter<T, string> Converter<T>() where T : struct, Enum =>
        new(value => Text(value), text => Parse<T>(text));
}
