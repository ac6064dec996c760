using System.Globalization;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Providers;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Admin;

/// <summary>A price that an administrator enters for an offer.</summary>
/// <param name="Price">USD per single token, and per picture made.</param>
/// <param name="EffectiveFrom">When it begins; now when absent. Never in the past: calls were sold at what stood then.</param>
/// <param name="Confirm">True when a price that is five times the last one, or a fifth of it, is meant.</param>
public sealed record NewPrice(DefaultPrice? Price, DateTimeOffset? EffectiveFrom, bool? Confirm);

/// <summary>A price version that was entered.</summary>
public sealed record EnteredPrice(string Id, string Offer, DateTimeOffset EffectiveFrom, DefaultPrice Price);

/// <summary>`POST /api/v1/admin/offers/{id}/prices`: a new version beside the old ones, which are never edited.</summary>
internal sealed class OfferPrices(
    MercatoContext context, Snapshot<CatalogSnapshot> catalog, CurrentAccount account, AuditLog audit, TimeProvider time)
{
    private const int Jump = 5;

    public async Task<Outcome<EnteredPrice>> EnterAsync(string id, NewPrice request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (catalog.Current.FindOffer(id) is not { } offer)
        {
            return Refusal.NotFound;
        }

        var from = request.EffectiveFrom ?? now;
        if (from < now)
        {
            return Refusal.Invalid("effective_from", "A price begins now or later; what was sold until now stays as it was.");
        }

        var kind = catalog.Current.Models.Single(model => model.Id == offer.Model).Kind;
        if (request.Price?.ToPriceVersion(id, now) is not { } stated || !stated.CanBeSold(kind))
        {
            return Refusal.Invalid("price", "Give all that a call of this model is billed by: `prompt` and `completion` "
                + "for chat, `prompt` for embeddings, `image` for pictures.");
        }

        var current = offer.PriceAt(from);
        if (current?.Lines.FirstOrDefault(line => line.TierFrom > 0) is { } tier)
        {
            return new Refusal(409, "price-has-tiers", $"This offer costs more above {tier.TierFrom} tokens of input; "
                + "such a price cannot be entered by hand yet.");
        }

        if (request.Confirm != true && FindJump(current, stated) is { } jump)
        {
            return new Refusal(409, "price-jump", jump + " If that is meant, send it again with `confirm: true`.");
        }

        return await SaveAsync(offer, stated, from, request, cancellationToken);
    }

    /// <summary>A slip of the decimal point, or a price per million entered as one per token.</summary>
    private static string? FindJump(PriceVersion? current, PriceVersion stated)
    {
        foreach (var line in stated.Lines)
        {
            if (current?.Base(line.Kind) is { } last && last.UsdPerUnit != line.UsdPerUnit
                && (line.UsdPerUnit >= Jump * last.UsdPerUnit || line.UsdPerUnit * Jump <= last.UsdPerUnit))
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"`{PriceKinds.NameOf(line.Kind)}` would go from {last.UsdPerUnit:0.############} to {line.UsdPerUnit:0.############} USD per {PriceKinds.UnitOf(line.Kind)}.");
            }
        }

        return null;
    }

    private async Task<Outcome<EnteredPrice>> SaveAsync(
        Offer offer, PriceVersion stated, DateTimeOffset from, NewPrice request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = $"{offer.Id}@entered-{now.ToUnixTimeMilliseconds()}";
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            context.Add(new PriceRow
            {
                Id = id,
                OfferId = offer.Id,
                EffectiveFromAt = from,
                Confidence = PriceConfidence.Accepted,
                Source = "operator",
                Origin = PriceOrigin.Operator,
                ActorId = account.UserId,
                CreatedAt = now,
                Lines = [.. stated.Lines.Select(line => new PriceLineRow
                {
                    PriceId = id,
                    Kind = line.Kind,
                    TierFrom = line.TierFrom,
                    UnitPico = line.Pico,
                    Divisor = line.Divisor,
                })],
            });
            audit.Add("offer.price", offer.Id, request);
            try
            {
                await context.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is not null)
            {
                return new Refusal(409, "price-entered-twice", "A price of this offer was entered at this very moment. Look at it first.");
            }

            await context.BumpAsync(CatalogModule.Topic, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await catalog.RefreshAsync(cancellationToken);
        return new EnteredPrice(id, offer.Id, from, request.Price!);
    }
}
