using System.ClientModel;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;
using OpenAI;
using OpenAI.Chat;

namespace Mercato.Tests.Gateway;

/// <summary>The main job, end to end: from sign-up to a paid call whose cost is explained line by line.</summary>
public abstract class JourneyTests(GatewayApp app)
{
    private const string Model = "openai/gpt-4o-mini";

    /// <summary>20 input tokens at $0.15 and 10 output tokens at $0.60 per million.</summary>
    private const decimal Cost = 0.000009m;

    [Fact]
    public async Task SignUpToPaidCall_EveryPlaceShowsTheSameCost()
    {
        var customer = await app.CustomerAsync("0.50");
        (await customer.BalanceAsync()).ShouldBe(0.50m);

        var found = await (await app.Anonymous.AskAsync("/api/v1/models?q=gpt-4o+mini")).ReadAsync(200);
        found.GetProperty("data")[0].Text("id").ShouldBe(Model);
        await RecommendationsNameModelsAsync(customer);

        var reply = (await customer.ChatAsync(Model, stream: true,
            new { stream_options = new { include_usage = true } })).Succeeded();

        var usage = reply.Usage;
        usage.Dollars("cost").ShouldBe(Cost);
        usage.Text("cost_usd").ShouldBe("0.000009");
        usage.GetProperty("is_byok").GetBoolean().ShouldBeFalse();
        usage.GetProperty("cost_details").GetProperty("upstream_inference_cost").ValueKind.ShouldBe(JsonValueKind.Null);
        var bill = usage.GetProperty("mercato");
        bill.Text("cost_usd").ShouldBe("0.000009");
        bill.Text("generation_id").ShouldBe(reply.GenerationId);
        bill.Text("price_version").ShouldNotBeNullOrEmpty();
        bill.GetProperty("line_items").EnumerateArray().Sum(item => item.Dollars("amount")).ShouldBe(Cost);
        reply.Header("x-mercato-model").ShouldBe(Model);
        reply.Header("x-mercato-provider").ShouldBe("openai");
        reply.Header("x-mercato-reason")!.Length.ShouldBeInRange(1, 200);

        var generation = await customer.GenerationAsync(reply);
        generation.Text("id").ShouldBe(reply.GenerationId);
        generation.Dollars("total_cost").ShouldBe(Cost);
        generation.Text("price_version").ShouldBe(bill.Text("price_version"));
        generation.GetProperty("line_items").GetRawText().ShouldBe(bill.GetProperty("line_items").GetRawText());
        LineItems.ShouldSumToCost(generation);
        await EveryBookAgreesAsync(customer, reply);
    }

    [Fact]
    public async Task UpstreamsOwnId_FindsTheGeneration()
    {
        var customer = await app.CustomerAsync("0.50");
        var reply = (await customer.ChatAsync(Model)).Succeeded();

        var generation = await customer.GetAsync("/api/v1/generation?id=" + reply.Body.Text("id"));

        generation.Text("id").ShouldBe(reply.GenerationId);
    }

    [Fact]
    public async Task SomebodyElsesGeneration_NotFound()
    {
        var reply = (await app.Customer.ChatAsync(Model)).Succeeded();
        var stranger = await Person.SignUpAsync(app);

        await (await stranger.Client.AskAsync("/api/v1/generation?id=" + reply.GenerationId)).RefusedAsync(404, "not-found");
    }

    [Theory]
    [InlineData("/v1", false, false)]
    [InlineData("/v1", true, true)]
    [InlineData("/api/v1", false, true)]
    public async Task StreamedUsage_OnlyWhereItIsAskedForOrUsual(string prefix, bool asks, bool shows)
    {
        var reply = await app.Customer.ChatAsync(Model, stream: true,
            asks ? new { stream_options = new { include_usage = true } } : null, prefix);

        reply.Succeeded();
        reply.Text.Contains("\"usage\":{", StringComparison.Ordinal).ShouldBe(shows, reply.Text);
        reply.Text.Contains("line_items", StringComparison.Ordinal).ShouldBe(shows, reply.Text);
        (await app.Customer.GenerationAsync(reply)).Dollars("total_cost").ShouldBe(Cost);
    }

