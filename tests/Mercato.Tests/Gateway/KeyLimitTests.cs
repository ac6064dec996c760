using System.Text;
using System.Text.Json;
using Mercato.Fake;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>
/// What a call learns that its API key's limit does not cover: 402 when the money is not there, 429 when calls that
/// still run hold it. Prices are $1 and $2 per million tokens.
/// </summary>
public abstract class KeyLimitTests(GatewayApp app)
{
    private const string Model = "lab/fake-ok;in=20;out=10";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LimitTooSmall_PaymentRequiredWithFigures()
    {
        var customer = await app.CustomerAsync("1", new { name = "small", limit = "0.001" });

        var error = (await customer.ChatAsync(Model, more: new { max_tokens = 5_000 })).Failed(402, "insufficient_credits");

        var metadata = error.GetProperty("metadata");
        metadata.Text("limit_source").ShouldBe("key");
        metadata.Dollars("available").ShouldBe(0.001m);
        metadata.Dollars("held").ShouldBe(0);
        metadata.Dollars("required").ShouldBeInRange(0.01m, 0.0111m);
        var affordable = metadata.GetProperty("affordable_max_tokens").GetInt64();
        error.Text("message").ShouldContain($"this API key's limit leaves $0.001. Lower max_tokens to <= {affordable} or raise the limit.");
        (await customer.ChatAsync(Model, more: new { max_tokens = affordable + 1 })).Failed(402, "insufficient_credits");
        (await customer.ChatAsync(Model, more: new { max_tokens = affordable })).Succeeded();
    }

    [Fact]
    public async Task RunningCallHoldsTheLimit_TryAgainSoon()
    {
        app.Upstream.Reset();
        var customer = await app.CustomerAsync("1", new { name = "busy", limit = "0.001" });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var running = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        running.Content = new StringContent(JsonSerializer.Serialize(new
        {
            model = "lab/fake-ok;in=20;out=10;hang-after-headers",
            messages = new[] { new { role = "user", content = "Say something." } },
            max_tokens = 300,
            stream = true,
        }), Encoding.UTF8, "application/json");
        var first = customer.Client.SendAsync(running, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
        await app.Upstream.Journal.WaitForCallAsync(call => call.Model!.Contains("hang", StringComparison.Ordinal), Token);

        var error = (await customer.ChatAsync(Model, more: new { max_tokens = 300 }))
            .Failed(429, "in_flight_budget_exhausted");

        var metadata = error.GetProperty("metadata");
        metadata.Text("limit_source").ShouldBe("key");
        metadata.Dollars("held").ShouldBeGreaterThan(0.0006m);
        (metadata.Dollars("available") + metadata.Dollars("held")).ShouldBe(0.001m);
        metadata.Dollars("required").ShouldBeGreaterThan(metadata.Dollars("available"));
        error.Text("message").ShouldContain("more is held by running calls");

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await app.NoCallIsOpenAsync();
        (await customer.ChatAsync(Model, more: new { max_tokens = 300 })).Succeeded();
    }

    [Fact]
    public async Task WalletAndLimitBothTooSmall_TheWalletIsNamed()
    {
        var customer = await app.CustomerAsync("0.0001", new { name = "both", limit = "0.0002" });

        var error = (await customer.ChatAsync(Model, more: new { max_tokens = 5_000 })).Failed(402, "insufficient_credits");

        error.GetProperty("metadata").Text("limit_source").ShouldBe("wallet");
        error.GetProperty("metadata").Dollars("available").ShouldBe(0.0001m);
    }
}

public sealed class KeyLimitsOnSqlite(SqliteGateway app) : KeyLimitTests(app), IClassFixture<SqliteGateway>;

public sealed class KeyLimitsOnPostgres(PostgresGateway app) : KeyLimitTests(app), IClassFixture<PostgresGateway>;
