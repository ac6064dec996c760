using Mercato.Data;
using Mercato.Ledger;
using Mercato.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>
/// A call on the caller's own provider key is never paid with credits, whatever becomes of it; and it goes on when
/// credits cannot pay. The key's row allows credits, so that money is held while the own key answers.
/// </summary>
public abstract class OwnKeyTests
{
    private const string Model = "openai/gpt-oss-120b";

    /// <summary>What 20 and 10 tokens would cost at Groq.</summary>
    private const decimal ListCost = 0.000009m;

    private readonly GatewayApp app;

    protected OwnKeyTests(GatewayApp app)
    {
        this.app = app;
        app.Upstream.Reset();
        Answer("fake-ok;in=20;out=10");
    }

    [Theory]
    [InlineData("negative")]
    [InlineData("huge")]
    [InlineData("list")]
    [InlineData("above")]
    [InlineData("empty")]
    public async Task UsageNotBelieved_CostsNothing(string kind)
    {
        foreach (var stream in (bool[])[false, true])
        {
            var customer = await CustomerAsync("1");
            Answer("fake-ok;in=20;out=10;bad-usage=" + kind);

            var reply = (await customer.ChatAsync(Model, stream, prefix: "/api/v1")).Succeeded();

            reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
            reply.Usage.Dollars("cost").ShouldBe(0);
            await PaidNothingAsync(customer, reply);
        }
    }

    [Theory]
    [InlineData("reset=4")]
    [InlineData("cut=4")]
    [InlineData("error-event=4")]
    public async Task StreamBreaks_CostsNothing(string fault)
    {
        var customer = await CustomerAsync("1");
        Answer("fake-ok;in=20;out=100;events=20;" + fault);

        var reply = await customer.ChatAsync(Model, stream: true, new { max_tokens = 100 });

        reply.Error.ShouldNotBeNull(reply.Text);
        await PaidNothingAsync(customer, reply);
    }

    [Fact]
    public async Task LongStream_NotesNothingForACrashToCharge()
    {
        // Long enough for a note, which the sweep would charge if the server died now.
        Answer("fake-ok;in=20;out=50;events=25;pace=60");
        var customer = await CustomerAsync("1");
        var payer = await app.CustomerAsync("1");

        var replies = await Task.WhenAll(
            customer.ChatAsync(Model, stream: true),
            payer.ChatAsync(Model, stream: true, new { provider = new { only = new[] { "groq" } } }));

        (await OpOfAsync(payer, replies[1])).ProgressNano.ShouldBeGreaterThan(0);
        var op = await OpOfAsync(customer, replies[0]);
        op.BoundNano.ShouldBeGreaterThan(0);
        op.ProgressNano.ShouldBe(0);
        await PaidNothingAsync(customer, replies[0].Succeeded());
    }

    [Fact]
    public async Task EmptyWallet_OwnKeyServesThoughCreditsWereAllowed()
    {
        var customer = await CustomerAsync("0");

        await ServedByOwnKeyAsync(customer, await customer.ChatAsync(Model, prefix: "/api/v1"));
    }

    [Fact]
    public async Task KeysBudgetSpent_OwnKeyServesAsItDoesNotCount()
    {
        var customer = await CustomerAsync("1", new { name = "small", limit = "0.000001" });

        await ServedByOwnKeyAsync(customer, await customer.ChatAsync(Model, prefix: "/api/v1"));
    }

    [Fact]
    public async Task AccountThatOwes_OwnKeyServes()
    {
        var customer = await CustomerAsync("1");
        await using (var scope = app.Services.CreateAsyncScope())
        {
            // What a call that settled after its server was given up for dead may leave behind.
            var account = (await OpOfAsync(customer, await customer.ChatAsync(Model))).AccountId;
            await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Wallet>()
                .Where(wallet => wallet.AccountId == account)
                .ExecuteUpdateAsync(wallet => wallet.SetProperty(it => it.ReceivableNano, 1_000),
                    TestContext.Current.CancellationToken);
        }

        await ServedByOwnKeyAsync(customer, await customer.ChatAsync(Model, prefix: "/api/v1"));
        (await customer.ChatAsync("openai/gpt-5-mini")).Failed(402, "account_suspended");
    }

    [Fact]
    public async Task MemberWithoutAPrice_OwnKeyServesAndCreditsDoNot()
    {
        var customer = await CustomerAsync("1");
        var payer = await app.CustomerAsync("1");
        var dear = new { service_tier = "priority" };

        (await payer.ChatAsync(Model, more: dear)).Failed(400, "unpriced_parameter");
        await ServedByOwnKeyAsync(customer, await customer.ChatAsync(Model, more: dear, prefix: "/api/v1"));
    }

