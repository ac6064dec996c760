using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Mercato.Data;

/// <summary>
/// Brings the database to this version before anything is served. Two nodes may start at once: on PostgreSQL an
/// advisory lock lets one migrate, on SQLite the lock file lets only one process serve at all.
/// </summary>
internal sealed partial class DatabaseStart(Database database, ILogger<DatabaseStart> log)
    : IDisposable
{
    private const long MigrationLock = 0x4D65726361746F;

    private FileStream? _lockFile;

    public async Task RunAsync(MercatoContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (database.IsPostgres)
            {
                await MigratePostgresAsync(context, cancellationToken);
            }
            else
            {
                HoldLockFile();
                await MigrateSqliteAsync(context, cancellationToken);
            }
        }
        catch (Exception problem) when (problem is DbException or InvalidOperationException or TimeoutException)
        {
            var pending = await PendingAsync(context);
            throw new StartupException(
                $"The database could not be brought up to date ({pending}): {problem.GetBaseException().Message} "
                + "Nothing was served. Mend the cause or restore the backup, then start again.", problem);
        }
    }

    public void Dispose() => _lockFile?.Dispose();

    private static async Task<string> PendingAsync(MercatoContext context)
    {
        try
        {
            var pending = await context.Database.GetPendingMigrationsAsync();
            return "pending: " + string.Join(", ", pending.DefaultIfEmpty("none"));
        }
        catch (Exception problem) when (problem is DbException or InvalidOperationException)
        {
            return "the database did not answer";
        }
    }

    private async Task MigratePostgresAsync(MercatoContext context, CancellationToken cancellationToken)
    {
        await using var connection = await database.Postgres.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({MigrationLock})", cancellationToken);
        await ApplyAsync(context, cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({MigrationLock})", cancellationToken);
        // Types that a migration has just made are unknown to connections opened before it.
        NpgsqlConnection.ClearAllPools();
    }

    private async Task MigrateSqliteAsync(MercatoContext context, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, "PRAGMA journal_mode=WAL", cancellationToken);
        // The lock file makes us the only server, so a migration lock found here is what a crash left behind.
        await ExecuteAsync(connection, "DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await ApplyAsync(context, cancellationToken);

        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous";
        if (await command.ExecuteScalarAsync(cancellationToken) is not 2L)
        {
            throw new StartupException("SQLite does not run with synchronous=FULL, so a settled charge could be lost "
                + "in a power cut. Use a SQLite library built with the default settings.");
        }
    }

    private async Task ApplyAsync(MercatoContext context, CancellationToken cancellationToken)
    {
        var pending = (await context.Database.GetPendingMigrationsAsync(cancellationToken)).ToArray();
        if (pending.Length > 0)
        {
            Migrating(log, pending.Length, pending[^1]);
            await context.Database.MigrateAsync(cancellationToken);
        }
    }

    private void HoldLockFile()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(
            new SqliteConnectionStringBuilder(database.ConnectionString).DataSource))!;
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "mercato.lock");
        try
        {
            _lockFile = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem)
        {
            throw new StartupException($"Another Mercato already serves {folder} (it holds {path}). Stop it, or give "
                + "this one its own folder with Mercato__DataDirectory.", problem);
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying {Count} database migrations, up to {Last}")]
    private static partial void Migrating(ILogger log, int count, string last);
}
