using System.Globalization;
using CsCheck;
using Mercato.Catalog;
using Mercato.Ledger;
using Mercato.Wire;

namespace Mercato.Tests.Catalog;

public sealed class PricingTests
{
    private static PriceVersion Price(params IEnumerable<PriceLine> lines) => new()
    {
        Id = "test@1",
        Confidence = PriceConfidence.High,
        Lines = [.. lines],
    };

    private static PriceLine Line(PriceKind kind, string usd, int above = 0) => PriceKinds.Line(kind, usd, above);

    private static readonly PriceVersion Claude = Price(
        Line(PriceKind.Input, "3"), Line(PriceKind.Output, "15"), Line(PriceKind.CacheRead, "0.3"),
        Line(PriceKind.CacheWrite5m, "3.75"), Line(PriceKind.CacheWrite1h, "6"));

    private static readonly PriceVersion Tiered = Price(
        Line(PriceKind.Input, "1.25"), Line(PriceKind.Output, "10"), Line(PriceKind.CacheRead, "0.125"),
        Line(PriceKind.Input, "2.5", 200_000), Line(PriceKind.Output, "15", 200_000));

    private static readonly Gen<Usage> Usages = Gen.Select(
        Gen.Int[0, 300_000], Gen.Int[0, 300_000], Gen.Int[0, 5000], Gen.Int[0, 5000], Gen.Int[0, 50_000],
            Gen.Int[0, 50_000],
        (input, read, write5, write1, output, reasoning) => new Usage
        {
            InputUncached = input,
            CacheRead = read,
            CacheWrite5m = write5,
            CacheWrite1h = write1,
            OutputText = output,
            Reasoning = reasoning,
        });

    private static readonly Gen<PriceVersion> Prices = Gen.Select(
        Gen.Int[0, 9_999_999], Gen.Int[0, 9_999_999], Gen.Int[0, 9_999_999].Nullable(), Gen.Int[0, 9_999_999]
            .Nullable(), Gen.Int[0, 9_999_999].Nullable(),
        (input, output, read, reasoning, tier) => Price(new[]
        {
            (PriceKind.Input, (int?)input, 0), (PriceKind.Output, output, 0), (PriceKind.CacheRead, read, 0),
            (PriceKind.Reasoning, reasoning, 0), (PriceKind.Input, tier + input, 200_000),
        }.Where(row => row.Item2 is not null).Select(row => Line(row.Item1, Usd(row.Item2!.Value), row.Item3))));

    /// <summary>Ten-thousandths of a dollar, so that prices have digits below the cent.</summary>
    private static string Usd(int value) => (value / 10_000m).ToString(CultureInfo.InvariantCulture);

    private static decimal Sum(Bill bill) =>
        bill.LineItems.Sum(item => decimal.Parse(item.Amount, CultureInfo.InvariantCulture));

    private static decimal Dollars(Money money) => decimal.Parse(money.ToString(), CultureInfo.InvariantCulture);

    [Fact]
    public void PlainCall_costsCountsTimesPrices()
    {
        var bill = Pricing.Charge(Claude, new Usage { InputUncached = 1000, OutputText = 200 });
        bill.Total.ToString().ShouldBe("0.006");
        bill.LineItems.ShouldBe([new("input", 1000, "0.000003", "0.003"), new("output", 200, "0.000015", "0.003")]);
        bill.PriceVersion.ShouldBe("test@1");
    }

    [Fact]
    public void CacheKinds_haveTheirOwnPrices()
    {
        var bill = Pricing.Charge(Claude,
            new Usage { InputUncached = 10, CacheRead = 1000, CacheWrite5m = 100, CacheWrite1h = 100, OutputText = 1 });
        bill.LineItems.Select(item => (item.Kind, item.Amount)).ShouldBe(
            [("input", "0.00003"), ("cache_read", "0.0003"), ("cache_write_5m", "0.000375"),
                ("cache_write_1h", "0.0006"), ("output", "0.000015")]);
        bill.Total.Nano.ShouldBe(1_320_000);
    }

