using CsCheck;
using Mercato.Catalog;
using Mercato.Ledger;
using Mercato.Recommend;
using Mercato.Wire;
using Budget = Mercato.Accounts.Budget;

namespace Mercato.Tests.Recommend;

public sealed class RecommenderTests
{
    private static readonly CatalogSnapshot Catalog = CatalogSnapshot.Builtin;
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
    private static readonly Reach SomeKeys = Reach.Of("openai", "mistral").WithOwn("groq");

    private static readonly string[] Prompts =
    [
        "Refactor my Java service", "Translate this contract to German", "Draw a logo", "Embeddings for search",
        "Prove that there are infinitely many primes", "Summarize a 300 page pdf", "hello", "Transcribe a podcast recording",
        "Describe this photo", "A coding agent with tool calls",
    ];

    private static readonly Gen<(Wish Wish, Reach Reach)> Wishes =
        from prompt in AnyOf(Prompts)
        from budget in Gen.Enum<Budget>()
        from most in AnyOf<long?>(null, 1_000, 1_000_000, 1_000_000_000)
        from open in AnyOf<bool?>(null, true, false)
        from context in AnyOf<int?>(null, 100_000, 1_000_000)
        from callable in Gen.Bool
        from limit in Gen.Int[1, 10]
        from reach in AnyOf(Reach.None, SomeKeys)
        select (new Wish(
            TaskAnalysis.Of(prompt), budget, most is { } nano ? new Money(nano) : null,
            new RecommendationPreferences(OpenWeights: open, MinContext: context), callable, limit), reach);

    [Fact]
    public void Every_ranking_holds_its_promises() => Wishes.Sample(it =>
    {
        var ranking = Scorer.Rank(it.Wish, Catalog, it.Reach, Now);
        var answer = new Recommender(Catalog).Recommend(it.Wish, it.Reach, Now);

        (ranking.Candidates.Length + ranking.Excluded.Sum(excluded => excluded.Count ?? 1)).ShouldBe(Catalog.Models.Length);
        answer.Recommendations.Length.ShouldBe(Math.Min(it.Wish.Limit, ranking.Candidates.Length));
        answer.Recommendations.ShouldAllBe(shown => shown.Score >= 0 && shown.Score <= 100);
        var callable = answer.Recommendations.Select(shown => shown.Availability == Availability.Ready).ToList();
        callable.ShouldBe(callable.OrderDescending());
        if (it.Wish.OnlyCallable) callable.ShouldAllBe(ready => ready);
        foreach (var candidate in ranking.Candidates)
        {
            candidate.Item.Model.Status.ShouldNotBe(ListingStatus.Retired);
            candidate.Item.Model.Kind.ShouldBe(Needs.KindOf(it.Wish.Task.Needs));
            if (it.Wish.MaxCost is { } most) (candidate.Cost <= most).ShouldBeTrue();
            if (it.Wish.Preferences.MinContext is { } least) candidate.Context!.Value.ShouldBeGreaterThanOrEqualTo(least);
        }
    }, iter: 60, threads: 1);

    [Fact]
    public void Estimate_is_what_the_pricing_charges()
    {
        var wish = WishFor("Refactor my Java service");
        var candidate = Scorer.Rank(wish, Catalog, SomeKeys, Now).Candidates
            .Single(it => it.Item.Model.Id == ModelId.Parse("openai/gpt-5"));
        var usage = new Usage
        {
            InputUncached = wish.Task.ExpectedInputTokens,
            OutputText = wish.Task.ExpectedOutputTokens,
        };

        candidate.Cost.ShouldBe(Pricing.Charge(candidate.Item.Price!, usage, candidate.Item.Offer!.MarkupBps).Total);
    }

