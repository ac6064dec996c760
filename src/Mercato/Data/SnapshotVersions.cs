using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Data;

/// <summary>
/// How often a topic ("catalog", "api-keys", ...) has changed. A writer bumps it in its own transaction; every node
/// polls, and is told at once by NOTIFY on PostgreSQL.
/// </summary>
internal sealed class SnapshotVersion
{
    public required string Topic { get; init; }

    public long Version { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SnapshotVersion>
    {
        public void Configure(EntityTypeBuilder<SnapshotVersion> entity)
        {
            entity.ToTable("snapshot_versions");
            entity.HasKey(version => version.Topic);
        }
    }
}

/// <summary>Marks topics as changed. Call inside the transaction that changes them.</summary>
public static class SnapshotVersions
{
    internal const string Channel = "mercato_snapshots";

    public static async Task BumpAsync(this MercatoContext context, string topic, CancellationToken cancellationToken)
    {
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO snapshot_versions (topic, version) VALUES ({topic}, 1)
            ON CONFLICT (topic) DO UPDATE SET version = snapshot_versions.version + 1
            """, cancellationToken);
        if (context is PostgresContext)
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_notify({Channel}, {topic})", cancellationToken);
        }
    }
}
