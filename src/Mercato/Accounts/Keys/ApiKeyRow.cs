using System.Linq.Expressions;
using Mercato.Data;
using Mercato.Ledger;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>
/// A key of an account. The secret is stored as its SHA-256 only. The id is random and public: it is the `hash` in
/// addresses. A deleted key stays as a row, so that past calls still have a name to show.
/// </summary>
public sealed class ApiKeyRow
{
    public required Guid AccountId { get; init; }

    public required Guid Id { get; init; }

    public required string Name { get; set; }

    public required string Label { get; init; }

    internal byte[] SecretHash { get; init; } = [];

    public long? LimitNano { get; set; }

    public LimitReset? LimitReset { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public string[] AllowedModels { get; set; } = [];

    public KeyScopes Scopes { get; set; }

    public OnLowBalance OnLowBalance { get; set; }

    public bool IncludeByokInLimit { get; set; }

    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset? DeletedAt { get; set; }

    public required Guid CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the minute: it is written in batches, off the path of calls.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ApiKeyRow>
    {
        public void Configure(EntityTypeBuilder<ApiKeyRow> entity)
        {
            entity.ToTable("api_keys");
            entity.HasKey(key => new { key.AccountId, key.Id });
            entity.Property(key => key.SecretHash);
            entity.HasIndex(key => key.SecretHash).IsUnique();
            entity.Property(key => key.LimitReset).HasConversion<string>();
            entity.Property(key => key.OnLowBalance).HasConversion<string>();
            entity.HasOne<Account>().WithMany().HasForeignKey(key => key.AccountId);
            entity.HasOne<User>().WithMany().HasForeignKey(key => key.CreatedBy);
        }
    }
}

/// <summary>A row with its secret's hash and what must be known about the person who made it.</summary>
internal sealed record StoredKey(ApiKeyRow Row, bool OwnerIsAdmin, bool OwnerIsDisabled)
{
    public static IQueryable<StoredKey> Of(MercatoContext context, Expression<Func<ApiKeyRow, bool>> which) =>
        context.Set<ApiKeyRow>().AsNoTracking().Where(key => key.DeletedAt == null).Where(which)
            .Join(context.Set<User>(), key => key.CreatedBy, user => user.Id,
                (key, user) => new StoredKey(key, user.IsAdmin, user.DisabledAt != null));

    public ApiKey ToApiKey() => new()
    {
        Id = Row.Id,
        AccountId = Row.AccountId,
        UserId = Row.CreatedBy,
        Name = Row.Name,
        Label = Row.Label,
        Limit = Row.LimitNano is { } nano ? new Money(nano) : null,
        LimitReset = Row.LimitReset,
        IncludeByokInLimit = Row.IncludeByokInLimit,
        OnLowBalance = Row.OnLowBalance,
        AllowedModels = Row.AllowedModels,
        Scopes = Row.Scopes,
        ExpiresAt = Row.ExpiresAt,
        IsDisabled = Row.DisabledAt is not null,
        OwnerIsAdmin = OwnerIsAdmin,
        OwnerIsDisabled = OwnerIsDisabled,
    };
}
