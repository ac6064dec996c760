using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Data;

/// <summary>
/// The one database model. Entities stand in their modules and are found through their configurations, so a module
/// can be read, changed and removed without opening this folder.
/// </summary>
public abstract class MercatoContext(DbContextOptions options) : IdentityUserContext<User, Guid>(options)
{
    /// <summary>Version 3 has the passkey tables, which a later release switches on without a migration.</summary>
    internal static void UseSchema(IdentityOptions options) =>
        options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(MercatoContext).Assembly);
        SnakeCase.Apply(builder);
    }
}

public sealed class SqliteContext(DbContextOptions<SqliteContext> options) : MercatoContext(options)
{
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Properties<Guid>().HaveConversion<LowerCaseGuidConverter>();
    }
}

public sealed class PostgresContext(DbContextOptions<PostgresContext> options) : MercatoContext(options);
