using Mercato.Data;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Gateway;

/// <summary>
/// The gateway with hosts that make vectors and pictures: Mistral, Cohere, Google and Voyage, and the wildcard providers
/// `studio`, which sells a picture at $0.04, and `cellar`, an Ollama spoken to in its own dialect.
/// </summary>
public abstract class OtherKindsApp(DatabaseKind kind, PostgresCluster cluster) : GatewayApp(kind, cluster)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AddAsync("studio", "openai-chat", Upstream.Address, "0.04");
        await AddAsync("cellar", "ollama", Upstream.Root, null);
    }

    protected override void Configure(IDictionary<string, string?> settings)
    {
        base.Configure(settings);
        foreach (var (id, variable, address) in new[]
        {
            ("mistral", "MISTRAL_API_KEY", Upstream.Address), ("cohere", "COHERE_API_KEY", Upstream.Root),
            ("google", "GEMINI_API_KEY", Upstream.Root), ("voyage", "VOYAGE_API_KEY", Upstream.Address),
        })
        {
            settings[variable] = "sk-operator-" + id;
            settings[$"Mercato:Providers:{id}:BaseUrl"] = address.AbsoluteUri;
            settings[$"Mercato:Providers:{id}:AllowPrivate"] = "true";
        }
    }

    private async Task AddAsync(string id, string dialect, Uri address, string? image) =>
        await (await Admin.Client.PostAsync("/api/v1/admin/providers", new
        {
            id,
            name = id,
            dialect,
            base_url = address.AbsoluteUri,
            allow_private = true,
            wildcard_models = true,
            default_price = new { prompt = "0.000001", completion = "0.000002", image },
        })).ReadAsync(201);
}

public sealed class SqliteOtherKinds(PostgresCluster cluster) : OtherKindsApp(DatabaseKind.Sqlite, cluster);

public sealed class PostgresOtherKinds(PostgresCluster cluster) : OtherKindsApp(DatabaseKind.Postgres, cluster);
