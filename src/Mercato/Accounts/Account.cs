using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

public enum AccountKind
{
    Personal,
}

public enum AccountRole
{
    Owner,
}

/// <summary>Owns wallet, keys, provider keys, conversations and calls. Sign-up makes a personal one.</summary>
public sealed class Account
{
    public required Guid Id { get; init; }

    public required string Name { get; set; }

    public required AccountKind Kind { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> entity)
        {
            entity.ToTable("accounts");
            entity.Property(account => account.Kind).HasConversion<string>();
        }
    }
}

/// <summary>A user's place in an account.</summary>
public sealed class AccountMember
{
    public required Guid AccountId { get; init; }

    public required Guid UserId { get; init; }

    public required AccountRole Role { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AccountMember>
    {
        public void Configure(EntityTypeBuilder<AccountMember> entity)
        {
            entity.ToTable("account_members");
            entity.HasKey(member => new { member.AccountId, member.UserId });
            entity.HasIndex(member => member.UserId);
            entity.Property(member => member.Role).HasConversion<string>();
            entity.HasOne<Account>().WithMany().HasForeignKey(member => member.AccountId);
            entity.HasOne<User>().WithMany().HasForeignKey(member => member.UserId);
        }
    }
}

/// <summary>Runs inside the sign-up's transaction, such as to grant the welcome credit. Register any number.</summary>
public delegate Task AccountCreated(MercatoContext context, Guid accountId, CancellationToken cancellationToken);

/// <summary>
/// Runs inside the transaction in which a person deletes the account: each module removes what it keeps about them,
/// except what the books need.
/// </summary>
public delegate Task AccountDeleted(MercatoContext context, Guid accountId, CancellationToken cancellationToken);
