using System.Text.Json;
using Mercato.Fake;
using Mercato.Tests.Accounts;
using Mercato.Wire;

namespace Mercato.Tests.Gateway;

/// <summary>
/// Another offer takes over before the first byte of an answer and never after it; whose key is used, and what of the
/// request reaches the provider. Together AI and Groq sell the same model.
/// </summary>
public abstract class FailoverTests
{
    private const string Model = "openai/gpt-oss-120b";
    private const string HostsName = "openai/gpt-oss-120b";
    private const string Healthy = "fake-ok;in=20;out=10";

    private readonly GatewayApp app;

    protected FailoverTests(GatewayApp app)
    {
        this.app = app;
        app.Upstream.Reset();
        foreach (var model in (string[])[HostsName, "gpt-5-mini", "gpt-4o-mini"])
        {
            app.Upstream.Alias(model, Healthy);
        }
    }

    [Theory]
    [InlineData("status=500", "ServerError")]
    [InlineData("status=429", "RateLimited")]
    [InlineData("status=401", "OurCredential")]
    [InlineData("status=503", "Overloaded")]
    [InlineData("html", null)]
    public async Task FirstHostFails_SecondAnswersAndBothAreOnTheBill(string fault, string? error)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var reply = await WithGroqAsync(fault + ";times=1", stream);

