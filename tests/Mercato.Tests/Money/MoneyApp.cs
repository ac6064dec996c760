using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>The application with an administrator, and little patience for an account's own holds.</summary>
public sealed class MoneySqliteApp(PostgresCluster cluster) : SqliteApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) => MoneySettings.AddTo(settings);
}

public sealed class MoneyPostgresApp(PostgresCluster cluster) : PostgresApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) => MoneySettings.AddTo(settings);
}

internal static class MoneySettings
{
    public const string AdminEmail = "operator@example.org";

    public static void AddTo(IDictionary<string, string?> settings)
    {
        settings["MERCATO_ADMIN_EMAIL"] = AdminEmail;
        settings["MERCATO_ADMIN_PASSWORD"] = Person.Password;
        // A caller who waits for holds of its own to end says 429 soon, so that a crowd does not queue for seconds.
        settings["Mercato:Ledger:WaitForOwnHolds"] = "00:00:00.1";
    }
}
