using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>A key that signs access tokens (ES256), sealed under the key ring. Its id is the token's `kid`.</summary>
internal sealed class TokenKey
{
    public required Guid Id { get; init; }

    public required byte[] SealedPrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<TokenKey>
    {
        public void Configure(EntityTypeBuilder<TokenKey> entity) => entity.ToTable("token_keys");
    }
}
