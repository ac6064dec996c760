using System.Net;
using System.Net.Http.Json;
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
}

public sealed class OffersOnSqlite(SqliteGateway app) : OfferTests(app), IClassFixture<SqliteGateway>;

public sealed class OffersOnPostgres(PostgresGateway app) : OfferTests(app), IClassFixture<PostgresGateway>;
