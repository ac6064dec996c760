using Mercato.Accounts;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Chat;

/// <summary>A kept conversation of the chat page: its text is stored, so that a person can go on with it.</summary>
public sealed class Conversation
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required string Title { get; set; }

    /// <summary>The model of the next message.</summary>
    public required string Model { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Conversation>
    {
        public void Configure(EntityTypeBuilder<Conversation> entity)
        {
            entity.ToTable("conversations");
            entity.HasKey(conversation => new { conversation.AccountId, conversation.Id });
            entity.HasIndex(conversation => new { conversation.AccountId, conversation.UpdatedAt });
            entity.HasOne<Account>().WithMany().HasForeignKey(conversation => conversation.AccountId);
        }
    }
}

public enum MessageRole
{
    User,
    Assistant,
}

public enum MessageState
{
    /// <summary>A run writes it at this moment.</summary>
    Running,

    /// <summary>Whole.</summary>
    Done,

    /// <summary>Its reader stopped it; what had come is kept and paid.</summary>
    Stopped,

    /// <summary>It broke off; the error says why.</summary>
    Failed,
}

public sealed class Message
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required Guid ConversationId { get; init; }

    public required MessageRole Role { get; init; }

    /// <summary>Markdown.</summary>
    public required string Content { get; set; }

    public required MessageState State { get; set; }

    /// <summary>The model that was asked; null for what the person wrote.</summary>
    public string? Model { get; init; }

    /// <summary>"gen-..." of the call that wrote it.</summary>
    public string? GenerationId { get; set; }

    public long? CostNano { get; set; }

    public string? Error { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public Money? Cost => CostNano is { } nano ? new Money(nano) : null;

    internal sealed class Configuration : IEntityTypeConfiguration<Message>
    {
        public void Configure(EntityTypeBuilder<Message> entity)
        {
            entity.ToTable("messages");
            entity.HasKey(message => new { message.AccountId, message.Id });
            entity.HasIndex(message => new { message.AccountId, message.ConversationId, message.CreatedAt });
            entity.Property(message => message.Role).HasConversion<string>();
            entity.Property(message => message.State).HasConversion<string>();
            entity.Ignore(message => message.Cost);
            entity.HasOne<Conversation>().WithMany()
                .HasForeignKey(message => new { message.AccountId, message.ConversationId })
                .OnDelete(DeleteBehavior.Cascade);
        }
    }
}
