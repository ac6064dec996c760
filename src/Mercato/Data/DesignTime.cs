using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Mercato.Data;

/// <summary>Lets `dotnet ef migrations add` build each context without a server or a database.</summary>
internal static class DesignTime
{
    /// <summary>Identity takes its schema version from the application's options, also at design time.</summary>
    public static DbContextOptionsBuilder<T> Options<T>() where T : MercatoContext =>
        new DbContextOptionsBuilder<T>().UseApplicationServiceProvider(
            new ServiceCollection().Configure<IdentityOptions>(MercatoContext.UseSchema).BuildServiceProvider());
}

internal sealed class SqliteDesign : IDesignTimeDbContextFactory<SqliteContext>
{
    public SqliteContext CreateDbContext(string[] args) =>
        new(DesignTime.Options<SqliteContext>().UseSqlite("Data Source=design.db").Options);
}

internal sealed class PostgresDesign : IDesignTimeDbContextFactory<PostgresContext>
{
    public PostgresContext CreateDbContext(string[] args) =>
        new(DesignTime.Options<PostgresContext>().UseNpgsql("Host=design").Options);
}