    [Fact]
    public async Task ModelWithoutAPrice_OwnKeyServesAndCreditsDoNot()
    {
        // The price of this offer is disputed, so that nobody sells it.
        const string unpriced = "google/gemma-3n-e4b";
        app.Together.Alias("google/gemma-3n-E4B-it", "fake-ok;in=20;out=10");
        var customer = await app.CustomerAsync("0");
        (await customer.ChatAsync(unpriced)).Failed(404, "model_not_found");
        await AddKeyAsync(customer, "togetherai", GatewayApp.TogetherKey);

        var reply = (await customer.ChatAsync(unpriced, prefix: "/api/v1")).Succeeded();

        reply.Header("x-mercato-provider").ShouldBe("togetherai");
        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        reply.Usage.Dollars("cost").ShouldBe(0);
    }

    [Fact]
    public async Task ByokInLimit_ListPriceUsesUpTheKeysBudget()
    {
        var customer = await CustomerAsync("1",
            new { name = "counted", limit = "0.0001", include_byok_in_limit = true }, fallbackToCredits: false);

        var reply = (await customer.ChatAsync(Model)).Succeeded();

        (await LimitAsync(customer, "limit_remaining")).ShouldBe(0.0001m - ListCost);
        (await LimitAsync(customer, "byok_usage")).ShouldBe(ListCost);
        (await LimitAsync(customer, "usage")).ShouldBe(0);
        var refused = await UntilRefusedAsync(customer);
        refused.GetProperty("metadata").Text("limit_source").ShouldBe("key");
        refused.GetProperty("metadata").Dollars("available").ShouldBe(await LimitAsync(customer, "limit_remaining"));
        await PaidNothingAsync(customer, reply);
    }

    [Fact]
    public async Task ByokNotInLimit_LeavesTheKeysBudget()
    {
        var customer = await CustomerAsync("1", new { name = "apart", limit = "0.0001" }, fallbackToCredits: false);

        for (var i = 0; i < 12; i++)
        {
            (await customer.ChatAsync(Model)).Succeeded();
        }

        (await LimitAsync(customer, "limit_remaining")).ShouldBe(0.0001m);
        (await LimitAsync(customer, "byok_usage")).ShouldBe(12 * ListCost);
    }

    private void Answer(string script) => app.Upstream.Alias(Model, script);

    /// <summary>Somebody with a key of their own at Groq.</summary>
    private async Task<Customer> CustomerAsync(string credits, object? key = null, bool fallbackToCredits = true)
    {
        var customer = await app.CustomerAsync(credits, key);
        await AddKeyAsync(customer, "groq", "sk-own-groq-12345", fallbackToCredits);
        return customer;
    }

    private static async Task AddKeyAsync(
        Customer customer, string provider, string key, bool fallbackToCredits = false) =>
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider, key, fallback_to_credits = fallbackToCredits })).ReadAsync(201);

    private async Task ServedByOwnKeyAsync(Customer customer, Reply reply)
    {
        reply.Succeeded();
        app.Upstream.Journal.Calls[^1].Headers["authorization"]
            .ShouldBe(Fake.FakeUpstream.Digest("sk-own-groq-12345"));
        reply.Usage.GetProperty("is_byok").GetBoolean().ShouldBeTrue();
        reply.Usage.Dollars("cost").ShouldBe(0);
        (await OpOfAsync(customer, reply)).CostNano.ShouldBe(0);
    }

    private async Task PaidNothingAsync(Customer customer, Reply reply)
    {
        var op = await OpOfAsync(customer, reply);
        op.IsByok.ShouldBeTrue();
        op.State.ShouldNotBe(OpState.Open);
        op.CostNano.ShouldBe(0);
        op.OperatorLossNano.ShouldBe(0);
        var credits = await customer.GetAsync("/api/v1/credits");
        credits.Dollars("balance").ShouldBe(1m);
        credits.Dollars("held").ShouldBe(0);
        LineItems.ShouldSumToCost(await customer.GenerationAsync(reply));
    }

    private async Task<Op> OpOfAsync(Customer customer, Reply reply)
    {
        await app.NoCallIsOpenAsync();
        await using var scope = app.Services.CreateAsyncScope();
        var ops = await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Op>().AsNoTracking()
            .Where(op => op.UserId == customer.Person.Id).ToListAsync(TestContext.Current.CancellationToken);
        return ops.Single(op => Op.GenerationId(op.Id) == reply.GenerationId);
    }

    private static async Task<System.Text.Json.JsonElement> UntilRefusedAsync(Customer customer)
    {
        for (var i = 0; i < 12; i++)
        {
            if (await customer.ChatAsync(Model) is { Status: not 200 } refused)
            {
                return refused.Failed(402, "insufficient_credits");
            }
        }

        throw new ShouldAssertException("Twelve calls went past the key's limit.");
    }

    private static async Task<decimal> LimitAsync(Customer customer, string name) =>
        (await (await customer.Client.AskAsync("/api/v1/key")).ReadAsync(200)).GetProperty("data").Dollars(name);
}

public sealed class OwnKeysOnSqlite(SqliteGateway app) : OwnKeyTests(app), IClassFixture<SqliteGateway>;

public sealed class OwnKeysOnPostgres(PostgresGateway app) : OwnKeyTests(app), IClassFixture<PostgresGateway>;
