using System.Net.Http.Headers;
using Mercato.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mercato.Tests.Hosting;

/// <summary>
/// The real application on a real port, with a database of its own: a copy of a migrated and seeded template, so a
/// test class starts in a moment. Use <see cref="SqliteApp"/> and <see cref="PostgresApp"/> as class fixtures.
/// </summary>
public abstract class MercatoApp(DatabaseKind kind, PostgresCluster cluster) : IAsyncLifetime
{
    private static readonly Dictionary<DatabaseKind, Task<TestDatabase>> Templates = [];

    private readonly Dictionary<string, string?> _settings = new()
    {
        ["urls"] = "http://127.0.0.1:0",
        ["Logging:LogLevel:Default"] = "Warning",
        ["Mercato:MasterKeys:1"] = Convert.ToBase64String(new byte[32]),
        ["Mercato:Accounts:PasswordIterations"] = "1",
    };

    private WebApplication? _app;
    private TestDatabase? _database;

    public DatabaseKind Kind => kind;

    public IServiceProvider Services => _app!.Services;

    /// <summary>The address that the application listens on, without a final slash.</summary>
    public string Address => _app!.Urls.First();

    /// <summary>A client without a credential, base address set.</summary>
    public HttpClient Anonymous { get; private set; } = null!;

    /// <summary>Settings added before the start; override in a fixture of your own.</summary>
    protected virtual void Configure(IDictionary<string, string?> settings)
    {
    }

    /// <summary>Services replaced before the start, such as the clock.</summary>
    protected virtual void ConfigureServices(IServiceCollection services)
    {
    }

    public virtual async ValueTask InitializeAsync()
    {
        _database = await (await TemplateAsync()).CopyAsync(cluster);
        await StartAsync();
    }

    /// <summary>Stops the application as SIGTERM would, and starts it again on the same database.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public HttpClient WithBearer(string token)
    {
        var client = Loopback();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_database is not null)
        {
            await _database.DropAsync(cluster);
        }

        GC.SuppressFinalize(this);
    }

    private HttpClient Loopback() => Fake.Loopback.Client(new Uri(Address));

    private async Task StartAsync()
    {
        _app = Build(_settings, _database!);
        await Program.StartAsync(_app, CancellationToken.None);
        Anonymous = Loopback();
    }

    private async Task StopAsync()
    {
        if (_app is not null)
        {
            Anonymous.Dispose();
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    private WebApplication Build(Dictionary<string, string?> settings, TestDatabase database) =>
        Program.Build([], builder =>
        {
            Configure(settings);
            settings["ConnectionStrings:Mercato"] = database.ConnectionString;
            settings["Mercato:DataDirectory"] = database.Folder;
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(settings);
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            ConfigureServices(builder.Services);
        });

    private Task<TestDatabase> TemplateAsync()
    {
        lock (Templates)
        {
            if (!Templates.TryGetValue(kind, out var template))
            {
                Templates[kind] = template = MakeTemplateAsync();
            }

            return template;
        }
    }

    private async Task<TestDatabase> MakeTemplateAsync()
    {
        var template = await TestDatabase.CreateAsync(kind, cluster);
        await using (var app = Program.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(_settings)
            {
                ["ConnectionStrings:Mercato"] = template.ConnectionString,
                ["Mercato:DataDirectory"] = template.Folder,
            });
        }))
        {
            await Program.StartAsync(app, CancellationToken.None);
            await app.StopAsync();
        }

        Npgsql.NpgsqlConnection.ClearAllPools();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return template;
    }
}

public class SqliteApp(PostgresCluster cluster) : MercatoApp(DatabaseKind.Sqlite, cluster);

public class PostgresApp(PostgresCluster cluster) : MercatoApp(DatabaseKind.Postgres, cluster);
