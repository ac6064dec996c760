namespace Mercato.Catalog;

/// <summary>The place where the module that measures puts its newest figures; lists read them from here.</summary>
public sealed class PublishedFigures
{
    private volatile CatalogFigures _current = CatalogFigures.Empty;

    /// <summary>The figures of the moment; replaced whole.</summary>
    public CatalogFigures Current
    {
        get => _current;
        set => _current = value;
    }
}
