using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Admin;

/// <summary>Something that an administrator did. Insert-only.</summary>
public sealed class AuditEntry
{
    public required Guid Id { get; init; }

    public required Guid ActorId { get; init; }

    /// <summary>Such as "provider.create".</summary>
    public required string Action { get; init; }

    /// <summary>The id of what was changed.</summary>
    public required string Target { get; init; }

    /// <summary>JSON of what was asked, without secrets.</summary>
    public string? Detail { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditEntry>
    {
        public void Configure(EntityTypeBuilder<AuditEntry> entity)
        {
            entity.ToTable("audit_entries");
            entity.HasKey(entry => entry.Id);
            entity.HasIndex(entry => entry.CreatedAt);
        }
    }
}

/// <summary>Writes down what administrators do.</summary>
internal sealed class AuditLog(MercatoContext context, CurrentAccount account, TimeProvider time)
{
    /// <summary>Adds the entry to the context; the caller's own save makes both durable together.</summary>
    public void Add(string action, string target, object? detail = null) => context.Add(new AuditEntry
    {
        Id = Guid.CreateVersion7(),
        ActorId = account.UserId,
        Action = action,
        Target = target,
        Detail = detail is null ? null : JsonSerializer.Serialize(detail, Json.Options),
        CreatedAt = time.GetUtcNow(),
    });

    /// <summary>For changes that another module has already made durable.</summary>
    public Task WriteAsync(string action, string target, object? detail, CancellationToken cancellationToken)
    {
        Add(action, target, detail);
        return context.SaveChangesAsync(cancellationToken);
    }

    public Task<List<AuditEntry>> ListAsync(int limit, CancellationToken cancellationToken) =>
        context.Set<AuditEntry>().AsNoTracking().OrderByDescending(entry => entry.CreatedAt).Take(limit)
            .ToListAsync(cancellationToken);
}
