using System.Collections.Concurrent;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mercato.Tests.Gateway;

/// <summary>A gateway with a wildcard provider for each dialect that hosts speak, all of them the fake; it remembers what is logged.</summary>
public abstract class FaultApp(DatabaseKind kind, PostgresCluster cluster) : GatewayApp(kind, cluster)
{
    public static readonly IReadOnlyList<string> HostDialects =
        ["openai-chat", "openai-responses", "anthropic", "gemini", "cohere", "ollama"];

    private readonly Heard _heard = new();

    /// <summary>Errors and exceptions in the log so far, which nothing that a provider does may cause.</summary>
    public IReadOnlyCollection<string> Troubles => _heard.Troubles;

    /// <summary>A host that nothing but the control streams ask.</summary>
    private FakeUpstream _calm = null!;

    public override async ValueTask InitializeAsync()
    {
        _calm = await FakeUpstream.StartAsync();
        await base.InitializeAsync();
        foreach (var dialect in HostDialects)
        {
            await AddAsync("on-", Upstream, dialect);
            await AddAsync("calm-", _calm, dialect);
        }
    }

    /// <summary>The name of a script as a model of a host that speaks the dialect.</summary>
    public static string ModelOn(string dialect, string script) => $"on-{dialect}/{script}";

    /// <summary>The same at a host that does not misbehave to others.</summary>
    public static string CalmModelOn(string dialect, string script) => $"calm-{dialect}/{script}";

    /// <summary>All calls of a customer, as the books have them.</summary>
    public async Task<List<Op>> OpsOfAsync(Customer customer)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Op>().AsNoTracking()
            .Where(op => op.UserId == customer.Person.Id).ToListAsync(TestContext.Current.CancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _calm.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(IDictionary<string, string?> settings)
    {
        base.Configure(settings);
        // Shorter than the time-outs, so that some failures come after the status has gone out.
        settings["Mercato:Gateway:KeepAlive"] = "00:00:01";
        // A busy machine may keep a healthy stream waiting for a second or two, which is not its provider's silence.
        settings["Mercato:Gateway:BetweenBytes"] = "00:00:05";
    }

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<ILoggerProvider>(_heard);

    private Task AddAsync(string prefix, FakeUpstream host, string dialect) => AddProviderAsync(
        prefix + dialect, dialect.StartsWith("openai", StringComparison.Ordinal) ? host.Address : host.Root,
        dialect: dialect);

    private sealed class Heard : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Troubles { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error || exception is not null)
            {
                Troubles.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
            // Nothing is held: what was heard is read after the end.
        }
    }
}

public sealed class SqliteFaults(PostgresCluster cluster) : FaultApp(DatabaseKind.Sqlite, cluster);

public sealed class PostgresFaults(PostgresCluster cluster) : FaultApp(DatabaseKind.Postgres, cluster);
