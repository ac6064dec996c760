using System.Collections.Concurrent;
using System.Data.Common;
using Mercato.Data;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mercato.Tests.Auditing;

/// <summary>The application with an administrator, whose errors are heard.</summary>
public sealed class AuditSqliteApp(PostgresCluster cluster) : SqliteApp(cluster), IAuditApp
{
    public ErrorLog Errors { get; } = new();

    protected override void Configure(IDictionary<string, string?> settings) => MoneySettings.AddTo(settings);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Damage.KeepJobOffAsync(this);
    }

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<ILoggerProvider>(Errors);
}

public sealed class AuditPostgresApp(PostgresCluster cluster) : PostgresApp(cluster), IAuditApp
{
    public ErrorLog Errors { get; } = new();

    protected override void Configure(IDictionary<string, string?> settings) => MoneySettings.AddTo(settings);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Damage.KeepJobOffAsync(this);
    }

    protected override void ConfigureServices(IServiceCollection services) =>
        services.AddSingleton<ILoggerProvider>(Errors);
}

public interface IAuditApp
{
    ErrorLog Errors { get; }
}

public sealed class ErrorLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}

/// <summary>Does to the tables what no code of ours does.</summary>
internal static class Damage
{
    /// <summary>What the databases themselves would refuse.</summary>
    private static readonly string[] Checks =
    [
        "wallets ck_wallets_no_debt", "wallets ck_wallets_promotional", "budgets ck_budgets_held",
        "leases ck_leases_outstanding", "ops ck_ops_within_bound",
    ];

    private static readonly string[] Indexes =
        ["ix_entries_account_id_op_id_kind", "ix_entries_source_event_id", "ix_entries_account_id_reversal_of"];

    /// <summary>A test says itself when the audit's job runs: its lease is as if another node's never ended.</summary>
    public static Task KeepJobOffAsync(MercatoApp app) => EditAsync(app,
        """
        INSERT INTO jobs (name, lease_ends_at) VALUES ('ledger-audit', 9000000000000000)
        ON CONFLICT (name) DO UPDATE SET lease_ends_at = excluded.lease_ends_at
        """);

    /// <summary>An edit that the databases allow.</summary>
    public static async Task EditAsync(MercatoApp app, string sql)
    {
        await using var connection = await Books.Of(app).OpenAsync();
        (await ExecuteAsync(connection, sql)).ShouldBeGreaterThan(0, "nothing was edited");
    }

    /// <summary>An edit that they would refuse.</summary>
    public static async Task PlantAsync(MercatoApp app, string sql)
    {
        await using var connection = await Books.Of(app).OpenAsync();
        if (app.Kind == DatabaseKind.Sqlite)
        {
            await ExecuteAsync(connection, "PRAGMA ignore_check_constraints = ON");
        }
        else
        {
            foreach (var check in Checks.Select(check => check.Split(' ')))
            {
                await ExecuteAsync(connection, $"ALTER TABLE {check[0]} DROP CONSTRAINT IF EXISTS {check[1]}");
            }
        }

        foreach (var index in Indexes)
        {
            await ExecuteAsync(connection, $"DROP INDEX IF EXISTS {index}");
        }

        (await ExecuteAsync(connection, sql)).ShouldBeGreaterThan(0, "nothing was damaged");
    }

    private static async Task<int> ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
