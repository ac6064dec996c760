using System.Text.Json;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>
/// The application with providers that are fakes: OpenAI and Groq answer any model, Together AI takes the operator's
/// key only, and the wildcard provider `lab` sells any script. Waits are short, so that a silent provider is soon given up.
/// </summary>
public abstract class GatewayApp(DatabaseKind kind, PostgresCluster cluster) : MercatoApp(kind, cluster)
{
    public const string TogetherKey = "sk-operator-together-1";

    private const string AdminEmail = "root@example.org";

    /// <summary>Answers for OpenAI, Groq and the wildcard provider.</summary>
    public FakeUpstream Upstream { get; private set; } = null!;

    /// <summary>Answers for Together AI.</summary>
    public FakeUpstream Together { get; private set; } = null!;

    public Person Admin { get; private set; } = null!;

    /// <summary>Somebody with $5 and an API key.</summary>
    public Customer Customer { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Upstream = await FakeUpstream.StartAsync();
        Together = await FakeUpstream.StartAsync(new FakeUpstreamOptions { ApiKey = TogetherKey });
        Upstream.Alias("*", "fake-ok;in=20;out=10");
        Together.Alias("*", "fake-ok;in=20;out=10");
        await base.InitializeAsync();
        Admin = await Person.SignInAsync(this, AdminEmail);
        await AddProviderAsync("lab", Upstream.Address);
        Customer = await CustomerAsync("5");
    }

    /// <summary>A wildcard provider at $1 and $2 per million tokens.</summary>
    public async Task AddProviderAsync(
        string id, Uri address, bool allowPrivate = true, string dialect = "openai-chat") =>
        await (await Admin.Client.PostAsync("/api/v1/admin/providers", new
        {
            id,
            name = id,
            dialect,
            base_url = address.AbsoluteUri,
            api_key = "sk-operator-" + id,
            allow_private = allowPrivate,
            wildcard_models = true,
            default_price = new { prompt = "0.000001", completion = "0.000002" },
        })).ReadAsync(201);

    /// <summary>Somebody new with credits and an API key.</summary>
    public async Task<Customer> CustomerAsync(string credits, object? key = null)
    {
        var person = await Person.SignUpAsync(this);
        if (credits != "0")
        {
            await (await Admin.Client.PostAsync($"/api/v1/admin/users/{person.Id}/credits",
                new { amount = credits, reason = "test" })).ReadAsync(200);
        }

        return await Customer.WithKeyAsync(this, person, key ?? new { name = "test" });
    }

    /// <summary>Waits until no call is open; it fails when one stays so for five seconds.</summary>
    public async Task NoCallIsOpenAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        while (await CountOpenAsync(patience.Token) > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Upstream.DisposeAsync();
        await Together.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(IDictionary<string, string?> settings)
    {
        settings["MERCATO_ADMIN_EMAIL"] = AdminEmail;
        settings["MERCATO_ADMIN_PASSWORD"] = Person.Password;
        settings["OPENAI_API_KEY"] = "sk-operator-openai-1";
        settings["GROQ_API_KEY"] = "sk-operator-groq-1";
        settings["TOGETHER_API_KEY"] = TogetherKey;
        foreach (var (id, upstream) in new[] { ("openai", Upstream), ("groq", Upstream), ("togetherai", Together) })
        {
            settings[$"Mercato:Providers:{id}:BaseUrl"] = upstream.Address.AbsoluteUri;
            settings[$"Mercato:Providers:{id}:AllowPrivate"] = "true";
        }

        settings["Mercato:Gateway:FirstByte"] = "00:00:02";
        settings["Mercato:Gateway:BetweenBytes"] = "00:00:02";
        settings["Mercato:Gateway:OnlyHeartbeats"] = "00:00:02";
        settings["Mercato:Ledger:WaitForOwnHolds"] = "00:00:00";
    }

    private async Task<int> CountOpenAsync(CancellationToken cancellationToken)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Op>()
            .CountAsync(op => op.State == OpState.Open, cancellationToken);
    }
}

public sealed class SqliteGateway(PostgresCluster cluster) : GatewayApp(DatabaseKind.Sqlite, cluster);

public sealed class PostgresGateway(PostgresCluster cluster) : GatewayApp(DatabaseKind.Postgres, cluster);

/// <summary>Somebody who calls models with an API key.</summary>
public sealed record Customer(Person Person, string Key, string KeyHash, HttpClient Client)
{
    public static async Task<Customer> WithKeyAsync(MercatoApp app, Person person, object key)
    {
        var made = await (await person.Client.PostAsync("/api/v1/keys", key)).ReadAsync(201);
        var secret = made.GetProperty("key").GetString()!;
        return new Customer(
            person, secret, made.GetProperty("data").GetProperty("hash").GetString()!, app.WithBearer(secret));
    }

    /// <summary>Calls a model; more members replace or join the usual ones.</summary>
    public Task<Reply> ChatAsync(string model, bool stream = false, object? more = null, string prefix = "/v1")
    {
        var body = new Dictionary<string, object?>
        {
            ["model"] = model,
            ["messages"] = new[] { new { role = "user", content = "Say something." } },
            ["max_tokens"] = 50,
        };
        if (stream)
        {
            body["stream"] = true;
        }

        foreach (var property in more?.GetType().GetProperties() ?? [])
        {
            body[property.Name] = property.GetValue(more);
        }

        return Reply.PostAsync(Client, prefix + "/chat/completions", JsonSerializer.Serialize(body));
    }

    public Task<Reply> EmbedAsync(string model, object members, string prefix = "/v1") =>
        PostAsync(prefix + "/embeddings", model, members);

    public Task<Reply> DrawAsync(string model, object members, string prefix = "/v1") =>
        PostAsync(prefix + "/images/generations", model, members);

    public async Task<JsonElement> GetAsync(string path) =>
        (await (await Person.Client.AskAsync(path)).ReadAsync(200)).GetProperty("data");

    public Task<JsonElement> GenerationAsync(Reply reply) => GetAsync("/api/v1/generation?id=" + reply.GenerationId);

    public async Task<decimal> BalanceAsync() =>
        (await GetAsync("/api/v1/credits")).GetProperty("balance").Dollars();

    private Task<Reply> PostAsync(string path, string model, object members)
    {
        var body = members.GetType().GetProperties().ToDictionary(member => member.Name, member => member.GetValue(members));
        body["model"] = model;
        return Reply.PostAsync(Client, path, JsonSerializer.Serialize(body));
    }
}
