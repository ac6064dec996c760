using System.Text.Json;
using Mercato.Hosting;
using Mercato.Tests.Accounts;
using Mercato.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Admin;

/// <summary>Whatever an administrator changes is written down: who, what, on what, and never a secret.</summary>
public abstract class AuditTests(GatewayApp app)
{
    private const string Secret = "sk-operator-never-shown", Offer = "togetherai/google/gemma-3n-E4B-it";

    private static object Price => new { prompt = "0.000001", completion = "0.000002" };

    [Fact]
    public async Task EveryChange_IsWrittenDown()
    {
        var person = await Person.SignUpAsync(app);
        var user = $"/api/v1/admin/users/{person.Id}";
        const string provider = "/api/v1/admin/providers/audited";
        var known = (await ListAsync()).Select(entry => entry.GetProperty("id").GetGuid()).ToHashSet();

        await ChangeAsync(HttpMethod.Post, "/api/v1/admin/providers", new
        {
            id = "audited", base_url = "https://audited.example/v1", api_key = Secret, wildcard_models = true,
            default_price = Price,
        });
        await ChangeAsync(HttpMethod.Patch, provider, new { name = "Audited", api_key = Secret });
        await ChangeAsync(HttpMethod.Delete, provider, null);
        await ChangeAsync(HttpMethod.Patch, "/api/v1/admin/offers/" + Offer, new { markup_bps = 100 });
        await ChangeAsync(HttpMethod.Post, user + "/credits", new { amount = "1.5", reason = "sorry", promotional = true });
        await ChangeAsync(HttpMethod.Post, user + "/reset-link", new { });
        await ChangeAsync(HttpMethod.Patch, user, new { disabled = true });
        await ChangeAsync(HttpMethod.Patch, user, new { is_admin = true });

        var written = (await ListAsync()).Where(entry => !known.Contains(entry.GetProperty("id").GetGuid())).ToList();
        written.Select(entry => (entry.Text("action"), entry.Text("target"))).ShouldBe(
        [
            ("provider.create", "audited"), ("provider.change", "audited"), ("provider.delete", "audited"),
            ("offer.change", Offer), ("user.credits", person.Id.ToString()), ("user.reset-link", person.Id.ToString()),
            ("user.disable", person.Id.ToString()), ("user.role", person.Id.ToString()),
        ], ignoreOrder: true);
        written.ShouldAllBe(entry => entry.GetProperty("actor_id").GetGuid() == app.Admin.Id);
        string.Concat(written).ShouldNotContain(Secret);
        string.Concat(written).ShouldContain("sorry");
    }

    [Fact]
    public async Task RefusedChange_IsNotWrittenDown()
    {
        var before = (await ListAsync()).Count;

        await (await SendAsync(HttpMethod.Post, "/api/v1/admin/providers",
            new { id = "refused", base_url = "ftp://refused.example" })).RefusedAsync(400, "invalid-request");
        await (await SendAsync(HttpMethod.Patch, "/api/v1/admin/offers/" + Offer, new { markup_bps = -1 }))
            .RefusedAsync(400, "invalid-request");
        await (await SendAsync(HttpMethod.Post, $"/api/v1/admin/users/{Guid.NewGuid()}/credits",
            new { amount = "1", reason = "nobody", promotional = false })).RefusedAsync(404, "not-found");

        (await ListAsync()).Count.ShouldBe(before);
    }

    /// <summary>Who adds a change adds it to <see cref="EveryChange_IsWrittenDown"/> too. The audit and a provider's test change nothing.</summary>
    [Fact]
    public void ChangesOfOperators_AreThoseThatTheTestMakes() =>
        app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => EndpointClasses.ClassOf(endpoint) == EndpointClass.Admin)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [],
                (endpoint, method) => $"{method} {endpoint.RoutePattern.RawText?.TrimEnd('/')}")
            .Where(route => !route.StartsWith("GET ", StringComparison.Ordinal))
            .Order().ShouldBe(
            [
                "DELETE /api/v1/admin/providers/{id}", "PATCH /api/v1/admin/offers/{**id}",
                "PATCH /api/v1/admin/providers/{id}", "PATCH /api/v1/admin/users/{id:guid}",
                "POST /admin/ledger", "POST /api/v1/admin/ledger/audit", "POST /api/v1/admin/offers/{**id}",
                "POST /api/v1/admin/providers", "POST /api/v1/admin/providers/{id}/test",
                "POST /api/v1/admin/users/{id:guid}/credits", "POST /api/v1/admin/users/{id:guid}/reset-link",
            ]);

    [Theory]
    [InlineData("""{"prompt":"0.000001"}""")]
    [InlineData("""{"prompt":"0.000001","completion":null}""")]
    [InlineData("""{"completion":"0.000001"}""")]
    [InlineData("""{}""")]
    [InlineData("null")]
    public async Task DefaultPriceThatLeavesSomethingOut_Refused(string price)
    {
        var request = new
        {
            id = "half-priced", base_url = "https://half.example/v1", wildcard_models = true,
            default_price = JsonSerializer.Deserialize<JsonElement>(price),
        };

        var problem = await (await SendAsync(HttpMethod.Post, "/api/v1/admin/providers", request))
            .RefusedAsync(400, "invalid-request");

        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe("default_price");
        await (await app.Admin.Client.AskAsync("/api/v1/admin/providers/half-priced")).RefusedAsync(404, "not-found");
        if (price != "null")
        {
            await (await SendAsync(HttpMethod.Patch, "/api/v1/admin/providers/lab", new { request.default_price }))
                .RefusedAsync(400, "invalid-request");
            (await app.Customer.ChatAsync("lab/fake-ok;in=20;out=10", prefix: "/api/v1")).Succeeded()
                .Usage.Dollars("cost").ShouldBe(0.00004m);
        }
    }

    private async Task<List<JsonElement>> ListAsync() =>
        [.. (await (await app.Admin.Client.AskAsync("/api/v1/admin/audit-log?limit=200")).ReadAsync(200))
            .GetProperty("data").EnumerateArray()];

    private async Task ChangeAsync(HttpMethod method, string path, object? body)
    {
        var answer = await SendAsync(method, path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(
            $"{method} {path}: " + await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : System.Net.Http.Json.JsonContent.Create(body);
        return await app.Admin.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

public sealed class AuditOnSqlite(SqliteGateway app) : AuditTests(app), IClassFixture<SqliteGateway>;

public sealed class AuditOnPostgres(PostgresGateway app) : AuditTests(app), IClassFixture<PostgresGateway>;
