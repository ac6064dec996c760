using System.Collections.Frozen;

namespace Mercato.Catalog;

/// <summary>What was measured of one model in this installation; null was never measured.</summary>
public sealed record ModelFigures(
    decimal? Rating = null, int RatingCount = 0, long? Requests7d = null, long? Tokens7d = null,
    int? LatencyMs = null, decimal? TokensPerSecond = null)
{
    public static ModelFigures Empty { get; } = new();
}

/// <summary>Popularity, rating and speed of all models at one moment, published by those who measure them.</summary>
public sealed class CatalogFigures(IReadOnlyDictionary<ModelId, ModelFigures> byModel)
{
    private readonly FrozenDictionary<ModelId, ModelFigures> _byModel = byModel.ToFrozenDictionary();

    /// <summary>Nothing measured yet.</summary>
    public static CatalogFigures Empty { get; } = new(FrozenDictionary<ModelId, ModelFigures>.Empty);

    public ModelFigures Of(ModelId model) => _byModel.GetValueOrDefault(model) ?? ModelFigures.Empty;
}
