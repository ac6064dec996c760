using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Providers;

/// <summary>What a wildcard model costs: USD per single token, and per picture made, as decimal strings or
/// numbers.</summary>
public sealed record DefaultPrice(
    TokenPrice? Prompt, TokenPrice? Completion, TokenPrice? CacheRead, TokenPrice? CacheWrite, ImagePrice? Image = null)
{
    /// <summary>The version that bills name: it changes with the row, because prices of past calls stay as they were.</summary>
    public PriceVersion ToPriceVersion(string providerId, DateTimeOffset updatedAt)
    {
        var lines = ImmutableArray.CreateBuilder<PriceLine>();
        Add(PriceKind.Input, Prompt);
        Add(PriceKind.Output, Completion);
        Add(PriceKind.CacheRead, CacheRead);
        Add(PriceKind.CacheWrite5m, CacheWrite);
        Add(PriceKind.CacheWrite1h, CacheWrite);
        if (Image is { } image)
        {
            lines.Add(new PriceLine(PriceKind.Image, image.Pico, 1, 0));
        }

        return new PriceVersion
        {
            Id = $"{providerId}@{updatedAt.ToUnixTimeMilliseconds()}",
            Lines = lines.ToImmutable(),
            Confidence = PriceConfidence.Accepted,
            Source = "operator",
            Origin = PriceOrigin.Operator,
        };

        void Add(PriceKind kind, TokenPrice? price)
        {
            if (price is { } known)
            {
                lines.Add(new PriceLine(kind, known.Pico, 1, 0));
            }
        }
    }
}