            reply.Succeeded();
            reply.Header("x-mercato-provider").ShouldBe("togetherai");
            var attempts = (await app.Customer.GenerationAsync(reply)).GetProperty("attempts");
            attempts.GetArrayLength().ShouldBe(2);
            attempts[0].Text("provider").ShouldBe("groq");
            attempts[0].Text("error").ShouldBe(error);
            attempts[1].Text("provider").ShouldBe("togetherai");
            (await app.Customer.GenerationAsync(reply)).Text("provider_name").ShouldBe("togetherai");
        }
    }

    [Theory]
    [InlineData("reset=1")]
    [InlineData("error-event=1")]
    public async Task OnlyTheOpeningCame_NextOfferTakesOver(string fault)
    {
        var reply = await WithGroqAsync(fault + ";times=1", stream: true);

        reply.Error.ShouldBeNull(reply.Text);
        (await app.Customer.GenerationAsync(reply)).GetProperty("attempts").GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("reset=4")]
    [InlineData("error-event=4")]
    public async Task StreamHasBegun_NobodyTakesOver(string fault)
    {
        var reply = await WithGroqAsync(fault + ";times=1", stream: true);

        reply.Error.ShouldNotBeNull(reply.Text);
        reply.Header("x-mercato-provider").ShouldBe("groq");
        (await app.Customer.GenerationAsync(reply)).GetProperty("attempts").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task CallersOwnMistake_NotTriedElsewhere()
    {
        var reply = await WithGroqAsync("status=400;times=1", stream: false);

        reply.Failed(400, "scripted_error");
        (await app.Customer.GenerationAsync(reply)).GetProperty("attempts").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task FallbacksRefused_FirstFailureIsTheAnswer()
    {
        app.Upstream.Reset();
        app.Upstream.Alias(HostsName, Healthy + ";status=500;times=1");

        var reply = await app.Customer.ChatAsync(Model,
            more: new { provider = new { order = new[] { "groq" }, allow_fallbacks = false } });

        reply.Failed(502, "provider_error");
    }

    [Fact]
    public async Task FallbackModels_SecondModelAnswers()
    {
        app.Upstream.Reset();
        app.Upstream.Alias("gpt-5-mini", Healthy + ";status=500;times=1");

        var reply = (await app.Customer.ChatAsync("openai/gpt-5-mini",
            more: new { models = new[] { "openai/gpt-4o-mini" } })).Succeeded();

        reply.Header("x-mercato-model").ShouldBe("openai/gpt-4o-mini");
        (await app.Customer.GenerationAsync(reply)).Dollars("total_cost").ShouldBe(0.000009m);
    }

    [Fact]
    public async Task OwnKey_UsedFirstAndCostsNothing()
    {
        var customer = await app.CustomerAsync("1");
        await AddOwnKeyAsync(customer, "groq", "sk-own-groq-12345");

        var reply = (await customer.ChatAsync(Model, prefix: "/api/v1")).Succeeded();

        reply.Header("x-mercato-provider").ShouldBe("groq");
        app.Upstream.Journal.Calls[^1].Headers["authorization"].ShouldBe(FakeUpstream.Digest("sk-own-groq-12345"));
        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        reply.Usage.Dollars("cost").ShouldBe(0);
        reply.Usage.GetProperty("cost_details").Dollars("upstream_inference_cost").ShouldBe(0.000009m);
        (await customer.BalanceAsync()).ShouldBe(1m);
        var generation = await customer.GenerationAsync(reply);
        generation.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        generation.Dollars("upstream_inference_cost").ShouldBe(0.000009m);
        LineItems.ShouldSumToCost(generation);
    }

    [Fact]
    public async Task OwnKeyWithoutCredits_Works()
    {
        var customer = await app.CustomerAsync("0");
        await AddOwnKeyAsync(customer, "groq", "sk-own-groq-12345");

        (await customer.ChatAsync(Model, stream: true)).Succeeded();
    }

    [Fact]
    public async Task OwnKeyForHostThatNothingCanBeAskedOf_ListsNothingMore()
    {
        var customer = await app.CustomerAsync("0");
        var before = (await (await customer.Client.AskAsync("/v1/models")).ReadAsync(200)).GetProperty("data");
        var silent = Provider.BuiltIn.Values.First(provider => !provider.CanChat
            && provider is { EmbeddingStyle: EmbeddingStyle.None, ImageStyle: ImageStyle.None });
        await AddOwnKeyAsync(customer, silent.Id, "sk-own-silent-12345");

        var after = (await (await customer.Client.AskAsync("/v1/models")).ReadAsync(200)).GetProperty("data");

        after.GetArrayLength().ShouldBe(before.GetArrayLength());
    }

    [Fact]
    public async Task OwnKeyRejected_BadGatewayThatSaysWhoseAndNoCreditsAreSpent()
    {
        var customer = await app.CustomerAsync("1");
        await AddOwnKeyAsync(customer, "togetherai", "sk-own-together-wrong");

        var reply = await customer.ChatAsync(Model);

        reply.Failed(502, "provider_credential_rejected").Text("message").ShouldContain("your own key");
        reply.Text.ShouldNotContain("sk-own");
        (await customer.BalanceAsync()).ShouldBe(1m);
    }

    [Fact]
    public async Task OwnKeyFails_CreditsOnlyWhenItsRowAllows()
    {
        var customer = await app.CustomerAsync("1");
        await AddOwnKeyAsync(customer, "togetherai", "sk-own-together-wrong", fallbackToCredits: true);

        var reply = (await customer.ChatAsync(Model, prefix: "/api/v1")).Succeeded();

        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeFalse();
        reply.Usage.Dollars("cost").ShouldBeGreaterThan(0);
        (await customer.GenerationAsync(reply)).GetProperty("attempts").GetArrayLength().ShouldBe(2);
        (await customer.BalanceAsync()).ShouldBe(1m - reply.Usage.Dollars("cost"));
    }

    [Fact]
    public async Task FallbackKey_UsedOnlyAfterCreditsFailed()
    {
        var customer = await app.CustomerAsync("1");
        await AddOwnKeyAsync(customer, "openai", "sk-own-openai-12345", isFallback: true);
        (await customer.ChatAsync("openai/gpt-5-mini")).Succeeded();
        app.Upstream.Journal.Calls[^1].Headers["authorization"].ShouldBe(FakeUpstream.Digest("sk-operator-openai-1"));

        app.Upstream.Reset();
        app.Upstream.Alias("gpt-5-mini", Healthy + ";status=429;times=1");
        var reply = (await customer.ChatAsync("openai/gpt-5-mini", prefix: "/api/v1")).Succeeded();

        app.Upstream.Journal.Calls[^1].Headers["authorization"].ShouldBe(FakeUpstream.Digest("sk-own-openai-12345"));
        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        reply.Usage.Dollars("cost").ShouldBe(0);
    }

    [Fact]
    public async Task ExtensionList_StaysHereForCatalogModels()
    {
        var reply = (await app.Customer.ChatAsync("openai/gpt-4o-mini", more: Extensions)).Succeeded();

        var body = app.Upstream.Journal.Calls[^1].Body!.Value;
        body.EnumerateObject().Select(member => member.Name)
            .ShouldBe(["model", "messages", "max_tokens", "reasoning_effort", "user"], ignoreOrder: true);
        body.Text("model").ShouldBe("gpt-4o-mini");
        var dropped = reply.Header("x-mercato-dropped-parameters").ShouldNotBeNull();
        foreach (var name in (string[])["route", "transforms", "plugins", "trace", "preset", "include_reasoning"])
        {
            dropped.ShouldContain(name);
        }
    }

    [Fact]
    public async Task ExtensionList_TravelsUntouchedToWildcardModels()
    {
        app.Upstream.Reset();

        var reply = await app.Customer.ChatAsync("lab/fake-ok;in=1;out=1", more: Extensions);

        // The fake refuses members that OpenAI does not know; that it saw them is what matters.
        reply.Failed(400, "unknown_parameter");
        var body = app.Upstream.Journal.Calls[^1].Body!.Value;
        foreach (var property in Extensions.GetType().GetProperties())
        {
            body.GetProperty(property.Name).GetRawText()
                .ShouldBe(JsonSerializer.Serialize(property.GetValue(Extensions)), property.Name);
        }

        reply.Header("x-mercato-dropped-parameters").ShouldBeNull();
    }

    private static object Extensions { get; } = new
    {
        provider = new { order = new[] { "openai" } },
        route = "fallback",
        transforms = new[] { "middle-out" },
        plugins = new[] { new { id = "web" } },
        reasoning = new { effort = "low" },
        include_reasoning = true,
        usage = new { include = true },
        session_id = "s-1",
        trace = new { id = "t" },
        preset = "p",
        user = "someone",
    };

    private async Task<Reply> WithGroqAsync(string fault, bool stream)
    {
        app.Upstream.Reset();
        app.Upstream.Alias(HostsName, Healthy + ";" + fault);
        return await app.Customer.ChatAsync(Model, stream, new { provider = new { order = new[] { "groq", "togetherai" } } });
    }

    private static async Task AddOwnKeyAsync(
        Customer customer, string provider, string key, bool isFallback = false, bool fallbackToCredits = false) =>
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider, key, is_fallback = isFallback, fallback_to_credits = fallbackToCredits })).ReadAsync(201);
}

public sealed class FailoverOnSqlite(SqliteGateway app) : FailoverTests(app), IClassFixture<SqliteGateway>;

public sealed class FailoverOnPostgres(PostgresGateway app) : FailoverTests(app), IClassFixture<PostgresGateway>;
