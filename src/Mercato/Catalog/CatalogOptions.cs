using System.ComponentModel.DataAnnotations;

namespace Mercato.Catalog;

/// <summary>Section <c>Mercato:Catalog</c>.</summary>
public sealed class CatalogOptions
{
    /// <summary>
    /// The margin on every price in basis points (500 = 5 %), unless provider or offer say otherwise.
    /// </summary>
    [Range(0, 100_000)]
    public int MarkupBps { get; set; }

    /// <summary>Margins by provider id; each goes before the global one.</summary>
    public Dictionary<string, int> ProviderMarkupBps { get; } = [];

    /// <summary>The margin of an offer: its own, else its provider's, else the global one.</summary>
    public int MarkupOf(string provider, int? own) =>
        own ?? (ProviderMarkupBps.TryGetValue(provider, out var bps) ? bps : MarkupBps);
}
