using Mercato.Accounts;
using Mercato.Data;

namespace Mercato.Catalog;

/// <summary>The catalog as the caller of this request sees it now: one snapshot, one moment, one reach.</summary>
public sealed class CatalogView(
    Snapshot<CatalogSnapshot> snapshot, PublishedFigures figures, CurrentAccount account, TimeProvider time,
    IServiceProvider services)
{
    private Reach? _reach;

    public CatalogSnapshot Catalog { get; } = snapshot.Current;

    public CatalogFigures Figures { get; } = figures.Current;

    public DateTimeOffset Now { get; } = time.GetUtcNow();

    /// <summary>What the caller can call; nothing while no module keeps keys.</summary>
    public Reach Reach => _reach ??=
        services.GetService<ReachSource>()?.Invoke(services, account.Caller?.AccountId) ?? Reach.None;

    public bool IsSignedIn => account.IsSignedIn;

    public CatalogPage List(CatalogQuery query) => Catalog.Search.List(query, Reach, Now, Figures);

    public CatalogItem View(Model model) => Catalog.Search.View(model, Reach, Now, Figures.Of(model.Id));

    public Availability AvailabilityOf(Offer offer, Model model) => Reach.Of(offer, model, Catalog, Now);
}
