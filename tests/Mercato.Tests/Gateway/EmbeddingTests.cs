using System.ClientModel;
using System.Text.Json;
using Mercato.Fake;
using Mercato.Tests.Accounts;
using OpenAI;
using OpenAI.Embeddings;

namespace Mercato.Tests.Gateway;

/// <summary>`POST /v1/embeddings`: every kind of host, the bill to the nano-dollar, and what goes wrong.</summary>
public abstract class EmbeddingTests
{
    private const string Model = "openai/text-embedding-3-small";
    private const string Text = "A text that is long enough to be twenty tokens, of which the fake is sure.";

    private readonly OtherKindsApp app;

    protected EmbeddingTests(OtherKindsApp app)
    {
        this.app = app;
        app.Upstream.Reset();
        app.Upstream.Alias("text-embedding-3-small", "fake-ok;in=20");
    }

    /// <summary>Model, host, and the price of 20 tokens in dollars.</summary>
    public static TheoryData<string, string, decimal> Hosts => new()
    {
        { Model, "openai", 0.0000004m },
        { "mistral/mistral-embed", "mistral", 0.000002m },
        { "voyage/voyage-4", "voyage", 0.0000012m },
        { "cohere/embed-v4.0", "cohere", 0.0000024m },
        { "cellar/nomic-embed-text", "cellar", 0.00002m },
        { "lab/any-vectors", "lab", 0.00002m },
    };

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task EveryHost_AnswersAndEveryPlaceShowsTheSameCost(string model, string host, decimal cost)
    {
        var customer = await app.CustomerAsync("1");
        foreach (var prefix in (string[])["/v1", "/api/v1"])
        {
            var before = await customer.BalanceAsync();

            var reply = (await customer.EmbedAsync(model, new { input = new[] { Text, "b" } }, prefix)).Succeeded();

            var data = reply.Body.GetProperty("data");
            data.GetArrayLength().ShouldBe(2);
            data[1].GetProperty("index").GetInt32().ShouldBe(1);
            data[1].GetProperty("embedding").GetArrayLength().ShouldBe(16);
            reply.Header("x-mercato-provider").ShouldBe(host);
            reply.Header("x-mercato-model").ShouldBe(model);
            reply.Usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(20);
            reply.Usage.Dollars("cost").ShouldBe(cost);
            (await customer.BalanceAsync()).ShouldBe(before - cost);
            var generation = await customer.GenerationAsync(reply);
            generation.Dollars("total_cost").ShouldBe(cost);
            generation.Text("provider_name").ShouldBe(host);
            generation.Text("usage_source").ShouldBe("provider");
            generation.GetProperty("line_items")[0].Text("kind").ShouldBe("input");
            generation.GetProperty("line_items")[0].GetProperty("quantity").GetInt32().ShouldBe(20);
            LineItems.ShouldSumToCost(generation);
        }
    }

    [Fact]
    public async Task HostThatTellsNoUsage_CountedBySize()
    {
        var reply = (await app.Customer.EmbedAsync("google/gemini-embedding-001", new { input = Text })).Succeeded();

        // Four bytes a token, at $0.15 per million.
        var tokens = (Text.Length + 3) / 4;
        reply.Usage.Dollars("cost").ShouldBe(tokens * 0.00000015m);
        reply.Usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(tokens);
        var generation = await app.Customer.GenerationAsync(reply);
        generation.Text("usage_source").ShouldBe("counted");
        LineItems.ShouldSumToCost(generation);
    }

    [Theory]
    [InlineData(Model)]
    [InlineData("mistral/mistral-embed")]
    [InlineData("voyage/voyage-4")]
    [InlineData("cohere/embed-v4.0")]
    [InlineData("google/gemini-embedding-001")]
    [InlineData("cellar/nomic-embed-text")]
    public async Task OpenAisClient_GetsTheSameVectorsFromEveryHost(string model)
    {
        // This client always asks for base64.
        var client = new EmbeddingClient(model, new ApiKeyCredential(app.Customer.Key),
            new OpenAIClientOptions { Endpoint = new Uri(app.Address + "/v1") });
        var plain = (await app.Customer.EmbedAsync(Model, new { input = new[] { "moon", "sun" } })).Succeeded();

        var packed = (await client.GenerateEmbeddingsAsync(
            ["moon", "sun"], cancellationToken: TestContext.Current.CancellationToken)).Value;

        for (var index = 0; index < 2; index++)
        {
            packed[index].ToFloats().ToArray().ShouldBe(plain.Body.GetProperty("data")[index].GetProperty("embedding")
                .EnumerateArray().Select(number => number.GetSingle()));
        }
    }

