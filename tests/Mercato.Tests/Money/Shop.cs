using System.Text.Json;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Spending;

/// <summary>
/// A server with one paid provider behind it and one customer with money and a key, all made over HTTP. Models are
/// `{Provider}/{script of the fake upstream}`.
/// </summary>
internal sealed class Shop : IDisposable
{
    /// <summary>What the provider charges, in nano-dollars per token.</summary>
    public const long InputNano = 100, OutputNano = 1_000;

    private readonly HttpClient _admin;

    private Shop(Uri address, HttpClient admin, string provider, Guid accountId, string key)
    {
        (_admin, Provider, AccountId, Key) = (admin, provider, accountId, key);
        Customer = new Customer(Loopback.Client(address, key));
    }

    public string Provider { get; }

    public Guid AccountId { get; }

    public string Key { get; }

    public Customer Customer { get; }

    public static async Task<Shop> OpenAsync(Uri address, Uri upstream, Money funds, bool pricesInput)
    {
        using var anonymous = Loopback.Client(address);
        var login = await anonymous.PostAsync("/api/v1/auth/login",
            new { email = MoneySettings.AdminEmail, password = Person.Password });
        var admin = Loopback.Client(address, (await login.ReadAsync(200)).GetProperty("access_token").GetString());
        var provider = "shop" + Guid.NewGuid().ToString("N")[..8];
        await (await admin.PostAsync("/api/v1/admin/providers", new
        {
            id = provider,
            base_url = upstream,
            api_key = "sk-loopback",
            allow_private = true,
            wildcard_models = true,
            default_price = new
            {
                prompt = pricesInput ? new Money(InputNano).ToString() : "0",
                completion = new Money(OutputNano).ToString(),
            },
        })).ReadAsync(201);

        var name = "c" + Guid.NewGuid().ToString("N")[..12];
        var signedUp = await (await anonymous.PostAsync("/api/v1/auth/register",
            new { email = name + "@example.org", username = name, password = Person.Password })).ReadAsync(201);
        using var person = Loopback.Client(address, signedUp.GetProperty("access_token").GetString());
        var key = await (await person.PostAsync("/api/v1/keys", new { name = "spending" })).ReadAsync(201);
        var user = signedUp.GetProperty("user").GetProperty("id").GetGuid();
        await (await admin.PostAsync($"/api/v1/admin/users/{user}/credits",
            new { amount = funds, reason = "for the test", promotional = false })).ReadAsync(200);
        var shown = await (await admin.AskAsync($"/api/v1/admin/users/{user}")).ReadAsync(200);
        return new Shop(address, admin, provider,
            shown.GetProperty("data").GetProperty("account_id").GetGuid(), key.GetProperty("key").GetString()!);
    }

    /// <summary>The same customer at another address: the server was started again.</summary>
    public Customer CustomerAt(Uri address) => new(Loopback.Client(address, Key));

    public async Task<Money> BalanceAsync() => Read(await CreditsAsync(), "balance");

    /// <summary>What `/api/v1/credits` says; balance, held and available must each be 0 or more.</summary>
    public async Task<JsonElement> CreditsAsync()
    {
        var credits = (await (await Customer.Client.AskAsync("/api/v1/credits")).ReadAsync(200)).GetProperty("data");
        foreach (var name in new[] { "balance", "held", "available" })
        {
            Read(credits, name).ShouldBeGreaterThanOrEqualTo(Money.Zero, name);
        }

        return credits;
    }

    public void Dispose()
    {
        Customer.Client.Dispose();
        _admin.Dispose();
    }

    private static Money Read(JsonElement credits, string name) =>
        Money.TryParse(credits.GetProperty(name).GetString(), out var money)
            ? money
            : throw new FormatException($"{name} is no amount.");
}
