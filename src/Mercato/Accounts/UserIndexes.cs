using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>Identity makes only user names unique; two people with one e-mail address must not exist either.</summary>
internal sealed class UserIndexes : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> entity)
    {
        entity.HasIndex(user => user.NormalizedEmail).HasDatabaseName("EmailIndex").IsUnique();
        // The list of revocations reads who changed lately.
        entity.HasIndex(user => user.SecurityChangedAt);
    }
}
