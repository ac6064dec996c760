using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mercato.Data;

public static class DataModule
{
    public static void AddData(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => Database.From(builder.Configuration));
        services.AddSingleton(provider =>
            KeyRing.Load(builder.Configuration, provider.GetRequiredService<Database>().Kind));
        if (Database.From(builder.Configuration).IsPostgres)
        {
            services.AddDbContext<MercatoContext, PostgresContext>((provider, options) =>
                options.UseNpgsql(provider.GetRequiredService<Database>().Postgres).ConfigureWarnings(Quieten));
        }
        else
        {
            services.AddDbContext<MercatoContext, SqliteContext>((provider, options) =>
            {
                var database = provider.GetRequiredService<Database>();
                options.UseSqlite(database.ConnectionString).ConfigureWarnings(Quieten).AddInterceptors(database.Turns!);
            });
        }

        services.Configure<IdentityOptions>(MercatoContext.UseSchema);
        services.AddSingleton<DatabaseStart>();
        services.AddSingleton<SnapshotWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<SnapshotWatch>());

        services.AddDataProtection().SetApplicationName("mercato");
        services.AddSingleton<SealedKeyStore>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
            new ConfigureOptions<KeyManagementOptions>(options =>
                options.XmlRepository = provider.GetRequiredService<SealedKeyStore>()));
    }

    /// <summary>
    /// A change of the model without its migration is found by a test (ModelTests); to look for one at the first start
    /// too would build the whole model once more.
    /// </summary>
    private static void Quieten(WarningsConfigurationBuilder warnings) =>
        warnings.Ignore(RelationalEventId.PendingModelChangesWarning);

    /// <summary>Registers a snapshot that is loaded before the server listens and follows its topic.</summary>
    public static void AddSnapshot<T>(
        this IServiceCollection services, string topic, Func<IServiceProvider, CancellationToken, Task<T>> load)
        where T : class
    {
        services.AddSingleton(provider =>
            new Snapshot<T>(topic, provider.GetRequiredService<IServiceScopeFactory>(), load));
        services.AddSingleton<ISnapshot>(provider => provider.GetRequiredService<Snapshot<T>>());
    }

    /// <summary>Migrates before anything is served. Runs once, in Program.</summary>
    public static async Task StartDataAsync(this WebApplication app, CancellationToken cancellationToken)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await app.Services.GetRequiredService<DatabaseStart>()
            .RunAsync(scope.ServiceProvider.GetRequiredService<MercatoContext>(), cancellationToken);
    }

    /// <summary>Loads every snapshot; after the modules' own start-up writes, before the server listens.</summary>
    public static Task LoadSnapshotsAsync(this WebApplication app, CancellationToken cancellationToken) =>
        app.Services.GetRequiredService<SnapshotWatch>().LoadAllAsync(cancellationToken);
}
