using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Ledger;

public enum OpState
{
    /// <summary>Admitted: its bound is held.</summary>
    Open,

    /// <summary>Ended with a cost, which may be zero.</summary>
    Settled,

    /// <summary>Ended without a cost and without an answer.</summary>
    Void,
}

/// <summary>How a call ended for the bill.</summary>
public enum Settlement
{
    /// <summary>The user paid what the bill says.</summary>
    Settled,

    /// <summary>The user paid nothing.</summary>
    Void,

    /// <summary>The user paid the bill; the operator bears <see cref="Op.OperatorLossNano"/> on top.</summary>
    OperatorLoss,
}

/// <summary>
/// One call: the hold while it runs, and for good the generation record with tokens, price version and line items.
/// There is no second usage row. Shown to callers as `gen-` and the id without dashes.
/// </summary>
public sealed class Op
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public Guid? UserId { get; init; }

    public Guid? ApiKeyId { get; init; }

    /// <summary>The node that admitted it; with epoch and lease set by the ledger's writer.</summary>
    public Guid NodeId { get; internal set; }

    public long Epoch { get; internal set; }

    public Guid LeaseId { get; internal set; }

    public OpState State { get; set; }

    /// <summary>The most that the call may cost; held in the wallet while it runs.</summary>
    public required long BoundNano { get; init; }

    /// <summary>The same in the key's budget; null when the key has none or the call does not count there.</summary>
    public long? BudgetNano { get; init; }

    /// <summary>What the durable record proves was delivered so far, priced; the charge after a crash of ours.</summary>
    public long ProgressNano { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; set; }

    public required string Model { get; set; }

    public string? OfferId { get; set; }

    public required string Provider { get; set; }

    public string? PriceVersion { get; set; }

    public bool IsByok { get; set; }

    public bool IsStream { get; init; }

    /// <summary>What the caller spoke: "openai-chat", ...</summary>
    public required string Dialect { get; init; }

    /// <summary>The caller's X-Title.</summary>
    public string? App { get; init; }

    /// <summary>The caller's HTTP-Referer.</summary>
    public string? AppUrl { get; init; }

    public long CostNano { get; set; }

    /// <summary>The list price of a call on the caller's own key, for information.</summary>
    public long? ListCostNano { get; set; }

    /// <summary>What the provider bills above what the user pays, as far as it is known.</summary>
    public long OperatorLossNano { get; set; }

    public long? InputTokens { get; set; }

    public long? OutputTokens { get; set; }

    public long? CachedTokens { get; set; }

    public long? ReasoningTokens { get; set; }

    /// <summary>"provider" or "counted".</summary>
    public string? UsageSource { get; set; }

    public Settlement? Settlement { get; set; }

    /// <summary>The row of the "who pays what" table that applied.</summary>
    public string? SettlementReason { get; set; }

    public string? FinishReason { get; set; }

    /// <summary>The id in the upstream's own answer.</summary>
    public string? UpstreamId { get; set; }

    public long? FirstByteMs { get; set; }

    public long? DurationMs { get; set; }

    /// <summary>JSON: [{kind, quantity, unit_price, amount}], summing to the cost exactly.</summary>
    public string? LineItems { get; set; }

    /// <summary>JSON: [{provider, status, error, ms}], one per call on the wire.</summary>
    public string? Attempts { get; set; }

    /// <summary>"gen-" and 32 hex digits.</summary>
    public static string GenerationId(Guid id) => "gen-" + id.ToString("N");

    internal sealed class Configuration : IEntityTypeConfiguration<Op>
    {
        public void Configure(EntityTypeBuilder<Op> entity)
        {
            entity.ToTable("ops", table => table.HasCheckConstraint("ck_ops_within_bound",
                "bound_nano >= 0 AND cost_nano >= 0 AND cost_nano <= bound_nano"));
            entity.HasKey(op => new { op.AccountId, op.Id });
            entity.Property(op => op.State).HasConversion(Names.Converter<OpState>());
            entity.Property(op => op.Settlement).HasConversion(Names.Converter<Settlement>());
            entity.HasIndex(op => new { op.AccountId, op.UpstreamId });
            entity.HasIndex(op => new { op.AccountId, op.ApiKeyId, op.CreatedAt });
            entity.HasIndex(op => op.NodeId).HasFilter("state = 'open'");
        }
    }
}
