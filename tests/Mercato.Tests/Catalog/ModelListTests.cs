using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Tests.Catalog;

public sealed class ModelListTests
{
    private static readonly DateTimeOffset Now = new(2026, 9, 15, 0, 0, 0, TimeSpan.Zero);
    private static readonly CatalogSnapshot Catalog = CatalogSnapshot.Builtin;
    private static readonly Reach OpenAi = Reach.Of("openai");

    private static CatalogPage List(CatalogQuery query, Reach? reach = null, CatalogFigures? figures = null) =>
        Catalog.Search.List(query, reach ?? Reach.None, Now, figures);

    private static List<string> Ids(CatalogPage page) => [.. page.Items.Select(item => item.Model.Id.ToString())];

    [Fact]
    public void NoFilter_listsEveryModel() => List(new CatalogQuery()).Total.ShouldBe(535);

    public static TheoryData<CatalogQuery, Func<CatalogItem, bool>> Filters() => new()
    {
        { new() { Authors = ["x-ai"] }, item => item.Model.Id.Author == "xai" },
        { new() { Providers = ["groq", "cerebras"] }, item =>
            item.Model.Offers.Any(o => o.Provider is "groq" or "cerebras") },
        { new() { Kinds = [ModelKind.Embedding] }, item => item.Model.Kind == ModelKind.Embedding },
        { new() { Capabilities = ["vision", "tool_calling"] }, item => item.Model.Can("vision")
            && item.Model.Can("tool_calling") },
        { new() { InputModalities = ["audio"] }, item => item.Model.InputModalities.Contains("audio") },
        { new() { OutputModalities = ["image"] }, item => item.Model.OutputModalities.Contains("image") },
        { new() { SupportedParameters = ["tools"] }, item => item.Model.Can("tool_calling") && item.Model.IsChat },
        { new() { MinContext = 1_000_000 }, item => item.Model.ContextWindow >= 1_000_000 },
        { new() { MinPrice = 1, MaxPrice = 2 }, item => item.InputUsdPerMillion is >= 1 and <= 2 },
        { new() { MinOutputPrice = 10, MaxOutputPrice = 15 }, item => item.OutputUsdPerMillion is >= 10 and <= 15 },
        { new() { OpenWeights = true }, item => item.Model.OpenWeights == true },
        { new() { Free = true, Scope = CatalogScope.All }, item => item.Price!.IsFree },
        { new() { Statuses = [ListingStatus.Preview] }, item => item.Model.Status == ListingStatus.Preview },
        { new() { Availabilities = [Availability.LocalMissing] }, item =>
            item.Model.Offers.All(o => o.Provider == "ollama") },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Filter_holdsWithAndWithoutText(CatalogQuery query, Func<CatalogItem, bool> holds)
    {
        var without = List(query);
        without.Total.ShouldBeGreaterThan(0);
        without.Total.ShouldBeLessThan(535);
        without.Items.ShouldAllBe(item => holds(item));

        var word = without.Items[0].Model.Id.Name;
        var with = List(query with { Text = word });
        with.Total.ShouldBeGreaterThan(0);
        with.Items.ShouldAllBe(item => holds(item));
        with.Total.ShouldBeLessThanOrEqualTo(without.Total);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData("%%%")]
    [InlineData("' OR 1=1 --")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("\u0000\uFFFF\uD800")]
    public void JunkText_findsLittleAndHarmsNothing(string text) =>
        List(new() { Text = text }).Total.ShouldBeLessThan(100);

    [Fact]
    public void BlankText_doesNotFilter() => List(new() { Text = "  " }).Total.ShouldBe(535);

    [Fact]
    public void Pages_joinToTheWholeList()
    {
        var whole = Ids(List(new()));
        var pages = Enumerable.Range(0, 11).SelectMany(i => Ids(List(new() { Offset = i * 50, Limit = 50 })));
        pages.ShouldBe(whole);
        List(new() { Offset = 10_000, Limit = 5 }).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CatalogSort.PricingLowToHigh)]
    [InlineData(CatalogSort.PricingHighToLow)]
    [InlineData(CatalogSort.ContextHighToLow)]
    [InlineData(CatalogSort.Newest)]
    public void UnknownFigure_sortsLast(CatalogSort sort)
    {
        var figures = List(new() { Sort = sort, Scope = CatalogScope.All }).Items.Select(item => sort switch
        {
            CatalogSort.ContextHighToLow => item.ContextWindow,
            CatalogSort.Newest => item.Model.ReleaseDate?.Start.ToUnixTimeSeconds(),
            _ => item.InputUsdPerMillion,
        }).ToList();
        var known = figures.TakeWhile(figure => figure is not null).ToList();
        figures.Skip(known.Count).ShouldAllBe(figure => figure == null);
        known.ShouldBe(sort == CatalogSort.PricingLowToHigh ? known.Order().ToList() : known.OrderDescending()
            .ToList());
        known.Count.ShouldBeInRange(100, 534);
    }

    [Fact]
    public void MeasuredSorts_followTheFigures()
    {
        var (fast, loved) = (ModelId.Parse("openai/gpt-4o"), ModelId.Parse("mistral/mistral-nemo"));
        var figures = new CatalogFigures(new Dictionary<ModelId, ModelFigures>
        {
            [fast] = new(Rating: 3.5m, RatingCount: 4, Requests7d: 5, LatencyMs: 100, TokensPerSecond: 200),
            [loved] = new(Rating: 4.5m, RatingCount: 9, Requests7d: 900, LatencyMs: 300, TokensPerSecond: 50),
        });
        (CatalogSort Sort, ModelId[] First)[] expected =
        [
            (CatalogSort.Rating, [loved, fast]), (CatalogSort.MostPopular, [loved, fast]),
            (CatalogSort.LatencyLowToHigh, [fast, loved]), (CatalogSort.ThroughputHighToLow, [fast, loved]),
        ];
        foreach (var (sort, first) in expected)
        {
            List(new() { Sort = sort, Limit = 2 }, figures: figures).Items.Select(item => item.Model.Id)
                .ShouldBe(first, sort.ToString());
        }

        List(new() { MinRating = 4 }, figures: figures).Items.Single().Model.Id.ShouldBe(loved);
    }