    [Fact]
    public void Margin_is_in_the_estimate_but_not_on_ones_own_key()
    {
        var model = Catalog.Find(ModelId.Parse("openai/gpt-5"))!;
        var dearer = new CatalogSnapshot(
            [model with { Offers = [.. model.Offers.Select(offer => offer with { MarkupBps = 1_000 })] }]);
        var wish = WishFor("Refactor my Java service");

        var plain = Cost(Catalog, Reach.Of("openai"));
        Cost(dearer, Reach.None.WithOwn("openai")).ShouldBe(plain);
        Cost(dearer, Reach.Of("openai")).ShouldBeGreaterThan(plain);

        long Cost(CatalogSnapshot catalog, Reach reach) =>
            Scorer.Rank(wish, catalog, reach, Now).Candidates.Single(it => it.Item.Model.Id == model.Id).Cost!.Value.Nano;
    }

    [Fact]
    public void Model_without_evidence_says_so_and_has_no_rank()
    {
        var ranking = Scorer.Rank(WishFor("Refactor my Java service"), Catalog, SomeKeys, Now);
        var unproven = ranking.Candidates.First(it => it.Item.Model.Evidence.IsEmpty);

        unproven.QualityRank.ShouldBeNull();
        Reasons.BandOf(unproven.Skill).ShouldBe(Band.Unknown);
        Reasons.Of(unproven, WishFor("Refactor my Java service"), SkillTable.Of(Catalog), 1)[0].Text
            .ShouldBe("No evidence yet for refactoring");
    }

    [Fact]
    public void Reasons_carry_figures()
    {
        var answer = new Recommender(Catalog).Recommend(WishFor("Prove this theorem"), SomeKeys, Now);
        var first = answer.Recommendations[0];

        first.Reasons.Single(it => it.Kind == "quality").Text.ShouldMatch(@"^\d+(st|nd|rd|th) percentile in math \(.+20\d\d");
        first.Reasons.Single(it => it.Kind == "price").Text.ShouldMatch(@"^(\$0\.\d+ for this request|Free), .*cheapest of \d+");
        first.Label.ShouldBe("best match");
    }

    [Theory]
    [InlineData("Draw a logo for a bakery", ModelKind.Image)]
    [InlineData("Embeddings for semantic search", ModelKind.Embedding)]
    [InlineData("Rerank search results", ModelKind.Rerank)]
    [InlineData("Transcribe audio of a meeting", ModelKind.Transcription)]
    [InlineData("Say hello", ModelKind.Chat)]
    public void Kind_fits_the_task(string prompt, ModelKind kind) =>
        new Recommender(Catalog).Recommend(WishFor(prompt), SomeKeys, Now).Recommendations
            .ShouldAllBe(it => Catalog.Find(ModelId.Parse(it.Model))!.Kind == kind);

    [Fact]
    public void Low_budget_is_no_dearer_than_a_high_one()
    {
        var low = First(Budget.Low);
        var high = First(Budget.High);

        low.EstimatedCost!.Value.Nano.ShouldBeLessThanOrEqualTo(high.EstimatedCost!.Value.Nano);
        high.QualityRank!.Value.ShouldBeLessThanOrEqualTo(low.QualityRank ?? int.MaxValue);

        Recommendation First(Budget budget) => new Recommender(Catalog)
            .Recommend(WishFor("Prove this theorem") with { Budget = budget }, SomeKeys, Now).Recommendations[0];
    }

    [Fact]
    public void Deprecated_model_ranks_below_its_active_twin()
    {
        var model = Catalog.Find(ModelId.Parse("openai/gpt-5"))!;
        var twin = model with
        {
            Id = ModelId.Parse("openai/a-twin"),
            Status = ListingStatus.Deprecated,
            Offers = [.. model.Offers.Select(offer => offer with { Id = offer.Id + "-twin" })],
        };
        var catalog = new CatalogSnapshot([model, twin]);

        var answer = new Recommender(catalog).Recommend(WishFor("Prove this theorem"), SomeKeys, Now);

        answer.Recommendations.Select(it => it.Model).ShouldBe(["openai/gpt-5", "openai/a-twin"]);
        answer.Recommendations[1].Reasons.ShouldContain(it => it.Kind == "status");
    }

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(place => values[place]);

    private static Wish WishFor(string prompt) => new(
        TaskAnalysis.Of(prompt), Budget.Medium, null, RecommendationPreferences.Nothing, OnlyCallable: false, Limit: 5);
}
