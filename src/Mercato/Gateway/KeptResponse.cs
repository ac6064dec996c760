using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Gateway;

/// <summary>One turn of a conversation over the Responses API, sealed, so that a client may refer to it later.</summary>
public sealed class KeptResponse
{
    public required Guid AccountId { get; init; }

    /// <summary>The answer's id as the client saw it.</summary>
    public required string Id { get; init; }

    /// <summary>A JSON array of items: the whole conversation up to the end of this turn.</summary>
    public required byte[] SealedItems { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeptResponse>
    {
        public void Configure(EntityTypeBuilder<KeptResponse> entity)
        {
            entity.ToTable("kept_responses");
            entity.HasKey(row => new { row.AccountId, row.Id });
            entity.HasIndex(row => row.ExpiresAt);
        }
    }
}

/// <summary>Which kept turn an output item belongs to.</summary>
public sealed class KeptItemPlace
{
    public required Guid AccountId { get; init; }

    /// <summary>The item's id as the client saw it.</summary>
    public required string Id { get; init; }

    public required string ResponseId { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeptItemPlace>
    {
        public void Configure(EntityTypeBuilder<KeptItemPlace> entity)
        {
            entity.ToTable("kept_items");
            entity.HasKey(row => new { row.AccountId, row.Id });
            entity.HasIndex(row => row.ExpiresAt);
        }
    }
}
