using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Data;
using Mercato.Ledger;
using Mercato.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>A quote says what the same call would meet: where it would go, what it would hold and what it would cost.</summary>
public abstract class QuoteTests
{
    private const string Mini = "openai/gpt-4o-mini";
    private const string Sonnet = "anthropic/claude-sonnet-4-5";
    private const string OpenWeights = "openai/gpt-oss-120b";

    private static readonly string Picture =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly ManyHostsApp app;

    protected QuoteTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
    }

    /// <summary>Where a body goes, and the body.</summary>
    public static TheoryData<string, string> Bodies
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var model in (string[])[Mini, Sonnet, OpenWeights, "google/gemini-2.5-flash"])
            {
                rows.Add("/v1/chat/completions", $$"""{"model":"{{model}}","max_tokens":40,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is a plum?"}]}""");
                rows.Add("/v1/responses", $$"""{"model":"{{model}}","max_output_tokens":40,"instructions":"Be brief.","input":"What is a plum?"}""");
                rows.Add("/v1/messages", $$"""{"model":"{{model}}","max_tokens":40,"system":"Be brief.","messages":[{"role":"user","content":"What is a plum?"}]}""");
            }

            rows.Add("/v1/chat/completions", $$"""{"model":"{{Mini}}","max_tokens":40,"n":3,"messages":[{"role":"user","content":"What is a plum?"}]}""");
            rows.Add("/v1/chat/completions", $$"""{"model":"{{Mini}}","max_tokens":40,"messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{Picture}}"} }]}]}""");
            // Nothing at the top tells that this is for messages: only its blocks do.
            rows.Add("/v1/messages", $$"""{"model":"{{Sonnet}}","max_tokens":40,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{Picture}}"} },{"type":"text","text":"What is it?"}]}]}""");
            rows.Add("/v1/messages", $$"""{"model":"{{Sonnet}}","max_tokens":40,"messages":[{"role":"user","content":"Weather?"}],"tools":[{"name":"forecast","input_schema":{"type":"object"} }]}""");
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Quote_HoldsAndCostsWhatTheCallDoes(string path, string body)
    {
        var before = await app.Customer.BalanceAsync();
        var quote = await QuoteAsync(app.Customer, body);

        app.CountCalls().ShouldBe(0);
        (await app.Customer.BalanceAsync()).ShouldBe(before);
        quote.GetProperty("would_be_refused").ValueKind.ShouldBe(JsonValueKind.Null);
        quote.GetProperty("expected_output_tokens").GetInt64().ShouldBe(40);

        var input = quote.GetProperty("input_tokens").GetInt64();
        AnswerEverywhere($"fake-ok;in={input};out=40");
        var reply = await Reply.PostAsync(app.Customer.Client, path, body);
        reply.Status.ShouldBe(200, reply.Text);
        var first = quote.GetProperty("candidates")[0];
        first.Text("model").ShouldBe(reply.Header("x-mercato-model"));
        first.Text("provider").ShouldBe(reply.Header("x-mercato-provider"));
        first.Text("reason").ShouldBe(reply.Header("x-mercato-reason"));
        var op = await OpAsync(reply);
        first.Text("price_version").ShouldBe(op.PriceVersion);
        new Money(op.CostNano).ToString().ShouldBe(quote.Text("estimated_cost"));
        new Money(op.BoundNano).ToString().ShouldBe(quote.Text("max_cost"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("""{"order":["togetherai","groq"]}""")]
    [InlineData("""{"sort":"price"}""")]
    [InlineData("""{"only":["fireworks-ai","groq"]}""")]
    [InlineData("""{"order":["groq"],"allow_fallbacks":false}""")]
    public async Task Candidates_StandInTheOrderInWhichTheyAreTried(string? provider)
    {
        var body = Chat(OpenWeights);
        if (provider is not null)
        {
            body["provider"] = JsonNode.Parse(provider);
        }

        var quote = await QuoteAsync(app.Customer, body.ToJsonString());
        AnswerEverywhere("fake-ok;status=500;times=1");

        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions", body.ToJsonString());

        reply.Status.ShouldBe(502, reply.Text);
        var tried = (await app.Customer.GenerationAsync(reply)).GetProperty("attempts").EnumerateArray()
            .Select(attempt => attempt.Text("provider"));
        Providers(quote).ShouldBe(tried);
    }

    [Fact]
    public async Task MoreOffersThanAreTried_OnlyThoseCount()
    {
        var body = Chat(OpenWeights);
        body["models"] = new JsonArray("anthropic/claude-opus-4-1", Sonnet);

        var quote = await QuoteAsync(app.Customer, body.ToJsonString());
        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions", body.ToJsonString());

        quote.GetProperty("candidates").GetArrayLength().ShouldBe(3);
        new Money((await OpAsync(reply)).BoundNano).ToString().ShouldBe(quote.Text("max_cost"));
    }

    [Fact]
    public async Task LittleMoneyAndNoLimit_MaxCostIsWhatTheCutCallHolds()
    {
        var customer = await app.CustomerAsync("0.01");
        var body = Chat(Mini);
        body.Remove("max_tokens");

        var quote = await QuoteAsync(customer, body.ToJsonString());
        var reply = await Reply.PostAsync(customer.Client, "/v1/chat/completions", body.ToJsonString());

        reply.Header("x-mercato-max-tokens").ShouldNotBeNull();
        quote.Dollars("max_cost").ShouldBeLessThanOrEqualTo(0.005m);
        quote.GetProperty("max_output_tokens").GetInt64().ToString().ShouldBe(reply.Header("x-mercato-max-tokens"));
        new Money((await OpAsync(reply)).BoundNano).ToString().ShouldBe(quote.Text("max_cost"));
    }

    [Fact]
    public async Task NoCredits_WouldBeRefusedAsTheCallIs()
    {
        var customer = await app.CustomerAsync("0");

        var quote = await QuoteAsync(customer, Chat(Mini).ToJsonString());

        quote.Text("would_be_refused").ShouldBe("insufficient_credits");
        quote.Dollars("max_cost").ShouldBeGreaterThan(0);
        (await customer.ChatAsync(Mini)).Failed(402, "insufficient_credits");
    }

    [Fact]
    public async Task NoCreditsAndNoLimit_WouldBeRefusedToo()
    {
        var customer = await app.CustomerAsync("0");
        var body = Chat(Mini);
        body.Remove("max_tokens");

        (await QuoteAsync(customer, body.ToJsonString())).Text("would_be_refused").ShouldBe("insufficient_credits");
    }

    [Fact]
    public async Task KeyLimitTooSmall_WouldBeRefused()
    {
        var customer = await app.CustomerAsync("1", new { name = "small", limit = "0.00001" });

        var quote = await QuoteAsync(customer, Chat(Mini).ToJsonString());

        quote.Text("would_be_refused").ShouldBe("insufficient_credits");
        (await customer.ChatAsync(Mini)).Failed(402, "insufficient_credits");
    }

    [Fact]
    public async Task OwnKey_StandsFirstAndCostsNothing()
    {
        var customer = await app.CustomerAsync("0");
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "groq", key = "sk-own-groq-12345" })).ReadAsync(201);

        var quote = await QuoteAsync(customer, Chat(OpenWeights).ToJsonString());

        var only = quote.GetProperty("candidates").EnumerateArray().Single();
        only.Text("provider").ShouldBe("groq");
        only.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        quote.Text("estimated_cost").ShouldBe("0");
        quote.Text("max_cost").ShouldBe("0");
        quote.GetProperty("would_be_refused").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task PreviousResponse_IsCounted()
    {
        var first = await Turn.TakeAsync(app.Customer,
            new { model = Mini, max_output_tokens = 40, input = new string('a', 4000) });
        var body = JsonSerializer.Serialize(
            new { model = Mini, max_output_tokens = 40, input = "Go on.", previous_response_id = first.Id });

        var quote = await QuoteAsync(app.Customer, body);
        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/responses", body);

        quote.GetProperty("input_tokens").GetInt64().ShouldBeGreaterThan(1000);
        new Money((await OpAsync(reply)).BoundNano).ToString().ShouldBe(quote.Text("max_cost"));
        await (await PostAsync(app.Customer, $$"""{"model":"{{Mini}}","input":"Go on.","previous_response_id":"resp_none"}"""))
            .RefusedAsync(404, "response_not_found");
    }

    [Fact]
    public async Task LocalAssistant_IsFree()
    {
        var quote = await QuoteAsync(app.Customer, Chat("mercato/assistant").ToJsonString());

        quote.GetProperty("candidates").EnumerateArray().Single().Text("provider").ShouldBe("mercato");
        quote.Text("estimated_cost").ShouldBe("0");
        quote.Text("max_cost").ShouldBe("0");
    }

    [Theory]
    [InlineData("{", 400, "invalid_json")]
    [InlineData("[]", 400, "invalid_type")]
    [InlineData("{}", 400, "missing_required_parameter")]
    [InlineData("""{"model":"openai/gpt-4o-mini"}""", 400, "missing_required_parameter")]
    [InlineData("""{"model":"openai/gpt-4o-mini","input":7}""", 400, "invalid_type")]
    [InlineData("""{"model":"nobody/nothing","messages":[{"role":"user","content":"Hi"}]}""", 404, "model_not_found")]
    [InlineData("""{"model":"openai/gpt-4o-mini","web_search_options":{},"messages":[{"role":"user","content":"Hi"}]}""", 400, "unpriced_parameter")]
    [InlineData("""{"model":"openai/gpt-4o-mini","provider":{"only":["nobody"]},"messages":[{"role":"user","content":"Hi"}]}""", 404, "model_not_found")]
    public async Task CallThatCannotBe_RefusedAsItWouldBe(string body, int status, string name)
    {
        await (await PostAsync(app.Customer, body)).RefusedAsync(status, name);

        app.CountCalls().ShouldBe(0);
    }

    [Fact]
    public async Task KeyForOtherModels_ModelNotAllowed()
    {
        var customer = await app.CustomerAsync("1", new { name = "one", allowed_models = new[] { Sonnet } });

        await (await PostAsync(customer, Chat(Mini).ToJsonString())).RefusedAsync(403, "model_not_allowed");
    }

    [Fact]
    public async Task Stranger_Unauthenticated()
    {
        using var content = new StringContent(Chat(Mini).ToJsonString());

        (await app.Anonymous.PostAsync("/api/v1/quote", content, TestContext.Current.CancellationToken))
            .StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
    }

    private static JsonObject Chat(string model) => new()
    {
        ["model"] = model,
        ["max_tokens"] = 50,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Say something." }),
    };

    private static IEnumerable<string> Providers(JsonElement quote) =>
        quote.GetProperty("candidates").EnumerateArray().Select(candidate => candidate.Text("provider"));

    private static async Task<HttpResponseMessage> PostAsync(Customer customer, string body)
    {
        using var content = new StringContent(body);
        return await customer.Client.PostAsync("/api/v1/quote", content, TestContext.Current.CancellationToken);
    }

    private static async Task<JsonElement> QuoteAsync(Customer customer, string body) =>
        await (await PostAsync(customer, body)).ReadAsync(200);

    private void AnswerEverywhere(string script)
    {
        foreach (var upstream in (Fake.FakeUpstream[])[app.Upstream, app.Together, app.Labs, app.Clouds])
        {
            upstream.Alias("*", script);
        }
    }

    private async Task<Op> OpAsync(Reply reply)
    {
        var id = Guid.Parse(reply.GenerationId![4..]);
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Op>().AsNoTracking()
            .SingleAsync(op => op.Id == id, TestContext.Current.CancellationToken);
    }
}

public sealed class QuotesOnSqlite(SqliteManyHosts app) : QuoteTests(app), IClassFixture<SqliteManyHosts>;

public sealed class QuotesOnPostgres(PostgresManyHosts app) : QuoteTests(app), IClassFixture<PostgresManyHosts>;
