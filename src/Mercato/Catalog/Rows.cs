using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Mercato.Catalog;

/// <summary>
/// A model as it is kept: its facts as one JSON text in the built-in file's form, what operators decide beside it.
/// </summary>
public sealed class ModelRow
{
    public required string Id { get; init; }

    /// <summary>A line of <c>models.jsonl</c>.</summary>
    public required string Facts { get; set; }

    /// <summary>Who entered it; a newer built-in file changes only its own.</summary>
    public required PriceOrigin Origin { get; init; }

    /// <summary>True when the newest source no longer lists it; it is never deleted.</summary>
    public bool IsUnlisted { get; set; }

    /// <summary>The operator hides it.</summary>
    public bool IsDisabled { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ModelRow>
    {
        public void Configure(EntityTypeBuilder<ModelRow> entity)
        {
            entity.ToTable("models");
            entity.HasKey(model => model.Id);
            entity.Property(model => model.Origin).HasConversion(Rows.Text<PriceOrigin>());
        }
    }
}

/// <summary>A model at one provider.</summary>
public sealed class OfferRow
{
    /// <summary><c>provider/provider_model_id</c>.</summary>
    public required string Id { get; init; }

    public required string ModelId { get; init; }

    /// <summary>A line of <c>offers.jsonl</c> without its prices.</summary>
    public required string Facts { get; set; }

    public required PriceOrigin Origin { get; init; }

    public bool IsUnlisted { get; set; }

    public bool IsDisabled { get; set; }

    /// <summary>The margin on this offer in basis points; null leaves it to the provider's or the global one.</summary>
    public int? MarkupBps { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<OfferRow>
    {
        public void Configure(EntityTypeBuilder<OfferRow> entity)
        {
            entity.ToTable("offers", table => table.HasCheckConstraint("ck_offers_markup", "markup_bps >= 0"));
            entity.HasKey(offer => offer.Id);
            entity.HasOne<ModelRow>().WithMany().HasForeignKey(offer => offer.ModelId)
                .OnDelete(DeleteBehavior.Restrict);
            entity.Property(offer => offer.Origin).HasConversion(Rows.Text<PriceOrigin>());
        }
    }
}

/// <summary>A price version. Insert-only: a new price is a new row, so every bill can be recomputed.</summary>
public sealed class PriceRow
{
    public required string Id { get; init; }

    public required string OfferId { get; init; }

    public DateTimeOffset? EffectiveFromAt { get; init; }

    public DateTimeOffset? EffectiveToAt { get; init; }

    public required PriceConfidence Confidence { get; init; }

    public string? Source { get; init; }

    /// <summary>The day on which the source was read, as far as it is known.</summary>
    public string? AsOf { get; init; }

    public string? SourceCheck { get; init; }

    public required PriceOrigin Origin { get; init; }

    /// <summary>The operator who entered it.</summary>
    public Guid? ActorId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public List<PriceLineRow> Lines { get; init; } = [];

    internal sealed class Configuration : IEntityTypeConfiguration<PriceRow>
    {
        public void Configure(EntityTypeBuilder<PriceRow> entity)
        {
            entity.ToTable("prices");
            entity.HasKey(price => price.Id);
            entity.HasOne<OfferRow>().WithMany().HasForeignKey(price => price.OfferId)
                .OnDelete(DeleteBehavior.Restrict);
            entity.HasMany(price => price.Lines).WithOne().HasForeignKey(line => line.PriceId);
            entity.Property(price => price.Confidence).HasConversion(Rows.Text<PriceConfidence>());
            entity.Property(price => price.Origin).HasConversion(Rows.Text<PriceOrigin>());
        }
    }
}

/// <summary>One line of a price version: <c>quantity x UnitPico / Divisor</c> pico-dollars.</summary>
public sealed class PriceLineRow
{
    public required string PriceId { get; init; }

    public required PriceKind Kind { get; init; }

    /// <summary>Input tokens above which it applies; 0 is the base price.</summary>
    public required int TierFrom { get; init; }

    public required long UnitPico { get; init; }

    public required long Divisor { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<PriceLineRow>
    {
        public void Configure(EntityTypeBuilder<PriceLineRow> entity)
        {
            entity.ToTable("price_lines", table =>
                table.HasCheckConstraint("ck_price_lines_sane", "unit_pico >= 0 AND divisor >= 1 AND tier_from >= 0"));
            entity.HasKey(line => new { line.PriceId, line.Kind, line.TierFrom });
            entity.Property(line => line.Kind)
                .HasConversion(new ValueConverter<PriceKind, string>(
                    kind => PriceKinds.NameOf(kind), name => PriceKinds.Parse(name)));
        }
    }
}

/// <summary>Which version of a source the database has taken in.</summary>
public sealed class CatalogIntake
{
    public required string Source { get; init; }

    public required long Version { get; set; }

    public required DateTimeOffset TakenAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<CatalogIntake>
    {
        public void Configure(EntityTypeBuilder<CatalogIntake> entity)
        {
            entity.ToTable("catalog_intakes");
            entity.HasKey(intake => intake.Source);
        }
    }
}

internal static class Rows
{
    public static ValueConverter<T, string> Text<T>() where T : struct, Enum =>
        new(value => Names.Of(value), text => Names.Parse<T>(text));
}
