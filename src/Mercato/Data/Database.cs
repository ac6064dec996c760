using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Mercato.Data;

public enum DatabaseKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// Where the data lives, decided once at start: the connection string `Mercato` when it is set, else a SQLite file in
/// the data folder. Plain SQL (the ledger, jobs) opens its connections here.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private readonly NpgsqlDataSource? _postgres;

    public Database(DatabaseKind kind, string connectionString)
    {
        Kind = kind;
        ConnectionString = connectionString;
        _postgres = kind == DatabaseKind.Postgres ? NpgsqlDataSource.Create(connectionString) : null;
        Turns = kind == DatabaseKind.Sqlite ? new WriteTurns() : null;
    }

    public DatabaseKind Kind { get; }

    public string ConnectionString { get; }

    public bool IsPostgres => Kind == DatabaseKind.Postgres;

    /// <summary>The line in which writers stand; null where the database lets many write at a time.</summary>
    internal WriteTurns? Turns { get; }

    internal NpgsqlDataSource Postgres => _postgres ?? throw new InvalidOperationException("This database is SQLite.");

    public static Database From(IConfiguration configuration)
    {
        var configured = configuration.GetConnectionString("Mercato");
        if (configured is null)
        {
            var folder = DataOptions.Folder(configuration);
            return Sqlite(Path.Combine(folder, "mercato.db"));
        }

        if (configured.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            return new Database(DatabaseKind.Postgres, configured);
        }

        return Sqlite(new SqliteConnectionStringBuilder(configured).DataSource);
    }

    private static Database Sqlite(string path)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = 5,
        };
        return new Database(DatabaseKind.Sqlite, text.ToString());
    }

    /// <summary>An open connection with the durability that the ledger promises.</summary>
    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            return await _postgres.OpenConnectionAsync(cancellationToken);
        }

        var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>How long money waits in line: callers who wait for it are to hear "not now" soon.</summary>
    private static readonly TimeSpan InLine = TimeSpan.FromSeconds(2);

    /// <summary>A transaction that writes, on a connection of <see cref="OpenAsync"/>; in its turn.</summary>
    public async ValueTask<WriteTransaction> BeginWriteAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        if (Turns is not null)
        {
            await Turns.TakeAsync(connection, InLine, cancellationToken);
        }

        try
        {
            return new WriteTransaction(await connection.BeginTransactionAsync(cancellationToken), connection, Turns);
        }
        catch
        {
            Turns?.Release(connection);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Turns?.Dispose();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
