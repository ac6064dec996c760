using System.Collections.Immutable;
using Mercato.Catalog;
using Mercato.Ledger;
using Mercato.Wire;
using Budget = Mercato.Accounts.Budget;
using Names = Mercato.Catalog.Names;

namespace Mercato.Recommend;

/// <summary>A model that fits the wish, with all figures of its score.</summary>
public sealed record Candidate(
    CatalogItem Item, Money? Cost, Skill? Skill, TaskStanding? Speed, int? Context, int? PriceRank = null,
    int? QualityRank = null, int? SpeedRank = null, int Score = 0);

/// <summary>Candidates, best first, and what was left out; together they are the whole catalog.</summary>
public sealed record Ranking(ImmutableArray<Candidate> Candidates, ImmutableArray<Exclusion> Excluded);

/// <summary>Ranks the models of a catalog for a wish. Pure; every figure comes from the catalog.</summary>
public static class Scorer
{
    /// <summary>What missing evidence counts for. Not a guess at the quality: the price of not knowing.</summary>
    private const decimal Unproven = 25;

    /// <summary>A short request is taken to fit a context window that nobody states.</summary>
    private const int SurelyFits = 2_000;

    /// <summary>A square picture of middling quality.</summary>
    private const int PictureTokens = 1_000;

    private const string NotSold = "retired or switched off";

    /// <summary>Ranks for one caller at one moment.</summary>
    public static Ranking Rank(Wish wish, CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var skills = SkillTable.Of(catalog);
        var needs = NeedsOf(wish);
        var kind = Needs.KindOf(needs);
        var candidates = new List<Candidate>();
        var reasons = new List<(ModelId Model, string Reason)>();
        foreach (var model in catalog.Models)
        {
            if (Refuse(model, kind, needs, wish) is { } reason)
            {
                reasons.Add((model.Id, reason));
                continue;
            }

            var item = catalog.Search.View(Offered(model, wish), reach, now);
            // On a key of one's own the host bills, and it knows no margin of ours.
            var markup = item.Offer is { } offer && !reach.OwnProviders.Contains(offer.Provider) ? offer.MarkupBps : 0;
            var candidate = new Candidate(
                item, Cost(item.Price, model.Kind, wish.Task, markup), skills.Of(model, wish.Task.Category),
                catalog.Quality.Of(model.Id, "speed"), item.Offer?.ContextWindow ?? model.ContextWindow);
            if (Refuse(candidate, wish) is { } caseReason) reasons.Add((model.Id, caseReason));
            else candidates.Add(candidate);
        }

        var excluded = reasons.GroupBy(row => row.Reason, row => row.Model).OrderByDescending(group => group.Count())
            .Select(group => group.Count() == 1
                ? new Exclusion(group.Single().ToString(), null, group.Key)
                : new Exclusion(null, group.Count(), group.Key));
        return new Ranking(Order(candidates, wish), [.. excluded]);
    }

    /// <summary>
    /// What the request costs at this price, or null when a price that it needs is unknown. A picture that is sold by
    /// tokens is taken to have <see cref="PictureTokens"/>, audio to last a minute. The margin is in basis points.
    /// </summary>
    public static Money? Cost(PriceVersion? price, ModelKind kind, TaskAnalysis task, int markupBps = 0)
    {
        if (price is null || price.Lines.IsEmpty) return null;
        var hasOutput = price.Base(PriceKind.Output) is not null;
        if (kind == ModelKind.Chat && !(hasOutput && price.Base(PriceKind.Input) is not null)) return null;
        var pictureTokens = kind == ModelKind.Image && price.Base(PriceKind.Image) is null;
        if (pictureTokens && !(hasOutput || price.Base(PriceKind.ImageOutput) is not null)) return null;
        var writes = kind is ModelKind.Chat or ModelKind.Transcription or ModelKind.Ocr;
        var usage = new Usage
        {
            InputUncached = task.ExpectedInputTokens,
            OutputText = writes ? task.ExpectedOutputTokens : null,
            Images = pictureTokens ? PictureTokens : null,
        };
        var units = new UnitCounts(
            Images: kind == ModelKind.Image ? 1 : 0,
            AudioSeconds: kind == ModelKind.Transcription ? 60 : 0,
            Queries: kind == ModelKind.Rerank ? 1 : 0,
            Characters: kind == ModelKind.Speech ? 4L * task.ExpectedInputTokens : 0);
        var bill = Pricing.Charge(price, usage, markupBps, units);
        return bill.LineItems.IsEmpty && !price.IsFree ? null : bill.Total;
    }

    /// <summary>Needs that exclude: those insisted on, and those the text shows except the doubtful ones.</summary>
    internal static ImmutableArray<string> NeedsOf(Wish wish) =>
    [
        .. wish.Task.Needs.Where(need => need is not ("json" or "pdf" or "reasoning" or "web_search"))
            .Union(wish.Preferences.Needs ?? []),
    ];

