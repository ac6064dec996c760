using Mercato.Wire;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Providers;

/// <summary>A host that an operator added, or a built-in one that an operator changed.</summary>
public sealed class ProviderRow
{
    /// <summary>The same as a built-in id to change that host; otherwise a new one.</summary>
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required Dialect Dialect { get; set; }

    public required string BaseUrl { get; set; }

    /// <summary>Sealed under the key ring; null for a host without a key.</summary>
    public byte[]? SealedKey { get; set; }

    public bool Enabled { get; set; } = true;

    /// <summary>Private addresses may be reached for this host.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Every model id `ID/NAME` is sold at the default price and reaches the host as NAME.</summary>
    public bool WildcardModels { get; set; }

    /// <summary>JSON of <see cref="DefaultPrice"/>; null when nothing is sold by default.</summary>
    public string? DefaultPrice { get; set; }

    /// <summary>JSON of <see cref="Wire.DataPolicy"/>.</summary>
    public string? DataPolicy { get; set; }

    /// <summary>JSON of <see cref="HostQuirks"/>.</summary>
    public string? Quirks { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ProviderRow>
    {
        public void Configure(EntityTypeBuilder<ProviderRow> entity)
        {
            entity.ToTable("providers");
            entity.HasKey(row => row.Id);
            entity.Property(row => row.Dialect).HasConversion<string>();
        }
    }
}

/// <summary>A user's own key at a provider ("bring your own key"). The secret leaves this module only towards the provider.</summary>
public sealed class ProviderKey
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required string Provider { get; init; }

    public string? Name { get; set; }

    public required byte[] SealedSecret { get; set; }

    public required string LastFour { get; set; }

    /// <summary>Used only when paid credits did not work.</summary>
    public bool IsFallback { get; set; }

    /// <summary>Paid credits may be used when this key fails.</summary>
    public bool FallbackToCredits { get; set; }

    /// <summary>Model ids that it may be used for; empty allows all.</summary>
    public string[] AllowedModels { get; set; } = [];

    public bool Disabled { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<ProviderKey>
    {
        public void Configure(EntityTypeBuilder<ProviderKey> entity)
        {
            entity.ToTable("provider_keys");
            entity.HasKey(key => new { key.AccountId, key.Id });
        }
    }
}
