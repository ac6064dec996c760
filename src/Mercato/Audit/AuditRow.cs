using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Audit;

/// <summary>
/// The last audit of each scope, as it was found. A clean look at what is recent does not take the place of what the
/// look at everything has found.
/// </summary>
public sealed class AuditRow
{
    /// <summary>"all" or "recent".</summary>
    public required string Scope { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>JSON of an <see cref="AuditReport"/>.</summary>
    public required string Report { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<AuditRow>
    {
        public void Configure(EntityTypeBuilder<AuditRow> entity)
        {
            entity.ToTable("ledger_audits");
            entity.HasKey(row => row.Scope);
        }
    }
}