    private static string? Refuse(Model model, ModelKind kind, ImmutableArray<string> needs, Wish wish)
    {
        if (model.Id.Author == "mercato") return "part of this site, not a model to choose";
        if (model.Status is ListingStatus.Retired or ListingStatus.Unlisted or ListingStatus.Disabled) return NotSold;
        if (model.Kind != kind) return $"not of the kind {Names.Of(kind)}";
        foreach (var need in needs)
        {
            if (!Needs.Meets(model, need)) return $"lacks {need}, as far as known";
        }

        if (wish.Preferences.OpenWeights is { } open && (model.OpenWeights ?? false) != open)
            return open ? "weights not open, as far as known" : "weights are open";
        return wish.Preferences.Providers is { Length: > 0 } providers && Offered(model, wish).Offers.IsEmpty
            ? "not offered by " + string.Join(" or ", providers)
            : null;
    }

    private static string? Refuse(Candidate candidate, Wish wish)
    {
        if (candidate.Item.Availability == Availability.Disabled) return NotSold;
        if (wish.OnlyCallable && candidate.Item.Availability != Availability.Ready) return "cannot be called now";
        var room = candidate.Item.Model.IsChat ? wish.Task.ExpectedInputTokens + wish.Task.ExpectedOutputTokens : 0;
        var least = Math.Max(room, wish.Preferences.MinContext ?? 0);
        if (candidate.Context is null && least > SurelyFits) return "context window unknown";
        if (candidate.Context < least) return $"context window below {least:N0} tokens";
        if (wish.MaxCost is not { } most || candidate.Cost <= most) return null;
        return candidate.Cost is null ? "price unknown" : $"dearer than ${most} for this request";
    }

    private static Model Offered(Model model, Wish wish) => wish.Preferences.Providers is { Length: > 0 } providers
        ? model with { Offers = [.. model.Offers.Where(offer => offer.IsListed && providers.Contains(offer.Provider))] }
        : model;

    private static ImmutableArray<Candidate> Order(List<Candidate> candidates, Wish wish)
    {
        var byPrice = Ranks(candidates, it => it.Cost?.Nano);
        var byQuality = Ranks(candidates, it => -it.Skill?.Worth);
        var bySpeed = Ranks(candidates, it => -it.Speed?.Score);
        var dearest = candidates.Max(byPrice) ?? 1;
        return
        [
            .. candidates.Select(it => it with
            {
                PriceRank = byPrice(it),
                QualityRank = byQuality(it),
                SpeedRank = bySpeed(it),
                Score = Score(it, wish, byPrice(it) is { } rank ? 100m * (dearest - rank + 1) / dearest : 0),
            }).OrderByDescending(it => it.Item.Availability == Availability.Ready).ThenByDescending(it => it.Score)
                .ThenBy(it => it.PriceRank ?? int.MaxValue).ThenByDescending(it => it.Item.Model.ReleaseDate?.Start)
                .ThenBy(it => it.Item.Model.Id),
        ];
    }

    /// <summary>Quality and price share 0.85; a hard task moves weight to quality, an easy one to price.</summary>
    private static int Score(Candidate candidate, Wish wish, decimal cheap)
    {
        var quality = wish.Budget switch { Budget.Low => 0.42m, Budget.High => 0.80m, _ => 0.65m };
        quality = Math.Clamp(quality + (wish.Task.Complexity - 3) * 0.06m, 0.25m, 0.83m);
        // How safe it is to build on the model, how sure its price is, and how many of the needs it meets: 0 to 15.
        var model = candidate.Item.Model;
        var rest = model.Status is ListingStatus.Active && candidate.Item.Price is { IsConfirmed: true } ? 10m
            : model.Status is ListingStatus.Active or ListingStatus.Preview ? 6m : 0;
        rest += wish.Task.Needs.IsEmpty ? 5
            : 5m * wish.Task.Needs.Count(need => Needs.Meets(model, need)) / wish.Task.Needs.Length;
        var score = quality * (candidate.Skill?.Worth ?? Unproven) + (0.85m - quality) * cheap + rest;
        return (int)decimal.Round(Math.Clamp(score, 0, 100));
    }

    /// <summary>Equal figures share a rank; no figure, no rank.</summary>
    private static Func<Candidate, int?> Ranks(List<Candidate> candidates, Func<Candidate, decimal?> figure)
    {
        var ranks = candidates.Select(figure).OfType<decimal>().Order().Index().DistinctBy(it => it.Item)
            .ToDictionary(it => it.Item, it => it.Index + 1);
        return it => figure(it) is { } value ? ranks[value] : null;
    }
}