    [Fact]
    public void MissingKinds_fallBackAsWritten()
    {
        var price = Price(Line(PriceKind.Input, "1"), Line(PriceKind.Output, "2"));
        var usage = new Usage { CacheRead = 1, CacheWrite5m = 1, CacheWrite1h = 1, AudioInput = 1, ToolPrompt = 1,
            Reasoning = 1, AudioOutput = 1, Images = 1 };
        Pricing.Charge(price, usage).Total.Nano.ShouldBe(5 * 1000 + 3 * 2000);
        Pricing.LineFor(Price(Line(PriceKind.CacheWrite5m, "4"), Line(PriceKind.Input, "1")), PriceKind.CacheWrite1h,
            0)!.Pico.ShouldBe(4_000_000);
    }

    [Theory]
    [InlineData(200_000, "0.25")]
    [InlineData(200_001, "0.5000025")]
    public void TierPrice_appliesToTheWholeCallAboveItsThreshold(long input, string amount)
    {
        var bill = Pricing.Charge(Tiered, new Usage { InputUncached = input, OutputText = 1000 });
        bill.LineItems[0].Amount.ShouldBe(amount);
        bill.LineItems[1].UnitPrice.ShouldBe(input > 200_000 ? "0.000015" : "0.00001");
    }

    [Fact]
    public void Tier_isChosenByAllInputTokens()
    {
        var bill = Pricing.Charge(Tiered, new Usage { InputUncached = 1, CacheRead = 200_000 });
        bill.LineItems.Select(item => item.UnitPrice).ShouldBe(["0.0000025", "0.000000125"]);
    }

    [Fact]
    public void Margin_isInsideTheUnitPriceAndRoundedOnce()
    {
        var bill = Pricing.Charge(Price(Line(PriceKind.Input, "0.0375"), Line(PriceKind.Output, "0.15")),
            new Usage { InputUncached = 7, OutputText = 3 }, 550);
        bill.LineItems[0].UnitPrice.ShouldBe("0.000000039563");
        bill.Total.Nano.ShouldBe(752);
        bill.LineItems[^1].Kind.ShouldBe("rounding");
        Sum(bill).ShouldBe(Dollars(bill.Total));
    }

    [Fact]
    public void UnitPrices_countImagesSecondsQueriesAndCharacters()
    {
        var price = Price(Line(PriceKind.Image, "0.04"), Line(PriceKind.MinuteAudio, "0.006"),
            Line(PriceKind.ThousandQueries, "2"),
            Line(PriceKind.MillionChars, "15"), Line(PriceKind.Request, "0.005"));
        var bill = Pricing.Charge(price, new Usage(),
            units: new UnitCounts(Images: 2, AudioSeconds: 90, Queries: 3, Characters: 100));
        bill.LineItems.Select(item => (item.Kind, item.Amount)).ShouldBe(
            [("request", "0.005"), ("image", "0.08"), ("minute_audio", "0.009"), ("thousand_queries", "0.006"),
                ("million_chars", "0.0015")]);
    }

