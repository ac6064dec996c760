using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Gateway;

/// <summary>A conversation of the Responses API that clients go on with by its name.</summary>
public sealed class KeptConversation
{
    public required Guid AccountId { get; init; }

    /// <summary>Its id: made here (<see cref="KeptConversations.OwnPrefix"/>), or whatever a client brought.</summary>
    public required string Id { get; init; }

    /// <summary>The `metadata` object that it was made with; null for none.</summary>
    public byte[]? SealedMetadata { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Each turn moves it on, so that a conversation never loses its beginning alone.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeptConversation>
    {
        public void Configure(EntityTypeBuilder<KeptConversation> entity)
        {
            entity.ToTable("kept_conversations");
            entity.HasKey(row => new { row.AccountId, row.Id });
            entity.HasIndex(row => row.ExpiresAt);
        }
    }
}

/// <summary>What one call added to a conversation. Rows are only ever added, so calls at the same time lose
/// nothing.</summary>
public sealed class KeptTurn
{
    public required Guid AccountId { get; init; }

    public required string ConversationId { get; init; }

    /// <summary>Of version 7: turns are read in the order of their ids.</summary>
    public required Guid Id { get; init; }

    /// <summary>A JSON array of items: the call's input, then its output.</summary>
    public required byte[] SealedItems { get; init; }

    /// <summary>The host that knows the conversation by the same name and has this turn in it; null for none.</summary>
    public string? Holder { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<KeptTurn>
    {
        public void Configure(EntityTypeBuilder<KeptTurn> entity)
        {
            entity.ToTable("kept_turns");
            entity.HasKey(row => new { row.AccountId, row.ConversationId, row.Id });
            entity.HasOne<KeptConversation>().WithMany()
                .HasForeignKey(row => new { row.AccountId, row.ConversationId }).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