    [Fact]
    public async Task WholeAnswer_CarriesItsCost()
    {
        var reply = (await app.Customer.ChatAsync(Model)).Succeeded();

        reply.Usage.Dollars("cost").ShouldBe(Cost);
        reply.Usage.GetProperty("mercato").Text("generation_id").ShouldBe(reply.GenerationId);
        reply.Usage.GetProperty("prompt_tokens").GetInt32().ShouldBe(20);
        reply.Usage.GetProperty("completion_tokens").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task OfficialOpenAiClient_StreamsAndCompletes()
    {
        var customer = await app.CustomerAsync("0.50");
        var client = new ChatClient(Model, new ApiKeyCredential(customer.Key),
            new OpenAIClientOptions { Endpoint = new Uri(app.Address + "/v1") });
        var text = new StringBuilder();
        ChatTokenUsage? usage = null;

        await foreach (var update in client.CompleteChatStreamingAsync(
            [new UserChatMessage("Say something.")], cancellationToken: TestContext.Current.CancellationToken))
        {
            foreach (var part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }

            usage = update.Usage ?? usage;
        }

        var whole = (await client.CompleteChatAsync(
            [new UserChatMessage("Say something.")], cancellationToken: TestContext.Current.CancellationToken)).Value;
        text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(10);
        usage.ShouldNotBeNull().OutputTokenCount.ShouldBe(10);
        whole.Content[0].Text.ShouldNotBeNullOrWhiteSpace();
        whole.Usage.InputTokenCount.ShouldBe(20);
        (await customer.BalanceAsync()).ShouldBe(0.50m - (2 * Cost));
    }

    [Fact]
    public async Task OfficialOpenAiClient_SeesErrorsAsItsOwn()
    {
        var client = new ChatClient("nobody/nothing", new ApiKeyCredential(app.Customer.Key),
            new OpenAIClientOptions { Endpoint = new Uri(app.Address + "/v1") });

        var error = await Should.ThrowAsync<ClientResultException>(() => client.CompleteChatAsync(
            [new UserChatMessage("Say something.")], cancellationToken: TestContext.Current.CancellationToken));

        error.Status.ShouldBe(404);
        error.Message.ShouldContain("model_not_found");
    }

    private static async Task RecommendationsNameModelsAsync(Customer customer)
    {
        var answer = await customer.Person.Client.PostAsync("/api/v1/recommendations",
            new { query = "Refactor a Java class and write unit tests", budget = "low" });
        var ranked = (await answer.ReadAsync(200)).GetProperty("recommendations");
        ranked.GetArrayLength().ShouldBeGreaterThan(0);
        ranked[0].GetProperty("reasons").GetArrayLength().ShouldBeGreaterThan(0);
        ranked[0].Text("availability").ShouldBe("ready");
    }

    private static async Task EveryBookAgreesAsync(Customer customer, Reply reply)
    {
        var credits = await customer.GetAsync("/api/v1/credits");
        credits.Dollars("balance").ShouldBe(0.50m - Cost);
        credits.Dollars("available").ShouldBe(0.50m - Cost);
        credits.Dollars("held").ShouldBe(0);
        credits.Dollars("total_usage").ShouldBe(Cost);
        credits.Dollars("total_credits").ShouldBe(0.50m);

        var entry = (await customer.GetAsync("/api/v1/credits/entries"))[0];
        entry.Text("generation_id").ShouldBe(reply.GenerationId);
        entry.Dollars("amount").ShouldBe(-Cost);
        entry.Dollars("balance_after").ShouldBe(0.50m - Cost);

        var activity = (await customer.GetAsync("/api/v1/activity"))[0];
        activity.Text("model").ShouldBe(Model);
        activity.GetProperty("requests").GetInt32().ShouldBe(1);
        activity.Dollars("usage").ShouldBe(Cost);

        var key = (await (await customer.Client.AskAsync("/api/v1/key")).ReadAsync(200)).GetProperty("data");
        key.Dollars("usage").ShouldBe(Cost);
        key.Dollars("usage_daily").ShouldBe(Cost);
    }
}

public sealed class JourneyOnSqlite(SqliteGateway app) : JourneyTests(app), IClassFixture<SqliteGateway>;

public sealed class JourneyOnPostgres(PostgresGateway app) : JourneyTests(app), IClassFixture<PostgresGateway>;

/// <summary>A machine with one provider key in the environment and a welcome credit.</summary>
public sealed class OneKeyApp(PostgresCluster cluster) : MercatoApp(DatabaseKind.Sqlite, cluster)
{
    public FakeUpstream Upstream { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Upstream = await FakeUpstream.StartAsync();
        Upstream.Alias("*", "fake-ok;in=20;out=10");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Upstream.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(IDictionary<string, string?> settings)
    {
        settings["OPENAI_API_KEY"] = "sk-operator-openai-1";
        settings["Mercato:Providers:openai:BaseUrl"] = Upstream.Address.AbsoluteUri;
        settings["Mercato:Providers:openai:AllowPrivate"] = "true";
        settings["Mercato:Ledger:WelcomeCredit"] = "1.00";
    }
}

/// <summary>What the first minutes hold, with nothing but OPENAI_API_KEY set.</summary>
public sealed class OneKeyTests(OneKeyApp app) : IClassFixture<OneKeyApp>
{
    [Fact]
    public async Task ThreeRequests_SignUpToFirstPaidStream()
    {
        // 1. curl /api/v1/auth/register
        var registered = await (await app.Anonymous.PostAsync("/api/v1/auth/register",
            new { email = "first@example.org", username = "first", password = Person.Password })).ReadAsync(201);
        using var person = app.WithBearer(registered.Text("access_token")!);

        // 2. curl /api/v1/keys
        var made = await (await person.PostAsync("/api/v1/keys", new { name = "first" })).ReadAsync(201);
        using var program = app.WithBearer(made.Text("key")!);

        // 3. curl /v1/chat/completions
        var reply = await Reply.PostAsync(program, "/v1/chat/completions",
            """{"model":"openai/gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Hello"}]}""");

        reply.Succeeded();
        var spent = (await (await person.AskAsync("/api/v1/credits")).ReadAsync(200)).GetProperty("data");
        spent.Dollars("balance").ShouldBe(1m - 0.000009m);
    }