    [Fact]
    public void UnpricedOrEmptyCall_costsNothing()
    {
        Pricing.Charge(Price(), new Usage { InputUncached = 5 }).Total.ShouldBe(Money.Zero);
        Pricing.Charge(Claude, new Usage()).LineItems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Pricing.CountLimit)]
    public void CountOutsideItsRange_isRefused(long count)
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Pricing.Charge(Claude, new Usage { OutputText = count }));
        Should.Throw<ArgumentOutOfRangeException>(() => Pricing.UpperBound(Claude, new CallCeiling(0, count)));
        Should.Throw<ArgumentOutOfRangeException>(() => Pricing.Charge(Claude, new Usage(), markupBps: -1));
    }

    [Fact]
    public void TotalBeyondMoney_overflowsLoudly()
    {
        var dear = Price(Line(PriceKind.Image, "9999"), Line(PriceKind.Input, "1"));
        Should.Throw<OverflowException>(() =>
            Pricing.Charge(dear, new Usage(), units: new UnitCounts(Images: Pricing.CountLimit - 1)));
    }

    [Fact]
    public void AnyBill_sumsToItsTotalWithLessThanANanoOfRounding() => Gen.Select(Prices, Usages, Gen.Int[0, 5000])
        .Sample((price, usage, bps) =>
    {
        var bill = Pricing.Charge(price, usage, bps);
        Sum(bill).ShouldBe(Dollars(bill.Total));
        bill.LineItems.ShouldAllBe(item => decimal.Parse(item.Amount, CultureInfo.InvariantCulture) >= 0);
        foreach (var item in bill.LineItems.Where(item => item.Kind == "rounding"))
        {
            decimal.Parse(item.Amount, CultureInfo.InvariantCulture).ShouldBeInRange(0.000000000001m, 0.000000000999m);
        }
    });

    [Fact]
    public void TwoCalls_costTheirSumWithinOneRoundingEach() => Gen.Select(Prices, Usages, Usages, Gen.Int[0, 5000])
        .Sample((price, a, b, bps) =>
    {
        // The tier follows the input, so additivity holds within one tier only.
        var flat = price with { Lines = [.. price.Lines.Where(line => line.TierFrom == 0)] };
        var both = new Usage
        {
            InputUncached = a.InputUncached + b.InputUncached,
            CacheRead = a.CacheRead + b.CacheRead,
            CacheWrite5m = a.CacheWrite5m + b.CacheWrite5m,
            CacheWrite1h = a.CacheWrite1h + b.CacheWrite1h,
            OutputText = a.OutputText + b.OutputText,
            Reasoning = a.Reasoning + b.Reasoning,
        };
        var apart = (Pricing.Charge(flat, a, bps).Total + Pricing.Charge(flat, b, bps).Total).Nano;
        (apart - Pricing.Charge(flat, both, bps).Total.Nano).ShouldBeInRange(0, 1);
    });

    [Fact]
    public void OneMoreToken_neverCostsLess() => Gen.Select(Prices, Usages).Sample((price, usage) =>
    {
        var before = Pricing.Charge(price, usage).Total;
        Usage[] more =
        [
            usage with { InputUncached = usage.InputUncached + 1 }, usage with { CacheRead = usage.CacheRead + 1 },
            usage with { OutputText = usage.OutputText + 1 }, usage with { Reasoning = usage.Reasoning + 1 },
        ];
        foreach (var next in more)
        {
            (Pricing.Charge(price, next).Total >= before).ShouldBeTrue();
        }

        (before >= Money.Zero).ShouldBeTrue();
    });

    [Fact]
    public void NoUsageWithinTheCeilings_costsMoreThanTheBound() => Gen.Select(Prices, Usages, Gen.Int[0, 5000])
        .Sample((price, usage, bps) =>
    {
        var ceiling = new CallCeiling(usage.TotalInput!.Value, usage.TotalOutput!.Value);
        (Pricing.Charge(price, usage, bps).Total <= Pricing.UpperBound(price, ceiling, bps)).ShouldBeTrue();
    });

    [Fact]
    public void AffordableOutput_fitsAndOneMoreTokenDoesNot() =>
        Gen.Select(Prices, Gen.Int[0, 100_000], Gen.Int[1, 4], Gen.Long[0, 2_000_000_000], Gen.Int[0, 5000])
            .Sample((price, input, n, nano, bps) =>
        {
            var ceiling = new CallCeiling(input, 0, n);
            var available = new Money(nano);
            var tokens = Pricing.AffordableOutput(price, ceiling, available, bps);
            if (tokens > 0)
            {
                (Pricing.UpperBound(price, ceiling with { OutputTokens = tokens }, bps) <= available).ShouldBeTrue();
            }

            if (tokens < Pricing.CountLimit - 1)
            {
                (Pricing.UpperBound(price, ceiling with { OutputTokens = tokens + 1 }, bps) > available).ShouldBeTrue();
            }
        });

    [Fact]
    public void Bound_countsChoicesTiersAndCacheWrites()
    {
        Pricing.UpperBound(Claude, new CallCeiling(1000, 100, 3)).ToString().ShouldBe("0.0105");
        Pricing.UpperBound(Tiered, new CallCeiling(200_000, 100)).ToString().ShouldBe("0.251");
        Pricing.UpperBound(Tiered, new CallCeiling(200_001, 100)).ToString().ShouldBe("0.5015025");
    }
}
