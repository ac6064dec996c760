using Mercato.Catalog;

namespace Mercato.Tests.Catalog;

public sealed class BuiltinCatalogTests
{
    private static readonly BuiltinCatalog Catalog = BuiltinCatalog.Current;
    private static readonly List<Offer> Offers = [.. Catalog.Models.SelectMany(model => model.Offers)];

    private static DateTimeOffset Day(string text) => CatalogDate.Parse(text).Start;

    [Fact]
    public void EveryCoreModelAndOffer_isThere()
    {
        Catalog.Models.Length.ShouldBe(535);
        Offers.Count.ShouldBe(799);
        Catalog.Models.ShouldAllBe(model => model.Offers.Length > 0);
        Catalog.Models.Select(model => model.Id).Distinct().Count().ShouldBe(535);
        Offers.Select(offer => offer.Id).Distinct().Count().ShouldBe(799);
        Offers.ShouldAllBe(offer => offer.Id == offer.Provider + "/" + offer.ProviderModelId);
    }

    [Fact]
    public void EveryPrice_saysWhereItComesFrom()
    {
        foreach (var offer in Offers)
        {
            offer.Prices.ShouldNotBeEmpty(offer.Id);
            foreach (var price in offer.Prices)
            {
                price.Source.ShouldNotBeNullOrWhiteSpace(price.Id);
                if (!price.Lines.IsEmpty)
                {
                    price.AsOf.ShouldNotBeNull(price.Id);
                }

                price.Lines.IsEmpty.ShouldBe(price.Confidence == PriceConfidence.Unknown, price.Id);
                price.Lines.Select(line => (line.Kind, line.TierFrom)).ShouldBeUnique();
            }
        }

        Offers.SelectMany(offer => offer.Prices).Select(price => price.Id).ShouldBeUnique();
    }

    [Fact]
    public void ScheduledPrice_takesOverOnItsDay()
    {
        var offer = Offers.Single(offer => offer.Id == "anthropic/claude-sonnet-5");
        offer.PriceAt(Day("2026-08-31"))!.Base(PriceKind.Input)!.Pico.ShouldBe(2_000_000);
        offer.PriceAt(Day("2026-08-31"))!.Base(PriceKind.Output)!.Pico.ShouldBe(10_000_000);
        offer.PriceAt(Day("2026-09-01"))!.Base(PriceKind.Input)!.Pico.ShouldBe(3_000_000);
        offer.PriceAt(Day("2026-09-01"))!.Base(PriceKind.Output)!.Pico.ShouldBe(15_000_000);
        offer.PriceAt(Day("2026-08-31"))!.Id.ShouldNotBe(offer.PriceAt(Day("2026-09-01"))!.Id);
    }

    [Theory]
    [InlineData("openai/gpt-5.5", PriceKind.Input, 0, 5_000_000)]
    [InlineData("openai/gpt-5.5", PriceKind.Input, 272_000, 10_000_000)]
    [InlineData("openai/gpt-5.5", PriceKind.CacheRead, 272_000, 1_000_000)]
    [InlineData("cohere/command-r7b-12-2024", PriceKind.Input, 0, 37_500)]
    [InlineData("anthropic/claude-opus-4-5", PriceKind.CacheWrite5m, 0, 6_250_000)]
    [InlineData("anthropic/claude-opus-4-5", PriceKind.CacheWrite1h, 0, 10_000_000)]
    [InlineData("ollama/llama3.2:3b", PriceKind.Output, 0, 0)]
    public void KnownPrice_isExact(string offerId, PriceKind kind, int tier, long picoPerToken)
    {
        var line = Offers.Single(offer => offer.Id == offerId).PriceAt(Day("2026-09-15"))!
            .Lines.Single(line => line.Kind == kind && line.TierFrom == tier);
        (line.Pico, line.Divisor).ShouldBe((picoPerToken, 1));
    }

    [Fact]
    public void UnknownAndDisputedPrices_areNotSold()
    {
        Offers.Single(offer => offer.Id == "google/gemma-4-31b-it").SalePriceAt(Day("2026-09-15"), ModelKind.Chat)
            .ShouldBeNull();
        Offers.Single(offer => offer.Id == "deepseek/deepseek-v4-pro").SalePriceAt(Day("2026-09-15"), ModelKind.Chat)
            .ShouldBeNull();
        Offers.Single(offer => offer.Id == "openai/gpt-4o").SalePriceAt(Day("2026-09-15"), ModelKind.Chat)
            .ShouldNotBeNull();
    }

    [Fact]
    public void FreeOffersOfPaidHosts_haveASecondSource()
    {
        foreach (var offer in Offers.Where(offer => offer.Provider != "ollama"))
        {
            if (offer.SalePriceAt(Day("2026-09-15"), ModelKind.Chat) is { IsFree: true } price)
            {
                price.IsConfirmed.ShouldBeTrue(offer.Id);
            }
        }
    }

    [Fact]
    public void EveryDescription_isShortAndItsOwn()
    {
        foreach (var model in Catalog.Models)
        {
            model.Description.Length.ShouldBeInRange(20, 160, model.Id.ToString());
            model.Description.ShouldEndWith(".");
        }

        Catalog.Models.Select(model => model.Description).ShouldBeUnique();
        Catalog.Models.Select(model => (model.Id.Author, model.Name)).ShouldBeUnique();
    }

    [Fact]
    public void EveryScore_namesSourceAndLicence()
    {
        var evidence = Catalog.Models.SelectMany(model => model.Evidence).ToList();
        evidence.Count.ShouldBeGreaterThan(900);
        evidence.ShouldAllBe(row => row.Source != "" && row.Licence != "" && row.Benchmark != "");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("10000")]
    [InlineData("1e-3")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    [InlineData("")]
    [InlineData("0.0000000000001")]
    public void PriceOutsideTheLimits_isRefused(string usd) =>
        Should.Throw<FormatException>(() => PriceKinds.Line(PriceKind.Input, usd));

    [Theory]
    [InlineData("9999.99", 9_999_990_000, 1)]
    [InlineData("0.0375", 37_500, 1)]
    [InlineData("0.0000001", 1, 10)]
    [InlineData("0", 0, 1)]
    public void PricePerMillion_becomesExactPico(string usd, long pico, long divisor) =>
        PriceKinds.Line(PriceKind.Output, usd).ShouldBe(new PriceLine(PriceKind.Output, pico, divisor, 0));
}