    [Fact]
    public async Task SameFormat_BytesPassButForTheModel()
    {
        const string rest = """ "input" : ["a\u0041"], "dimensions":4, "encoding_format":"float" """;

        (await Reply.PostAsync(app.Customer.Client, "/v1/embeddings",
            $$"""{"model":"{{Model}}",{{rest}}}""")).Succeeded();

        System.Text.Encoding.UTF8.GetString(app.Upstream.Journal.Calls[^1].Raw)
            .ShouldBe($$"""{"model":"text-embedding-3-small",{{rest}}}""");
    }

    [Fact]
    public async Task Tokens_OnlyForHostsThatTakeThem()
    {
        (await app.Customer.EmbedAsync(Model, new { input = new[] { 1, 2, 3 } })).Succeeded();

        var error = (await app.Customer.EmbedAsync("cohere/embed-v4.0", new { input = new[] { 1, 2, 3 } }))
            .Failed(400, "unsupported_value");

        error.Text("param").ShouldBe("input");
        var other = await app.Customer.EmbedAsync(
            "cohere/embed-v4.0", new { input = new[] { 1, 2, 3 }, models = new[] { Model } });
        other.Succeeded().Header("x-mercato-model").ShouldBe(Model);
    }

    [Fact]
    public async Task MemberThatTheHostLacks_NamedAsDropped()
    {
        var reply = (await app.Customer.EmbedAsync(
            "cellar/nomic-embed-text", new { input = "a", input_type = "query", truncation = true, late_chunking = true }))
            .Succeeded();

        reply.Header("x-mercato-dropped-parameters").ShouldBe("late_chunking, input_type");
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("[]", "invalid_type", null)]
    [InlineData("{}", "missing_required_parameter", "input")]
    [InlineData("""{"input":"a"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"openai/text-embedding-3-small"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"openai/text-embedding-3-small","input":{}}""", "invalid_type", "input")]
    [InlineData("""{"model":"openai/text-embedding-3-small","input":[]}""", "invalid_value", "input")]
    [InlineData("""{"model":"openai/text-embedding-3-small","input":["a",null]}""", "invalid_type", "input[1]")]
    [InlineData("""{"model":"openai/text-embedding-3-small","input":"a","dimensions":-1}""", "invalid_value", "dimensions")]
    [InlineData("""{"model":"openai/text-embedding-3-small","input":"a","input":"b"}""", "duplicate_parameter", "input")]
    public async Task BodyIsWrong_NamedInOpenAiShape(string body, string code, string? param)
    {
        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/embeddings", body);
        var other = await Reply.PostAsync(app.Customer.Client, "/api/v1/embeddings", body);

        reply.Failed(400, code).Text("param").ShouldBe(param);
        other.Failed(400, code, integerCode: true);
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [InlineData("status=500", 502, "provider_error")]
    [InlineData("status=429", 429, "provider_rate_limited")]
    [InlineData("status=401", 502, "provider_credential_rejected")]
    [InlineData("status=400", 400, "scripted_error")]
    [InlineData("html", 502, "provider_answer_invalid")]
    [InlineData("empty", 502, "provider_answer_invalid")]
    [InlineData("error200", 502, "provider_error")]
    [InlineData("reset=0", 502, "provider_stream_broken")]
    [InlineData("hang", 504, "provider_timeout")]
    public async Task HostFails_NothingIsPaid(string fault, int status, string code)
    {
        var customer = await app.CustomerAsync("1");
        app.Upstream.Alias("text-embedding-3-small", "fake-ok;in=20;" + fault);

        var reply = await customer.EmbedAsync(Model, new { input = Text });

        reply.Failed(status, code);
        (await customer.BalanceAsync()).ShouldBe(1m);
        (await customer.GenerationAsync(reply)).Dollars("total_cost").ShouldBe(0);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [InlineData("status=503")]
    [InlineData("html")]
    [InlineData("error200")]
    public async Task FirstModelFails_NextAnswersAndBothAreOnTheBill(string fault)
    {
        app.Upstream.Alias("text-embedding-3-small", "fake-ok;in=20;" + fault);

        var reply = (await app.Customer.EmbedAsync(
            Model, new { input = Text, models = new[] { "cohere/embed-v4.0" } })).Succeeded();

        reply.Header("x-mercato-model").ShouldBe("cohere/embed-v4.0");
        reply.Usage.Dollars("cost").ShouldBe(0.0000024m);
        var attempts = (await app.Customer.GenerationAsync(reply)).GetProperty("attempts");
        attempts.EnumerateArray().Select(attempt => attempt.Text("provider")).ShouldBe(["openai", "cohere"]);
    }

    [Fact]
    public async Task FiguresThatCannotBe_NeverPaidAboveTheHold()
    {
        var customer = await app.CustomerAsync("1");
        app.Upstream.Alias("text-embedding-3-small", "fake-ok;in=2000000000");

        var reply = (await customer.EmbedAsync(Model, new { input = Text })).Succeeded();

        // A token has at least a byte; with a few around the text that is the hold.
        reply.Usage.Dollars("cost").ShouldBe((Text.Length + 16) * 0.00000002m);
        (await customer.BalanceAsync()).ShouldBe(1m - reply.Usage.Dollars("cost"));
    }

    [Fact]
    public async Task NoCredits_PaymentRequiredWithFigures()
    {
        var customer = await app.CustomerAsync("0");

        var error = (await customer.EmbedAsync(Model, new { input = Text })).Failed(402, "insufficient_credits");

        error.GetProperty("metadata").Dollars("required").ShouldBe((Text.Length + 16) * 0.00000002m);
        error.Text("message").ShouldNotContain("max_tokens");
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
    }

    [Fact]
    public async Task OwnKeyForHostThatOnlyMakesVectors_CallsWithoutCredits()
    {
        var customer = await app.CustomerAsync("0");
        await (await customer.Person.Client.PostAsync("/api/v1/byok", new { provider = "voyage", key = "pa-own-voyage-1" }))
            .ReadAsync(201);

        var reply = (await customer.EmbedAsync("voyage/voyage-4", new { input = Text })).Succeeded();

        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        reply.Usage.Dollars("cost").ShouldBe(0);
        reply.Usage.GetProperty("cost_details").Dollars("upstream_inference_cost").ShouldBe(0.0000012m);
        app.Upstream.Journal.Calls[^1].Headers["authorization"].ShouldBe(FakeUpstream.Digest("pa-own-voyage-1"));
    }

    [Fact]
    public async Task TestOfAKeyForHostThatOnlyMakesVectors_AsksForOne()
    {
        var customer = await app.CustomerAsync("0");
        var made = await (await customer.Person.Client.PostAsync(
            "/api/v1/byok", new { provider = "voyage", key = "pa-own-voyage-2" })).ReadAsync(201);
        var path = $"/api/v1/byok/{made.GetProperty("data").Text("id")}/test";

        var worked = (await (await customer.Person.Client.PostAsync(path, new { })).ReadAsync(200)).GetProperty("data");
        var failed = (await (await customer.Person.Client.PostAsync(path, new { model = "fake-ok;status=401" }))
            .ReadAsync(200)).GetProperty("data");

        worked.GetProperty("ok").GetBoolean().ShouldBeTrue(worked.GetRawText());
        app.Upstream.Journal.Calls[0].Path.ShouldBe("/v1/embeddings");
        failed.GetProperty("ok").GetBoolean().ShouldBeFalse();
        failed.GetProperty("status").GetInt32().ShouldBe(401);
    }

    [Fact]
    public async Task ModelOfAnotherKind_SaysWhereToCallItAndNamesNearOnes()
    {
        var error = (await app.Customer.EmbedAsync("openai/gpt-4o-mini", new { input = Text })).Failed(404, "model_not_found");

        var metadata = error.GetProperty("metadata");
        metadata.Text("reason").ShouldBe("wrong_kind");
        metadata.Text("how_to_fix").ShouldContain("/v1/chat/completions");
        foreach (var near in metadata.GetProperty("nearest_ready").EnumerateArray())
        {
            (await app.Customer.EmbedAsync(near.GetString()!, new { input = Text })).Succeeded();
        }
    }

    [Fact]
    public async Task Quote_IsTheHoldAndCallsNobody()
    {
        var quote = await Reply.PostAsync(app.Customer.Client, "/api/v1/quote",
            JsonSerializer.Serialize(new { model = Model, input = Text }));

        quote.Status.ShouldBe(200, quote.Text);
        quote.Body.Dollars("max_cost").ShouldBe((Text.Length + 16) * 0.00000002m);
        quote.Body.Dollars("estimated_cost").ShouldBe((Text.Length + 3) / 4 * 0.00000002m);
        app.Upstream.Journal.Calls.Count.ShouldBe(0);
    }
}

public sealed class EmbeddingsOnSqlite(SqliteOtherKinds app) : EmbeddingTests(app), IClassFixture<SqliteOtherKinds>;

public sealed class EmbeddingsOnPostgres(PostgresOtherKinds app) : EmbeddingTests(app), IClassFixture<PostgresOtherKinds>;