    [Fact]
    public void QualitySort_ranksByEvidenceOfTheTask()
    {
        var items = List(new() { Sort = CatalogSort.Quality, QualityTask = "code_generation" }).Items;
        var scores = items.Select(item => Catalog.Quality.Of(item.Model.Id, "code_generation")?.Score).ToList();
        scores[0].ShouldNotBeNull();
        scores.TakeWhile(score => score is not null)
            .ShouldBe(scores.Where(score => score is not null).OrderDescending());
        Catalog.Quality.Of(ModelId.Parse("openai/gpt-5.6")).ShouldBeEmpty();
    }

    [Fact]
    public void FreeAndCheapestLists_holdOnlyWhatCanBeCalled()
    {
        CatalogQuery[] lists =
            [new() { Free = true }, new() { Sort = CatalogSort.PricingLowToHigh },
            new() { Scope = CatalogScope.Callable }];
        foreach (var query in lists)
        {
            List(query, OpenAi).Items.ShouldAllBe(item => item.Availability == Availability.Ready);
            List(query, OpenAi).Items.ShouldAllBe(item => item.Offer!.Provider == "openai");
            List(query).Items.ShouldBeEmpty();
        }

        List(new() { Free = true, Scope = CatalogScope.All }, OpenAi).Total.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void OwnKey_makesUnpricedModelsReady()
    {
        var model = Catalog.Find(ModelId.Parse("google/gemini-3.6-flash"))!;
        Reach.None.Of(model, Catalog, Now).ShouldBe(Availability.NeedsKey);
        Reach.Of("google").Of(model, Catalog, Now).ShouldBe(Availability.Unpriced);
        Reach.Of("google").WithOwn("google").Of(model, Catalog, Now).ShouldBe(Availability.Ready);
    }

    [Fact]
    public void LocalModel_isReadyWhereItIsInstalled()
    {
        var model = Catalog.Find(ModelId.Parse("meta/llama-3.2-1b"))!;
        Reach.None.Of(model, Catalog, Now).ShouldBe(Availability.LocalMissing);
        Reach.None.WithLocal("ollama/llama3.2:1b").Of(model, Catalog, Now).ShouldBe(Availability.Ready);
        Reach.None.WithLocal("ollama/llama3.2:3b").Of(model, Catalog, Now).ShouldBe(Availability.LocalMissing);
    }

    [Fact]
    public void HeadlineOffer_isTheCheapestCallableOne()
    {
        var model = Catalog.Find(ModelId.Parse("openai/gpt-oss-120b"))!;
        var reach = Reach.Of("groq", "togetherai", "cerebras");
        var item = Catalog.Search.View(model, reach, Now);
        item.Availability.ShouldBe(Availability.Ready);
        reach.OperatorProviders.ShouldContain(item.Offer!.Provider);
        Catalog.Search.View(model, Reach.Of("cerebras"), Now).Offer!.Provider.ShouldBe("cerebras");
    }

    [Fact]
    public void UncallableId_namesThreeReadyModels()
    {
        var nearest = Catalog.Search.NearestReady("anthropic/claude-opus-5", OpenAi, Now);
        nearest.Length.ShouldBe(3);
        nearest.ShouldAllBe(id => OpenAi.Of(Catalog.Find(id)!, Catalog, Now) == Availability.Ready);
        Catalog.Search.NearestReady("gpt-4o-min", OpenAi, Now)[0].ToString().ShouldBe("openai/gpt-4o-mini");
        Catalog.Search.NearestReady(null, Reach.None, Now).ShouldBeEmpty();
    }

    [Fact]
    public void Facets_countTheWholeResult()
    {
        var page = List(new() { Text = "gpt", Limit = 1, Facets = true }, OpenAi);
        page.Facets["author"].Values.Sum().ShouldBe(page.Total);
        page.Facets["kind"]["chat"].ShouldBeGreaterThan(10);
        page.Facets["availability"]["ready"].ShouldBeGreaterThan(10);
        List(new()).Facets.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CatalogSort.PricingLowToHigh, "pricing-low-to-high")]
    [InlineData(CatalogSort.MostPopular, "most-popular")]
    public void SortNames_areThoseOfTheContract(CatalogSort sort, string name)
    {
        Names.Of(sort).ShouldBe(name);
        Names.Parse<CatalogSort>(name).ShouldBe(sort);
    }

    [Fact]
    public void OtherNames_areThoseOfTheContract()
    {
        Names.Of(Availability.LocalMissing).ShouldBe("local_missing");
        Names.Of(ListingStatus.SunsetDue).ShouldBe("sunset_due");
        Names.Of(PriceConfidence.Confirmed1).ShouldBe("confirmed-1");
        Names.TryParse<ModelKind>("robot", out _).ShouldBeFalse();
        ImmutableArray.Create("cache_read", "cache_write_5m")
            .ShouldBe([PriceKinds.NameOf(PriceKind.CacheRead), PriceKinds.NameOf(PriceKind.CacheWrite5m)]);
    }
}
