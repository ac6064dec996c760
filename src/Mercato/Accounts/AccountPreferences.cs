using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>What recommendations and routing assume when a request does not say.</summary>
public sealed class AccountPreferences
{
    public required Guid AccountId { get; init; }

    /// <summary>Provider ids, best first.</summary>
    public string[] PreferredProviders { get; set; } = [];

    public Budget? Budget { get; set; }

    public string? DefaultModel { get; set; }

    public DataCollection DataCollection { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<AccountPreferences>
    {
        public void Configure(EntityTypeBuilder<AccountPreferences> entity)
        {
            entity.ToTable("account_preferences");
            entity.HasKey(preferences => preferences.AccountId);
            entity.Property(preferences => preferences.Budget).HasConversion<string>();
            entity.Property(preferences => preferences.DataCollection).HasConversion<string>();
            entity.HasOne<Account>().WithMany().HasForeignKey(preferences => preferences.AccountId);
        }
    }
}

public enum Budget
{
    Low,
    Medium,
    High,
}

/// <summary>Whether offers whose provider keeps or trains on requests may be used.</summary>
public enum DataCollection
{
    Allow,
    Deny,
}
