using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Admin;

/// <summary>What an administrator decides about an offer; null leaves a member as it is.</summary>
/// <param name="Enabled">False hides the offer: it is neither listed nor sold.</param>
/// <param name="AcceptPrice">True sells at the disputed price that is shown now.</param>
/// <param name="MarkupBps">The margin on this offer in basis points.</param>
public sealed record ChangeOffer(bool? Enabled, bool? AcceptPrice, int? MarkupBps);

/// <summary>An offer as administrators see it.</summary>
public sealed record OfferDecision(
    string Id, string Model, bool Enabled, int? MarkupBps, string? PriceVersion, PriceConfidence? PriceConfidence);

/// <summary>`/api/v1/admin/offers/{id}`.</summary>
internal sealed class OffersAdmin(
    MercatoContext context, Snapshot<CatalogSnapshot> catalog, CurrentAccount account, AuditLog audit, TimeProvider time)
{
    private const int MaxMarkupBps = 100_000;

    public async Task<OfferDecision?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var row = await context.Set<OfferRow>().AsNoTracking().SingleOrDefaultAsync(it => it.Id == id, cancellationToken);
        return row is null ? null : View(row);
    }

    public async Task<Outcome<OfferDecision>> ChangeAsync(
        string id, ChangeOffer request, CancellationToken cancellationToken)
    {
        if (await context.Set<OfferRow>().SingleOrDefaultAsync(it => it.Id == id, cancellationToken) is not { } row)
        {
            return Refusal.NotFound;
        }

        if (request.MarkupBps is < 0 or > MaxMarkupBps)
        {
            return Refusal.Invalid("markup_bps", $"A margin is from 0 to {MaxMarkupBps} basis points.");
        }

        if (request.AcceptPrice == true && await AcceptAsync(row, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        row.IsDisabled = !(request.Enabled ?? !row.IsDisabled);
        row.MarkupBps = request.MarkupBps ?? row.MarkupBps;
        row.UpdatedAt = time.GetUtcNow();
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            audit.Add("offer.change", id, request);
            await context.SaveChangesAsync(cancellationToken);
            await context.BumpAsync(CatalogModule.Topic, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await catalog.RefreshAsync(cancellationToken);
        return View(row);
    }

    /// <summary>A price is never edited: accepting one enters it anew, as the operator's, from now on.</summary>
    private async Task<Refusal?> AcceptAsync(OfferRow row, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var current = catalog.Current.FindOffer(row.Id)?.PriceAt(now);
        if (current is not { Confidence: PriceConfidence.Disputed })
        {
            return new Refusal(409, "price-not-disputed", "The price of this offer is not disputed, so there is "
                + "nothing to accept.");
        }

        var disputed = await context.Set<PriceRow>().AsNoTracking().Include(price => price.Lines)
            .SingleAsync(price => price.Id == current.Id, cancellationToken);
        var id = $"{row.Id}@accepted-{now.ToUnixTimeMilliseconds()}";
        context.Add(new PriceRow
        {
            Id = id,
            OfferId = row.Id,
            EffectiveFromAt = now,
            EffectiveToAt = disputed.EffectiveToAt,
            Confidence = PriceConfidence.Accepted,
            Source = disputed.Source,
            AsOf = disputed.AsOf,
            SourceCheck = disputed.SourceCheck,
            Origin = PriceOrigin.Operator,
            ActorId = account.UserId,
            CreatedAt = now,
            Lines = [.. disputed.Lines.Select(line => new PriceLineRow
            {
                PriceId = id,
                Kind = line.Kind,
                TierFrom = line.TierFrom,
                UnitPico = line.UnitPico,
                Divisor = line.Divisor,
            })],
        });
        return null;
    }

    private OfferDecision View(OfferRow row)
    {
        var price = catalog.Current.FindOffer(row.Id)?.PriceAt(time.GetUtcNow());
        return new OfferDecision(row.Id, row.ModelId, !row.IsDisabled, row.MarkupBps, price?.Id, price?.Confidence);
    }
}
