using Mercato.Data;
using Mercato.Fake;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>
/// A gateway whose clock a test moves, with hosts of other dialects (Anthropic, Google, Cohere) and two more that sell
/// models which Together AI sells too (Fireworks AI, DeepInfra).
/// </summary>
public abstract class ManyHostsApp(DatabaseKind kind, PostgresCluster cluster) : GatewayApp(kind, cluster)
{
    public const string Usual = "fake-ok;in=20;out=10";

    /// <summary>How long turns of the Responses API are kept here.</summary>
    public static readonly TimeSpan Keeps = TimeSpan.FromMinutes(5);

    /// <summary>Answers for Anthropic, Google and Cohere.</summary>
    public FakeUpstream Labs { get; private set; } = null!;

    /// <summary>Answers for Fireworks AI and DeepInfra.</summary>
    public FakeUpstream Clouds { get; private set; } = null!;

    public MovedClock Clock { get; } = new();

    public override async ValueTask InitializeAsync()
    {
        Labs = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Host = "labs" });
        Clouds = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Host = "clouds" });
        Labs.Alias("*", Usual);
        Clouds.Alias("*", Usual);
        await base.InitializeAsync();
    }

    private IReadOnlyList<FakeUpstream> Fakes => [Upstream, Together, Labs, Clouds];

    /// <summary>All fakes answer any name as usual again.</summary>
    public void AnswerAsUsual()
    {
        foreach (var upstream in Fakes)
        {
            upstream.Alias("*", Usual);
        }
    }

    /// <summary>The same, and their journals are empty.</summary>
    public void Reset()
    {
        AnswerAsUsual();
        foreach (var upstream in Fakes)
        {
            upstream.Reset();
        }
    }

    /// <summary>How many calls all fakes have seen.</summary>
    public int CountCalls() => Fakes.Sum(upstream => upstream.Journal.Calls.Count);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Labs.DisposeAsync();
        await Clouds.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(IDictionary<string, string?> settings)
    {
        base.Configure(settings);
        foreach (var (id, variable, address) in new[]
        {
            ("anthropic", "ANTHROPIC_API_KEY", Labs.Root),
            ("google", "GEMINI_API_KEY", Labs.Root),
            ("cohere", "COHERE_API_KEY", Labs.Root),
            ("fireworks-ai", "FIREWORKS_API_KEY", Clouds.Address),
            ("deepinfra", "DEEPINFRA_API_KEY", Clouds.Address),
        })
        {
            settings[variable] = "sk-operator-" + id;
            settings[$"Mercato:Providers:{id}:BaseUrl"] = address.AbsoluteUri;
            settings[$"Mercato:Providers:{id}:AllowPrivate"] = "true";
        }

        settings["Mercato:Gateway:KeepResponses"] = Keeps.ToString();
        // Tests move the clock by minutes; nobody is to be signed out by that.
        settings["Mercato:Accounts:AccessTokenLifetime"] = "23:00:00";
    }

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<TimeProvider>(Clock);
}

public sealed class SqliteManyHosts(PostgresCluster cluster) : ManyHostsApp(DatabaseKind.Sqlite, cluster);

public sealed class PostgresManyHosts(PostgresCluster cluster) : ManyHostsApp(DatabaseKind.Postgres, cluster);
