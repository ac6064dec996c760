using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mercato.Data;
using Mercato.Recommend;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Recommend;

public abstract class RecommendationsApiTests(MercatoApp app)
{
    private const string Path = "/api/v1/recommendations";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Query_gets_the_whole_contract()
    {
        var answer = await AskAsync(new { query = "Refactor my Java service", limit = 3 });

        answer.EnumerateObject().Select(it => it.Name).ShouldBe(["id", "analysis", "recommendations", "excluded"]);
        answer.GetProperty("analysis").EnumerateObject().Select(it => it.Name).ShouldBe(
        [
            "category", "categories", "language", "complexity", "keywords", "needs", "expected_input_tokens",
            "expected_output_tokens", "confidence",
        ]);
        answer.GetProperty("analysis").GetProperty("category").GetString().ShouldBe("refactoring");
        var first = answer.GetProperty("recommendations").EnumerateArray().First();
        first.EnumerateObject().Select(it => it.Name).ShouldBe(
        [
            "model", "score", "band", "label", "reasons", "price_rank", "speed_rank", "quality_rank", "estimated_cost",
            "provider", "availability", "evidence_level",
        ]);
        first.GetProperty("estimated_cost").ValueKind.ShouldBe(JsonValueKind.String);
        first.GetProperty("reasons")[0].EnumerateObject().Select(it => it.Name).ShouldBe(["kind", "text", "evidence"]);
        answer.GetProperty("excluded")[0].EnumerateObject().Select(it => it.Name).ShouldBe(["count", "reason"]);
        answer.GetProperty("recommendations").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Messages_with_a_picture_need_vision()
    {
        var answer = await AskAsync(new
        {
            messages = new object[]
            {
                new { role = "system", content = "You help." },
                new
                {
                    role = "user",
                    content = new object[]
                    {
                        new { type = "text", text = "How many apples are there?" },
                        new { type = "image_url", image_url = new { url = "data:image/png;base64,AAAA" } },
                    },
                },
            },
        });

        answer.GetProperty("analysis").GetProperty("needs").EnumerateArray().Select(it => it.GetString()).ShouldContain("vision");
    }

    [Theory]
    [InlineData("{}", "query")]
    [InlineData("""{"query":"  "}""", "query")]
    [InlineData("""{"messages":[]}""", "query")]
    [InlineData("""{"messages":[1,{"content":7},{"content":[3]}]}""", "query")]
    [InlineData("""{"query":"hi","limit":11}""", "limit")]
    [InlineData("""{"query":"hi","max_cost":0}""", "max_cost")]
    [InlineData("""{"query":"hi","scope":"mine"}""", "scope")]
    [InlineData("""{"query":"hi","preferences":{"needs":["telepathy"]}}""", "preferences.needs")]
    [InlineData("""{"query":"hi","budget":"huge"}""", "budget")]
    [InlineData("""{"query":"hi","colour":"red"}""", "colour")]
    public async Task Body_that_makes_no_sense_is_refused_by_member(string body, string member)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        var answer = await app.Anonymous.PostAsync(Path, content, Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(member);
    }

    [Fact]
    public async Task Limits_exclude_with_their_reason()
    {
        var answer = await AskAsync(new
        {
            query = "Translate this letter",
            budget = "low",
            max_cost = "0.00005",
            preferences = new { providers = new[] { "mistral" }, needs = new[] { "tools" } },
        });

        answer.GetProperty("recommendations").EnumerateArray().Select(it => it.GetProperty("provider").GetString())
            .ShouldAllBe(provider => provider == "mistral");
        answer.GetProperty("excluded").EnumerateArray().Select(it => it.GetProperty("reason").GetString())
            .ShouldContain("dearer than $0.00005 for this request");
    }

    [Fact]
    public async Task Features_are_kept_but_not_the_text()
    {
        var answer = await AskAsync(new { query = "Classify xylophone reviews as positive or negative" });

        var row = await RowAsync(answer.GetProperty("id").GetGuid());

        row.AccountId.ShouldBe(Guid.Empty);
        row.Category.ShouldBe("classification");
        row.OfferedModels.Length.ShouldBe(5);
        JsonSerializer.Serialize(row).ShouldNotContain("xylophone");
    }

    [Fact]
    public async Task Choice_is_kept_when_it_was_offered()
    {
        var answer = await AskAsync(new { query = "Refactor my Java service" });
        var id = answer.GetProperty("id").GetGuid();
        var model = answer.GetProperty("recommendations")[1].GetProperty("model").GetString();

        var chosen = await ChooseAsync(app.Anonymous, id, model!);
        var other = await ChooseAsync(app.Anonymous, id, "nobody/nothing");
        var lost = await ChooseAsync(app.Anonymous, Guid.CreateVersion7(), model!);

        chosen.ShouldBe(HttpStatusCode.NoContent);
        other.ShouldBe(HttpStatusCode.BadRequest);
        lost.ShouldBe(HttpStatusCode.NotFound);
        (await RowAsync(id)).ChosenModel.ShouldBe(model);
    }

    [Fact]
    public async Task Recommendation_belongs_to_who_asked()
    {
        var owner = await Person.SignUpAsync(app);
        var stranger = await Person.SignUpAsync(app);
        var answer = await AskAsync(new { query = "Refactor my Java service" }, owner.Client);
        var id = answer.GetProperty("id").GetGuid();
        var model = answer.GetProperty("recommendations")[0].GetProperty("model").GetString()!;

        (await ChooseAsync(stranger.Client, id, model)).ShouldBe(HttpStatusCode.NotFound);
        (await ChooseAsync(app.Anonymous, id, model)).ShouldBe(HttpStatusCode.NotFound);
        (await ChooseAsync(owner.Client, id, model)).ShouldBe(HttpStatusCode.NoContent);
        (await RowAsync(id)).AccountId.ShouldNotBe(Guid.Empty);
    }

    private async Task<JsonElement> AskAsync(object body, HttpClient? client = null)
    {
        var answer = await (client ?? app.Anonymous).PostAsJsonAsync(Path, body, Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancellation));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
    }

    private static async Task<HttpStatusCode> ChooseAsync(HttpClient client, Guid id, string model) =>
        (await client.PostAsJsonAsync($"{Path}/{id}/choice", new { model }, Cancellation)).StatusCode;

    private async Task<RecommendationRow> RowAsync(Guid id)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<RecommendationRow>()
            .SingleAsync(row => row.Id == id, Cancellation);
    }
}

public sealed class RecommendationsOnSqlite(SqliteApp app) : RecommendationsApiTests(app), IClassFixture<SqliteApp>;

public sealed class RecommendationsOnPostgres(PostgresApp app) : RecommendationsApiTests(app), IClassFixture<PostgresApp>;

public sealed class ThreeAMinute(PostgresCluster cluster) : SqliteApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) =>
        settings["Mercato:Recommend:PerMinute"] = "3";
}

public sealed class RecommendationLimitTests(ThreeAMinute app) : IClassFixture<ThreeAMinute>
{
    [Fact]
    public async Task One_too_many_waits()
    {
        var body = new { query = "Say hello" };
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await app.Anonymous.PostAsJsonAsync(
                "/api/v1/recommendations", body, TestContext.Current.CancellationToken));
        }

        answers.Select(it => (int)it.StatusCode).ShouldBe([200, 200, 200, 429]);
        answers[3].Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
    }
}