    [Fact]
    public async Task ModelList_HoldsOnlyWhatCanBeCalledHere()
    {
        var person = await Person.SignUpAsync(app);
        var customer = await Customer.WithKeyAsync(app, person, new { name = "list" });
        var list = (await (await app.Anonymous.AskAsync("/v1/models")).ReadAsync(200)).GetProperty("data");
        var ids = list.EnumerateArray().Select(item => item.Text("id")!).ToList();
        ids.Count.ShouldBeGreaterThan(20);
        list.EnumerateArray().Select(item => item.Text("kind")).Distinct()
            .ShouldBe(["chat", "embedding", "image"], ignoreOrder: true);

        foreach (var item in list.EnumerateArray())
        {
            var id = item.Text("id");
            var reply = await (item.Text("kind") switch
            {
                "embedding" => customer.EmbedAsync(id, new { input = "A text to find again." }),
                "image" => customer.DrawAsync(id, new { prompt = "A lighthouse." }),
                _ => customer.ChatAsync(id, more: new { max_tokens = 16 }),
            });
            reply.Status.ShouldBe(200, $"{id}: {reply.Text}");
            item.Text("availability").ShouldBe("ready");
        }

        var ours = (await (await customer.Client.AskAsync("/v1/models")).ReadAsync(200)).GetProperty("data");
        ours.EnumerateArray().Select(item => item.Text("id")).ShouldBe(ids);
    }

    [Theory]
    [InlineData("/api/v1/models?free=true")]
    [InlineData("/api/v1/models?sort=pricing-low-to-high&limit=50")]
    [InlineData("/v1/models?free=true")]
    [InlineData("/v1/models?sort=pricing-low-to-high&limit=50")]
    public async Task FreeAndCheapestLists_OnlyWhatCanBeCalled(string path)
    {
        var list = (await (await app.Anonymous.AskAsync(path)).ReadAsync(200)).GetProperty("data");

        list.EnumerateArray().ShouldAllBe(item => item.GetProperty("availability").GetString() == "ready");
    }

    [Theory]
    [InlineData("/v1/models/openai/gpt-4o-mini")]
    [InlineData("/v1/models/openai%2Fgpt-4o-mini")]
    [InlineData("/v1/models/gpt-4o-mini")]
    public async Task OneModel_AnySpellingOfItsPath(string path)
    {
        var model = await (await app.Anonymous.AskAsync(path)).ReadAsync(200);

        model.Text("id").ShouldBe("openai/gpt-4o-mini");
    }

    [Fact]
    public async Task UnknownModelInPath_OpenAiError() =>
        (await Reply.ReadAsync(await app.Anonymous.AskAsync("/v1/models/nobody/nothing"))).Failed(404, "model_not_found");
}
