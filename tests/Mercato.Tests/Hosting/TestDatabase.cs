using Mercato.Data;
using Microsoft.Data.Sqlite;

namespace Mercato.Tests.Hosting;

/// <summary>A database of one test class, copied from the template and dropped at the end.</summary>
public sealed record TestDatabase(DatabaseKind Kind, string Name, string Folder, string ConnectionString)
{
    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind, PostgresCluster cluster)
    {
        var database = await NameAsync(kind, cluster);
        if (kind == DatabaseKind.Postgres)
        {
            await cluster.ExecuteAsync($"CREATE DATABASE {database.Name}");
        }

        return database;
    }

    public async Task<TestDatabase> CopyAsync(PostgresCluster cluster)
    {
        var copy = await NameAsync(Kind, cluster);
        if (Kind == DatabaseKind.Postgres)
        {
            await cluster.ExecuteAsync($"CREATE DATABASE {copy.Name} TEMPLATE {Name}");
        }
        else
        {
            // The template is closed, so its whole state stands in the main file.
            File.Copy(Path.Combine(Folder, "mercato.db"), Path.Combine(copy.Folder, "mercato.db"));
        }

        return copy;
    }

    public async Task DropAsync(PostgresCluster cluster)
    {
        if (Kind == DatabaseKind.Postgres)
        {
            await cluster.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        }
        else
        {
            SqliteConnection.ClearAllPools();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<TestDatabase> NameAsync(DatabaseKind kind, PostgresCluster cluster)
    {
        var name = "t" + Guid.NewGuid().ToString("N");
        var folder = Directory.CreateTempSubdirectory("mercato-test-").FullName;
        var connection = kind == DatabaseKind.Postgres
            ? await cluster.ConnectionStringAsync(name)
            : $"Data Source={Path.Combine(folder, "mercato.db")}";
        return new TestDatabase(kind, name, folder, connection);
    }
}
