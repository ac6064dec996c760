using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Mercato.Data;

/// <summary>Unique indexes decide races; this tells which one said no, on either database.</summary>
public static class UniqueViolation
{
    private const int SqliteUnique = 2067, SqlitePrimaryKey = 1555;

    /// <summary>
    /// What was violated, or null when the save failed for another reason: the index's name on PostgreSQL
    /// ("user_name_index"), the columns on SQLite ("users.normalized_user_name"). Look for a word that both hold.
    /// </summary>
    public static string? Of(DbUpdateException problem) => problem.InnerException switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } postgres => postgres.ConstraintName,
        SqliteException { SqliteExtendedErrorCode: SqliteUnique or SqlitePrimaryKey } sqlite => sqlite.Message,
        _ => null,
    };
}
