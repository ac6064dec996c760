using System.Net;
using System.Text.Json;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Catalog;

public abstract class CatalogApiTests(MercatoApp app)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await app.Anonymous.GetAsync(path, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement;
    }

    [Fact]
    public async Task FreshDatabase_servesTheWholeBuiltinCatalog()
    {
        var list = await GetAsync("/api/v1/models?scope=all");
        list.GetProperty("total_count").GetInt32().ShouldBe(535);
        list.GetProperty("data").GetArrayLength().ShouldBe(535);
        list.GetProperty("object").GetString().ShouldBe("list");
        (await GetAsync("/api/v1/models/count")).GetProperty("data").GetProperty("count").GetInt32().ShouldBe(535);
        var stats = (await GetAsync("/api/v1/stats")).GetProperty("data");
        (stats.GetProperty("models").GetInt32(), stats.GetProperty("offers").GetInt32()).ShouldBe((535, 799));
    }

    [Fact]
    public async Task Item_hasOpenRoutersMembersAndOurs()
    {
        var item = (await GetAsync("/api/v1/models/openai/gpt-5.5")).GetProperty("data");
        item.GetProperty("id").GetString().ShouldBe("openai/gpt-5.5");
        item.GetProperty("created").GetInt64().ShouldBe(1_776_902_400);
        item.GetProperty("context_length").GetInt32().ShouldBe(1_050_000);
        item.GetProperty("architecture").GetProperty("input_modalities").EnumerateArray().Select(m => m.GetString())
            .ShouldBe(["text", "image", "file"]);
        var pricing = item.GetProperty("pricing");
        pricing.GetProperty("prompt").GetString().ShouldBe("0.000005");
        pricing.GetProperty("completion").GetString().ShouldBe("0.00003");
        pricing.GetProperty("input_cache_read").GetString().ShouldBe("0.0000005");
        pricing.GetProperty("tiers")[0].GetProperty("prompt").GetString().ShouldBe("0.00001");
        item.GetProperty("top_provider").GetProperty("max_completion_tokens").GetInt32().ShouldBe(128_000);
        item.GetProperty("supported_parameters").EnumerateArray().Select(p => p.GetString()).ShouldContain("tools");
        item.GetProperty("availability").GetString().ShouldBe("needs_key");
        item.GetProperty("price_confidence").GetString().ShouldBe("high");
        item.GetProperty("provenance").GetProperty("as_of").GetString().ShouldBe("2026-08-19");
        item.GetProperty("rating").GetProperty("average").ValueKind.ShouldBe(JsonValueKind.Null);
        item.GetProperty("traffic").GetProperty("requests_7d").ValueKind.ShouldBe(JsonValueKind.Null);
        item.GetProperty("kind").GetString().ShouldBe("chat");
    }

    [Theory]
    [InlineData("/api/v1/models/anthropic/claude-haiku-4.5", "anthropic/claude-haiku-4-5")]
    [InlineData("/api/v1/models/x-ai/grok-4.6:nitro", "xai/grok-4.6")]
    [InlineData("/api/v1/models/groq/openai%2Fgpt-oss-20b", null)]
    [InlineData("/api/v1/models/meta-llama/Llama-3.3-70B-Instruct", "meta/llama-3.3-70b")]
    [InlineData("/api/v1/models/nobody/nothing", null)]
    public async Task AnySpelling_findsTheModel(string path, string? expected)
    {
        using var answer = await app.Anonymous.GetAsync(path, Cancellation);
        answer.StatusCode.ShouldBe(expected is null ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        if (expected is null)
        {
            return;
        }

        var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).RootElement;
        body.GetProperty("data").GetProperty("id").GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task Endpoints_listEveryOfferWithItsPrice()
    {
        var data = (await GetAsync("/api/v1/models/openai/gpt-oss-120b/endpoints")).GetProperty("data");
        var offers = data.GetProperty("endpoints").EnumerateArray().ToList();
        offers.Count.ShouldBe(10);
        offers.Select(offer => offer.GetProperty("provider").GetString()).ShouldContain("groq");
        offers.Single(offer => offer.GetProperty("provider").GetString() == "ollama").GetProperty("pricing")
            .GetProperty("prompt").GetString().ShouldBe("0");
        var unknown = offers.Single(offer => offer.GetProperty("provider").GetString() == "ollama-cloud");
        unknown.GetProperty("pricing").ValueKind.ShouldBe(JsonValueKind.Null);
        unknown.GetProperty("price_confidence").GetString().ShouldBe("unknown");
    }

    [Fact]
    public async Task Prices_showTheScheduledChange()
    {
        var rows = (await GetAsync("/api/v1/models/anthropic/claude-sonnet-5/prices")).GetProperty("data")
            .EnumerateArray()
            .Where(row => row.GetProperty("provider").GetString() == "anthropic").ToList();
        rows.Count.ShouldBe(2);
        rows[0].GetProperty("effective_from").GetString().ShouldBe("2026-09-01T00:00:00Z");
        rows[1].GetProperty("effective_to").GetString().ShouldBe("2026-09-01T00:00:00Z");
        rows[0].GetProperty("lines")[0].GetProperty("usd").GetString().ShouldBe("0.000003");
        rows[1].GetProperty("lines")[0].GetProperty("usd").GetString().ShouldBe("0.000002");
        rows.ShouldAllBe(row => row.GetProperty("source").GetString() != "");
    }

    [Fact]
    public async Task Benchmarks_nameSourceDateAndLicence()
    {
        var rows = (await GetAsync("/api/v1/models/openai/gpt-5/benchmarks")).GetProperty("data").EnumerateArray()
            .ToList();
        rows.Count.ShouldBeGreaterThan(20);
        rows.ShouldAllBe(row => row.GetProperty("licence").GetString() != "" && row.GetProperty("date")
            .GetString() != "");
    }

    [Fact]
    public async Task Pages_followTheirNextLinks()
    {
        var path = "/api/v1/models?author=cohere&limit=10";
        var ids = new List<string?>();
        while (path is not null)
        {
            var page = await GetAsync(path);
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString()));
            path = page.GetProperty("links").GetProperty("next").GetString();
        }

        ids.Count.ShouldBeGreaterThan(20);
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id!.StartsWith("cohere/"));
    }

    [Theory]
    [InlineData("sort=best")]
    [InlineData("limit=0")]
    [InlineData("limit=5000")]
    [InlineData("offset=-1")]
    [InlineData("min_price=cheap")]
    [InlineData("min_price=1e309")]
    [InlineData("free=maybe")]
    [InlineData("availability=soon")]
    [InlineData("scope=mine")]
    public async Task MeaninglessValue_isRefusedByName(string query)
    {
        using var answer = await app.Anonymous.GetAsync("/api/v1/models?" + query, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldContain(query.Split('=')[0]);
    }

    [Fact]
    public async Task KnownEntityTag_savesTheBody()
    {
        using var first = await app.Anonymous.GetAsync("/api/v1/models?limit=5", Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/models?limit=5");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await app.Anonymous.SendAsync(request, Cancellation);
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task ListsOfFreeAndCheapest_areEmptyWhereNothingCanBeCalled()
    {
        (await GetAsync("/api/v1/models?free=true")).GetProperty("total_count").GetInt32().ShouldBe(0);
        (await GetAsync("/api/v1/models?sort=pricing-low-to-high")).GetProperty("total_count").GetInt32().ShouldBe(0);
        (await GetAsync("/api/v1/models/user")).GetProperty("total_count").GetInt32().ShouldBe(0);
        (await GetAsync("/api/v1/models?free=true&scope=all")).GetProperty("total_count").GetInt32()
            .ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task Providers_tellWhatTheyHost()
    {
        var hosts = (await GetAsync("/api/v1/providers")).GetProperty("data").EnumerateArray().ToList();
        hosts.Count.ShouldBe(31);
        var ollama = hosts.Single(host => host.GetProperty("slug").GetString() == "ollama");
        ollama.GetProperty("offers").GetInt32().ShouldBe(125);
        ollama.GetProperty("availability").GetString().ShouldBe("local_missing");
    }

    [Fact]
    public async Task NewerFile_addsAPriceOnlyAfterABuiltinOne()
    {
        const string ours = "openai/gpt-4.1", operators = "openai/gpt-4.1-mini", same = "openai/gpt-5-nano";
        await using var scope = app.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        context.Add(new PriceRow
        {
            Id = operators + "@operator",
            OfferId = operators,
            EffectiveFromAt = new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero),
            Confidence = PriceConfidence.Accepted,
            Origin = PriceOrigin.Operator,
            CreatedAt = new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero),
        });
        await context.SaveChangesAsync(Cancellation);
        context.ChangeTracker.Clear();

        var newer = Newer(ours, operators);
        var intake = scope.ServiceProvider.GetRequiredService<BuiltinIntake>();
        (await intake.RunAsync(newer, Cancellation)).ShouldBeTrue();
        (await intake.RunAsync(newer, Cancellation)).ShouldBeFalse();
        (await intake.RunAsync(BuiltinCatalog.Current, Cancellation)).ShouldBeFalse();

        async Task<int> Count(string offer) => await context.Set<PriceRow>()
            .CountAsync(row => row.OfferId == offer, Cancellation);
        (await Count(ours)).ShouldBe(2);
        (await Count(operators)).ShouldBe(2);
        (await Count(same)).ShouldBe(1);
        var added = await context.Set<PriceRow>().Include(row => row.Lines)
            .SingleAsync(row => row.Id == $"{ours}@{newer.Version}", Cancellation);
        added.Lines.Single(line => line.Kind == PriceKind.Input).UnitPico.ShouldBe(7_000_000);
        (await context.Set<ModelRow>().CountAsync(row => row.IsUnlisted, Cancellation)).ShouldBe(0);
    }

    private static BuiltinCatalog Newer(params string[] changed) => BuiltinCatalog.Current with
    {
        Version = BuiltinCatalog.Current.Version + 1,
        Models =
        [
            .. BuiltinCatalog.Current.Models.Select(model => model with
            {
                Offers =
                [
                    .. model.Offers.Select(offer => !changed.Contains(offer.Id) ? offer : offer with
                    {
                        Prices = [.. offer.Prices.Select(price =>
                            price with { Lines = [PriceKinds.Line(PriceKind.Input, "7"),
                            PriceKinds.Line(PriceKind.Output, "8")] })],
                    }),
                ],
            }),
        ],
    };
}

public sealed class CatalogApiOnSqlite(SqliteApp app) : CatalogApiTests(app), IClassFixture<SqliteApp>;

public sealed class CatalogApiOnPostgres(PostgresApp app) : CatalogApiTests(app), IClassFixture<PostgresApp>;

/// <summary>An installation with one operator key, and an operator's margin.</summary>
public sealed class OneKeyApp(PostgresCluster cluster) : SqliteApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings)
    {
        settings["OPENAI_API_KEY"] = "sk-test-of-nobody";
        settings["Mercato:Catalog:MarkupBps"] = "1000";
    }
}

public sealed class OneKeyCatalogTests(OneKeyApp app) : IClassFixture<OneKeyApp>
{
    private async Task<List<JsonElement>> ListAsync(string query) =>
        [.. JsonDocument.Parse(
            await app.Anonymous.GetStringAsync("/api/v1/models?" + query, TestContext.Current.CancellationToken))
            .RootElement.GetProperty("data").EnumerateArray()];

    [Theory]
    [InlineData("scope=callable")]
    [InlineData("sort=pricing-low-to-high")]
    [InlineData("availability=ready")]
    public async Task CallableLists_holdOnlyReadyOffersOfThatKey(string query)
    {
        var items = await ListAsync(query);
        items.Count.ShouldBeGreaterThan(20);
        items.ShouldAllBe(item => item.GetProperty("availability").GetString() == "ready");
        items.ShouldAllBe(item => item.GetProperty("provider").GetString() == "openai");
    }

    [Fact]
    public async Task ShownPrices_holdTheMargin()
    {
        var item = (await ListAsync("q=gpt-4o-mini&limit=1"))[0];
        item.GetProperty("pricing").GetProperty("prompt").GetString().ShouldBe("0.000000165");
    }
}
