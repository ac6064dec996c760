using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>Recommends models of one catalog. Holds nothing else, so it is made wherever one is needed.</summary>
public sealed class Recommender(CatalogSnapshot catalog)
{
    /// <summary>Ranks, and explains the first <see cref="Wish.Limit"/>.</summary>
    /// <param name="wish">What is asked for.</param>
    /// <param name="reach">What the caller can call.</param>
    /// <param name="now">Decides which prices are in force.</param>
    public RecommendationAnswer Recommend(Wish wish, Reach reach, DateTimeOffset now)
    {
        var ranking = Scorer.Rank(wish, catalog, reach, now);
        var skills = SkillTable.Of(catalog);
        var priced = ranking.Candidates.Count(it => it.Cost is not null);
        ImmutableArray<Candidate> shown = [.. ranking.Candidates.Take(wish.Limit)];
        return new RecommendationAnswer(
            Guid.CreateVersion7(now), wish.Task,
            [.. shown.Select(it => new Recommendation(
                it.Item.Model.Id.ToString(), it.Score, Reasons.BandOf(it.Skill), Label(it, shown),
                Reasons.Of(it, wish, skills, priced), it.PriceRank, it.SpeedRank, it.QualityRank, it.Cost,
                it.Item.Offer?.Provider, it.Item.Availability, it.Skill?.Level ?? EvidenceLevel.None))],
            ranking.Excluded);
    }

    private static string? Label(Candidate it, ImmutableArray<Candidate> shown)
    {
        if (ReferenceEquals(it, shown[0])) return "best match";
        if (ReferenceEquals(it, First(shown, other => other.PriceRank))) return "cheapest";
        if (ReferenceEquals(it, First(shown, other => other.QualityRank))) return "strongest evidence";
        return ReferenceEquals(it, First(shown, other => other.SpeedRank)) ? "fastest" : null;
    }

    private static Candidate? First(ImmutableArray<Candidate> shown, Func<Candidate, int?> rank) =>
        shown.Where(it => rank(it) is not null).MinBy(rank);
}
