using System.Text.Json;
using Mercato.Data;
using Mercato.Wire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Mercato.Catalog;

/// <summary>Reads the catalog's tables into a snapshot.</summary>
internal static class CatalogLoad
{
    public static async Task<CatalogSnapshot> RunAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var context = services.GetRequiredService<MercatoContext>();
        var options = services.GetRequiredService<IOptions<CatalogOptions>>().Value;
        var prices = (await context.Set<PriceRow>().AsNoTracking().Include(row => row.Lines)
            .ToListAsync(cancellationToken))
            .OrderBy(row => row.EffectiveFromAt).ThenBy(row => row.CreatedAt).ToLookup(row => row.OfferId, ToVersion);
        var offers = (await context.Set<OfferRow>().AsNoTracking().ToListAsync(cancellationToken))
            .Select(row => ToOffer(row, options) with { Prices = [.. prices[row.Id]] }).ToLookup(offer => offer.Model);
        var evidence = BuiltinCatalog.Current.Models.ToDictionary(model => model.Id, model => model.Evidence);
        var models = (await context.Set<ModelRow>().AsNoTracking().ToListAsync(cancellationToken)).Select(ToModel)
            .Select(model => model with
            {
                Offers = [.. offers[model.Id]],
                Evidence = evidence.TryGetValue(model.Id, out var rows) ? rows : [],
            });
        var wildcards = services.GetService<WildcardSource>() is { } read
            ? await read(services, cancellationToken) : [];
        var local = Provider.BuiltIn.Values.Where(provider => provider.IsLocal).Select(provider => provider.Id);
        return new CatalogSnapshot(models, wildcards, local);
    }

    public static PriceLine ToLine(PriceLineRow row) => new(row.Kind, row.UnitPico, row.Divisor, row.TierFrom);

    private static Model ToModel(ModelRow row)
    {
        var model = JsonSerializer.Deserialize(row.Facts, BuiltinJson.Default.BuiltinModel)!.ToModel();
        return model with { Status = StatusOf(model.Status, row.IsUnlisted, row.IsDisabled) };
    }

    private static Offer ToOffer(OfferRow row, CatalogOptions options)
    {
        var offer = JsonSerializer.Deserialize(row.Facts, BuiltinJson.Default.BuiltinOffer)!.ToOffer();
        return offer with
        {
            Status = StatusOf(offer.Status, row.IsUnlisted, row.IsDisabled),
            MarkupBps = options.MarkupOf(offer.Provider, row.MarkupBps),
        };
    }

    private static ListingStatus StatusOf(ListingStatus status, bool isUnlisted, bool isDisabled) =>
        isDisabled ? ListingStatus.Disabled : isUnlisted ? ListingStatus.Unlisted : status;

    private static PriceVersion ToVersion(PriceRow row) => new()
    {
        Id = row.Id,
        EffectiveFrom = row.EffectiveFromAt,
        EffectiveTo = row.EffectiveToAt,
        Confidence = row.Confidence,
        Source = row.Source,
        AsOf = BuiltinDates.Parse(row.AsOf),
        Check = row.SourceCheck,
        Origin = row.Origin,
        Lines = [.. row.Lines.OrderBy(line => line.TierFrom).ThenBy(line => line.Kind).Select(ToLine)],
    };
}
