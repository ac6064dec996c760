using Mercato.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Accounts;

/// <summary>The system's clock, moved ahead by a test. Timers keep their real pace.</summary>
public sealed class MovedClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}

public sealed class ClockedSqliteApp(PostgresCluster cluster) : SqliteApp(cluster), IClocked
{
    public MovedClock Clock { get; } = new();

    public MercatoApp App => this;

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<TimeProvider>(Clock);
}

public sealed class ClockedPostgresApp(PostgresCluster cluster) : PostgresApp(cluster), IClocked
{
    public MovedClock Clock { get; } = new();

    public MercatoApp App => this;

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<TimeProvider>(Clock);
}

/// <summary>An application whose clock a test moves.</summary>
public interface IClocked
{
    MovedClock Clock { get; }

    MercatoApp App { get; }
}
