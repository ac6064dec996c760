using System.Text.Json;
using Mercato.Data;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Catalog;

/// <summary>
/// Takes the built-in file into the database: everything at the first start; later, when the program brings a newer
/// file, facts of built-in rows, new models and offers, and a new price only where the last one is built-in too.
/// </summary>
internal sealed class BuiltinIntake(MercatoContext context, TimeProvider time)
{
    public const string Source = "builtin";

    /// <summary>True when this call took the file in; false when the database had it already, or a newer one.</summary>
    public async Task<bool> RunAsync(BuiltinCatalog file, CancellationToken cancellationToken)
    {
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (!await ClaimAsync(file.Version, cancellationToken))
        {
            return false;
        }

        var now = time.GetUtcNow();
        await TakeModelsAsync(file, now, cancellationToken);
        await TakeOffersAsync(file, now, cancellationToken);
        await TakePricesAsync(file, now, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await context.BumpAsync(CatalogModule.Topic, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        context.ChangeTracker.Clear();
        return true;
    }

    /// <summary>
    /// Moves the version forward. The row stays locked until the end, so of two nodes only one takes the file in.
    /// </summary>
    private async Task<bool> ClaimAsync(long version, CancellationToken cancellationToken)
    {
        var now = Instant.ToMicros(time.GetUtcNow());
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO catalog_intakes (source, version, taken_at) VALUES ({Source}, 0, {now})
            ON CONFLICT (source) DO NOTHING
            """,
            cancellationToken);
        return await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE catalog_intakes SET version = {version}, taken_at = {now}
            WHERE source = {Source} AND version < {version}
            """,
            cancellationToken) == 1;
    }

    private async Task TakeModelsAsync(BuiltinCatalog file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await context.Set<ModelRow>().ToDictionaryAsync(row => row.Id, cancellationToken);
        var news = new List<ModelRow>();
        foreach (var model in file.ModelLines)
        {
            var facts = JsonSerializer.Serialize(model, BuiltinJson.Default.BuiltinModel);
            if (!rows.Remove(model.Id, out var row))
            {
                news.Add(new ModelRow { Id = model.Id, Facts = facts, Origin = PriceOrigin.Builtin, UpdatedAt = now });
            }
            else if (row.Origin == PriceOrigin.Builtin)
            {
                (row.Facts, row.IsUnlisted, row.UpdatedAt) = (facts, false, now);
            }
        }

        foreach (var gone in rows.Values.Where(row => row.Origin == PriceOrigin.Builtin))
        {
            gone.IsUnlisted = true;
        }

        await context.InsertAllAsync(news, cancellationToken);
    }

    private async Task TakeOffersAsync(BuiltinCatalog file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await context.Set<OfferRow>().ToDictionaryAsync(row => row.Id, cancellationToken);
        var news = new List<OfferRow>();
        foreach (var offer in file.OfferLines)
        {
            var facts = JsonSerializer.Serialize(offer with { Prices = [] }, BuiltinJson.Default.BuiltinOffer);
            if (!rows.Remove(offer.Id, out var row))
            {
                news.Add(new OfferRow { Id = offer.Id, ModelId = offer.Model, Facts = facts,
                    Origin = PriceOrigin.Builtin, UpdatedAt = now });
            }
            else if (row.Origin == PriceOrigin.Builtin)
            {
                (row.Facts, row.IsUnlisted, row.UpdatedAt) = (facts, false, now);
            }
        }

        foreach (var gone in rows.Values.Where(row => row.Origin == PriceOrigin.Builtin))
        {
            gone.IsUnlisted = true;
        }

        await context.InsertAllAsync(news, cancellationToken);
    }

    private async Task TakePricesAsync(BuiltinCatalog file, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var known = (await context.Set<PriceRow>().AsNoTracking().Include(row => row.Lines)
            .ToListAsync(cancellationToken))
            .ToLookup(row => row.OfferId);
        var news = new List<PriceRow>();
        foreach (var offer in file.Models.SelectMany(model => model.Offers))
        {
            var rows = known[offer.Id].OrderBy(row => row.EffectiveFromAt).ThenBy(row => row.CreatedAt).ToList();
            if (rows.Count == 0)
            {
                news.AddRange(offer.Prices.Select(price =>
                    ToRow(price, offer.Id, price.Id, price.EffectiveFrom, now)));
            }
            else if (rows[^1].Origin == PriceOrigin.Builtin && !IsSame(rows[^1], offer.Prices[^1]))
            {
                // What was sold until now stays as it was: the new price begins today, or on its own later day.
                var last = offer.Prices[^1];
                var from = last.EffectiveFrom > now ? last.EffectiveFrom : now;
                news.Add(ToRow(last, offer.Id, $"{offer.Id}@{file.Version}", from, now));
            }
        }

        await context.InsertAllAsync(news, cancellationToken);
        await context.InsertAllAsync(news.SelectMany(row => row.Lines), cancellationToken);
    }

    private static bool IsSame(PriceRow row, PriceVersion price) =>
        row.Confidence == price.Confidence
        && row.Lines.Select(CatalogLoad.ToLine).ToHashSet().SetEquals(price.Lines);

    private static PriceRow ToRow(PriceVersion price, string offerId, string id, DateTimeOffset? from,
        DateTimeOffset now) => new()
    {
        Id = id,
        OfferId = offerId,
        EffectiveFromAt = from,
        EffectiveToAt = price.EffectiveTo,
        Confidence = price.Confidence,
        Source = price.Source,
        AsOf = price.AsOf?.ToString(),
        SourceCheck = price.Check,
        Origin = price.Origin,
        CreatedAt = now,
        Lines = [.. price.Lines.Select(line => new PriceLineRow
        {
            PriceId = id,
            Kind = line.Kind,
            TierFrom = line.TierFrom,
            UnitPico = line.Pico,
            Divisor = line.Divisor,
        })],
    };
}
