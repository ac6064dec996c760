using Mercato.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>
/// One sign-in, of an API client (access and refresh tokens) or of a browser (cookie). Its id is `sid`.
/// </summary>
public sealed class Session
{
    public required Guid Id { get; init; }

    public required Guid UserId { get; init; }

    public required Guid AccountId { get; init; }

    /// <summary>
    /// How often it was refreshed. A refresh token is a sealed (session, number): an authentic one with an older
    /// number was used before, however long ago, and no secret needs to be stored to know it.
    /// </summary>
    public int RefreshNumber { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastUsedAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> entity)
        {
            entity.ToTable("sessions");
            entity.HasIndex(session => session.UserId);
            entity.HasIndex(session => session.RevokedAt);
            entity.HasIndex(session => session.ExpiresAt);
            entity.HasOne<User>().WithMany().HasForeignKey(session => session.UserId);
        }
    }
}
