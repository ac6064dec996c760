using System.Net;
using System.Net.Http.Json;
using Mercato.Tests.Accounts;
using Mercato.Tests.Gateway;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Admin;

/// <summary>What operators decide about offers of the catalog.</summary>
public abstract class OfferTests(GatewayApp app)
{
    private const string Offer = "/api/v1/admin/offers/togetherai/google/gemma-3n-E4B-it", Model = "google/gemma-3n-e4b";

    [Fact]
    public async Task DisputedPrice_NotSoldUntilAccepted()
    {
        app.Together.Alias("google/gemma-3n-E4B-it", "fake-ok;in=10;out=10");
        var customer = await app.CustomerAsync("5");
        (await customer.ChatAsync(Model)).Failed(404, "model_not_found");

        var accepted = await app.Admin.Client.PatchAsJsonAsync(Offer, new { accept_price = true }, TestContext.Current.CancellationToken);

        accepted.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await customer.ChatAsync(Model)).Succeeded();
        var again = await app.Admin.Client.PatchAsJsonAsync(Offer, new { accept_price = true }, TestContext.Current.CancellationToken);
        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task EnteredPrice_SellsFromNowOnAndLeavesOlderBillsAlone()
    {
        const string id = "groq/openai/gpt-oss-120b", model = "openai/gpt-oss-120b";
        app.Upstream.Alias("openai/gpt-oss-120b", "fake-ok;in=100;out=50");
        var customer = await app.CustomerAsync("5");
        var only = new { provider = new { only = new[] { "groq" } } };
        var before = (await customer.ChatAsync(model, more: only)).Succeeded();

        var entered = await (await EnterAsync(id, new { price = new { prompt = "0.0000003", completion = "0.0000012" } })).ReadAsync(201);

        var after = (await customer.ChatAsync(model, more: only)).Succeeded();
        var bill = await customer.GenerationAsync(after);
        bill.GetProperty("price_version").GetString().ShouldBe(entered.GetProperty("data").GetProperty("id").GetString());
        bill.Dollars("total_cost").ShouldBe(0.00009m);
        (await customer.GenerationAsync(before)).Dollars("total_cost").ShouldBe(before.Usage.Dollars("cost"));
    }

    [Theory]
    [InlineData("0.00002", "0.00001", 409)]
    [InlineData("0.0000000001", "0.0000008", 409)]
    [InlineData("0", "0", 409)]
    [InlineData("0.01", "0.0000008", 400)]
    [InlineData("-0.000001", "0.0000008", 400)]
    [InlineData("1e309", "0.0000008", 400)]
    [InlineData("0.0000000000001", "0.0000008", 400)]
    [InlineData("NaN", "0.0000008", 400)]
    [InlineData("0.0000006", null, 400)]
    public async Task PriceThatMustBeASlip_Refused(string prompt, string? completion, int status)
    {
        const string id = "openai/gpt-4o-mini";

        var refused = await EnterAsync(id, new { price = new { prompt, completion } });

        ((int)refused.StatusCode).ShouldBe(status);
        if (status == 409)
        {
            (await refused.RefusedAsync(409, "price-jump")).GetProperty("detail").GetString()!.ShouldContain("confirm");
        }
    }

    [Fact]
    public async Task JumpThatIsMeant_TakenWithConfirmation()
    {
        await (await EnterAsync("openai/gpt-4o", new
        {
            price = new { prompt = "0", completion = "0" }, confirm = true, effective_from = "2099-01-01T00:00:00Z",
        })).ReadAsync(201);

        await (await EnterAsync("openai/gpt-4o", new
        {
            price = new { prompt = "0.0000025", completion = "0.00001" }, effective_from = "2020-01-01T00:00:00Z",
        })).RefusedAsync(400, "invalid-request");
        await (await EnterAsync("openai/none-such", new { price = new { prompt = "0", completion = "0" } }))
            .RefusedAsync(404, "not-found");
    }

    private Task<HttpResponseMessage> EnterAsync(string offer, object body) => app.Admin.Client.PostAsJsonAsync(
        $"/api/v1/admin/offers/{offer}/prices", body, TestContext.Current.CancellationToken);
}

public sealed class OffersOnSqlite(SqliteGateway app) : OfferTests(app), IClassFixture<SqliteGateway>;

public sealed class OffersOnPostgres(PostgresGateway app) : OfferTests(app), IClassFixture<PostgresGateway>;
