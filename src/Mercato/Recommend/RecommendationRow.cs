using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Recommend;

/// <summary>A recommendation that was given: features and the offered models, never the text.</summary>
public sealed class RecommendationRow
{
    /// <summary>All zero for somebody who had not signed in.</summary>
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Category { get; init; }

    public required string Language { get; init; }

    public required int Complexity { get; init; }

    /// <summary>Ids in the order shown.</summary>
    public required string[] OfferedModels { get; init; }

    /// <summary>What the caller took; null until told.</summary>
    public string? ChosenModel { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecommendationRow>
    {
        public void Configure(EntityTypeBuilder<RecommendationRow> entity)
        {
            entity.ToTable("recommendations");
            entity.HasKey(row => new { row.AccountId, row.Id });
            entity.HasIndex(row => row.CreatedAt);
        }
    }
}
