using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Gateway.Idempotency;

/// <summary>How far the call of an Idempotency-Key has come.</summary>
public enum IdempotentState
{
    /// <summary>It runs, or its server died in it; its op tells which.</summary>
    Running,

    /// <summary>It ended, and its answer is kept to be given again.</summary>
    Kept,

    /// <summary>It ended, and its answer is too large to keep or left nobody to hear its end.</summary>
    NotKept,
}

/// <summary>
/// A call that came with an Idempotency-Key. The row is there before anything is held or sent, so of any number of twins
/// exactly one is carried out.
/// </summary>
public sealed class IdempotentCall
{
    public required Guid AccountId { get; init; }

    /// <summary>The caller's key, 1 to 255 characters.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256, in hex, of address and body.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The id that the op of this call has, once it holds something.</summary>
    public required Guid OpId { get; init; }

    public IdempotentState State { get; set; }

    public int? Status { get; set; }

    public string? ContentType { get; set; }

    /// <summary>JSON: headers of ours by name.</summary>
    public string? Headers { get; set; }

    /// <summary>The answer's bytes as they left, sealed.</summary>
    public byte[]? SealedBody { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<IdempotentCall>
    {
        public void Configure(EntityTypeBuilder<IdempotentCall> entity)
        {
            entity.ToTable("idempotent_calls");
            entity.HasKey(row => new { row.AccountId, row.Key });
            entity.Property(row => row.State).HasConversion(Names.Converter<IdempotentState>());
            entity.HasIndex(row => row.ExpiresAt);
        }
    }
}
