using System.ClientModel;
using System.Text.Json;
using Mercato.Tests.Accounts;
using OpenAI;
using OpenAI.Images;

namespace Mercato.Tests.Gateway;

/// <summary>`POST /v1/images/generations`: pictures by the piece and by the token, and what goes wrong.</summary>
public abstract class ImageTests
{
    /// <summary>$2 a million input tokens and $8 a million tokens of pictures.</summary>
    private const string Model = "openai/gpt-image-1-mini";
    private const string Prompt = "A lighthouse at night.";

    private readonly OtherKindsApp app;

    protected ImageTests(OtherKindsApp app)
    {
        this.app = app;
        app.Upstream.Reset();
        foreach (var model in (string[])["gpt-image-1-mini", "painter"])
        {
            app.Upstream.Alias(model, "fake-ok;in=20;out=10");
        }
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/api/v1")]
    public async Task PricedByToken_TheHostsCountIsPaid(string prefix)
    {
        var customer = await app.CustomerAsync("1");

        var reply = (await customer.DrawAsync(Model, new { prompt = Prompt, n = 2 }, prefix)).Succeeded();

        reply.Body.GetProperty("data").GetArrayLength().ShouldBe(2);
        const decimal cost = (20 * 0.000002m) + (2 * 10 * 0.000008m);
        reply.Usage.Dollars("cost").ShouldBe(cost);
        reply.Usage.GetProperty("output_tokens").GetInt32().ShouldBe(20);
        (await customer.BalanceAsync()).ShouldBe(1m - cost);
        var generation = await customer.GenerationAsync(reply);
        generation.GetProperty("line_items").EnumerateArray().Select(item => item.Text("kind"))
            .ShouldBe(["input", "image_output"]);
        LineItems.ShouldSumToCost(generation);
    }

    [Theory]
    [InlineData("in=20;out=10")]
    [InlineData("no-usage")]
    public async Task PricedByThePiece_ThePriceOfEachIsPaid(string script)
    {
        var customer = await app.CustomerAsync("1");
        app.Upstream.Alias("painter", "fake-ok;" + script);

        var reply = (await customer.DrawAsync("studio/painter", new { prompt = Prompt, n = 3 })).Succeeded();

        reply.Usage.Dollars("cost").ShouldBe(0.12m);
        (await customer.BalanceAsync()).ShouldBe(0.88m);
        var item = (await customer.GenerationAsync(reply)).GetProperty("line_items").EnumerateArray().Single();
        item.Text("kind").ShouldBe("image");
        item.GetProperty("quantity").GetInt32().ShouldBe(3);
        item.Dollars("unit_price").ShouldBe(0.04m);
    }

    [Fact]
    public async Task PricedByThePiece_TheHoldIsThePriceOfAll()
    {
        var customer = await app.CustomerAsync("0.10");

        var error = (await customer.DrawAsync("studio/painter", new { prompt = Prompt, n = 3 }))
            .Failed(402, "insufficient_credits");

        error.GetProperty("metadata").Dollars("required").ShouldBe(0.12m);
        error.Text("message").ShouldNotContain("max_tokens");
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
        (await customer.DrawAsync("studio/painter", new { prompt = Prompt, n = 2 })).Succeeded();
        (await customer.BalanceAsync()).ShouldBe(0.02m);
    }

    [Fact]
    public async Task WildcardProviderWithoutPriceOfAPicture_IsNotAsked()
    {
        var error = (await app.Customer.DrawAsync("lab/painter", new { prompt = Prompt })).Failed(404, "model_not_found");

        error.Text("message").ShouldContain("image");
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
    }

    [Fact]
    public async Task HostThatTellsNoTokens_OnlyThePromptIsPaid()
    {
        app.Upstream.Alias("gpt-image-1-mini", "fake-ok;no-usage");

        var reply = (await app.Customer.DrawAsync(Model, new { prompt = Prompt })).Succeeded();

        reply.Usage.Dollars("cost").ShouldBe((Prompt.Length + 3) / 4 * 0.000002m);
        (await app.Customer.GenerationAsync(reply)).Text("usage_source").ShouldBe("counted");
    }

    [Fact]
    public async Task SameFormat_BytesPassButForTheModel()
    {
        const string rest = """ "prompt" : "a\u0041", "size":"1024x1024", "quality":"low" """;

        (await Reply.PostAsync(app.Customer.Client, "/v1/images/generations",
            $$"""{"model":"{{Model}}",{{rest}}}""")).Succeeded();

        System.Text.Encoding.UTF8.GetString(app.Upstream.Journal.Calls[^1].Raw)
            .ShouldBe($$"""{"model":"gpt-image-1-mini",{{rest}}}""");
    }

    [Fact]
    public async Task OpenAisClient_GetsItsPicture()
    {
        var client = new ImageClient(Model, new ApiKeyCredential(app.Customer.Key),
            new OpenAIClientOptions { Endpoint = new Uri(app.Address + "/v1") });

        var picture = (await client.GenerateImageAsync(Prompt, cancellationToken: TestContext.Current.CancellationToken)).Value;

        picture.ImageBytes.ToArray()[1..4].ShouldBe("PNG"u8.ToArray());
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{}", "missing_required_parameter", "prompt")]
    [InlineData("""{"prompt":"a"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"openai/gpt-image-1-mini","prompt":7}""", "invalid_type", "prompt")]
    [InlineData("""{"model":"openai/gpt-image-1-mini","prompt":"a","n":0}""", "invalid_value", "n")]
    [InlineData("""{"model":"openai/gpt-image-1-mini","prompt":"a","n":9223372036854775808}""", "invalid_value", "n")]
    [InlineData("""{"model":"openai/gpt-image-1-mini","prompt":"a","stream":true}""", "unsupported_value", "stream")]
    public async Task BodyIsWrong_NamedInOpenAiShape(string body, string code, string? param)
    {
        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/images/generations", body);
        var other = await Reply.PostAsync(app.Customer.Client, "/api/v1/images/generations", body);

        reply.Failed(400, code).Text("param").ShouldBe(param);
        other.Failed(400, code, integerCode: true);
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("status=500", 502, "provider_error")]
    [InlineData("status=400", 400, "scripted_error")]
    [InlineData("html", 502, "provider_answer_invalid")]
    [InlineData("error200", 502, "provider_error")]
    public async Task HostFails_NothingIsPaid(string fault, int status, string code)
    {
        var customer = await app.CustomerAsync("1");
        app.Upstream.Alias("painter", "fake-ok;" + fault);

        var reply = await customer.DrawAsync("studio/painter", new { prompt = Prompt });

        reply.Failed(status, code);
        (await customer.BalanceAsync()).ShouldBe(1m);
        await app.NoCallIsOpenAsync();
    }

    [Fact]
    public async Task FirstModelFails_NextDraws()
    {
        app.Upstream.Alias("gpt-image-1-mini", "fake-ok;status=503");

        var reply = (await app.Customer.DrawAsync(Model, new { prompt = Prompt, models = new[] { "openai/gpt-image-2" } })).Succeeded();

        reply.Header("x-mercato-model").ShouldBe("openai/gpt-image-2");
        reply.Usage.Dollars("cost").ShouldBe((20 * 0.000005m) + (10 * 0.00003m));
    }

    [Theory]
    [InlineData("openai/gpt-4o-mini", "wrong_kind")]
    [InlineData("stability/stable-image-core", "needs_key")]
    [InlineData("google/imagen-3.0-generate-001", "needs_key")]
    public async Task ModelThatCannotBeAsked_SaysWhy(string model, string reason)
    {
        var error = (await app.Customer.DrawAsync(model, new { prompt = Prompt })).Failed(404, "model_not_found");

        error.GetProperty("metadata").Text("reason").ShouldBe(reason);
    }

    [Fact]
    public async Task Lists_HoldWhatHostsCanBeAskedForOnly()
    {
        var list = (await (await app.Customer.Client.AskAsync("/v1/models")).ReadAsync(200)).GetProperty("data");
        var ids = list.EnumerateArray().Select(item => item.Text("id")).ToList();

        ids.ShouldContain(Model);
        ids.ShouldContain("voyage/voyage-4");
        ids.ShouldContain("google/gemini-embedding-001");
        ids.ShouldNotContain("google/imagen-3.0-generate-001");
        ids.ShouldNotContain("cohere/rerank-v3.5");
    }

    [Fact]
    public async Task Quote_IsThePriceOfThePictures()
    {
        var quote = await Reply.PostAsync(app.Customer.Client, "/api/v1/quote",
            JsonSerializer.Serialize(new { model = "studio/painter", prompt = Prompt, n = 2 }));

        quote.Status.ShouldBe(200, quote.Text);
        quote.Body.Dollars("max_cost").ShouldBe(0.08m);
        quote.Body.Dollars("estimated_cost").ShouldBe(0.08m);
    }
}

public sealed class ImagesOnSqlite(SqliteOtherKinds app) : ImageTests(app), IClassFixture<SqliteOtherKinds>;

public sealed class ImagesOnPostgres(PostgresOtherKinds app) : ImageTests(app), IClassFixture<PostgresOtherKinds>;
