using System.Data;
using System.Data.Common;
using System.Text;
using Mercato.Data;

namespace Mercato.Ledger;

/// <summary>
/// Plain SQL that reads the same on SQLite and PostgreSQL: parameters are named @p0, @p1, ... and typed, and a batch
/// is one statement over a VALUES list.
/// </summary>
internal sealed class Sql(DbConnection connection, DbTransaction transaction, DatabaseKind kind)
{
    /// <summary>SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.</summary>
    private const int MaxParameters = 30_000;

    public bool IsPostgres => kind == DatabaseKind.Postgres;

    /// <summary>Unix microseconds by the database's own clock.</summary>
    public string Now => IsPostgres
        ? "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
        : "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

    /// <summary>Ends a SELECT of rows that this transaction will change. SQLite's transaction holds them already.</summary>
    public string ForUpdate => IsPostgres ? " FOR UPDATE" : "";

    public async Task<int> ExecuteAsync(string text, object?[] values, CancellationToken cancellationToken)
    {
        await using var command = Command(text, values);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<List<T>> QueryAsync<T>(
        string text, object?[] values, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(text, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>
    /// Runs a statement whose text holds "{rows}" where the VALUES list belongs, in as few round trips as the
    /// parameter limit allows. Returns the number of rows that were changed.
    /// </summary>
    public async Task<int> ExecuteRowsAsync(
        string text, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var changed = 0;
        foreach (var chunk in rows.Chunk(rows.Count == 0 ? 1 : Math.Max(1, MaxParameters / rows[0].Length)))
        {
            changed += await ExecuteAsync(
                text.Replace("{rows}", Rows(chunk), StringComparison.Ordinal), [.. chunk.SelectMany(row => row)],
                cancellationToken);
        }

        return changed;
    }

    /// <summary>"(@p0, @p1), (@p2, @p3)" for two rows of two.</summary>
    public static string Rows(IReadOnlyList<object?[]> rows)
    {
        var text = new StringBuilder(rows.Count * 32);
        var number = 0;
        foreach (var row in rows)
        {
            text.Append(number == 0 ? "(" : ", (");
            for (var i = 0; i < row.Length; i++)
            {
                text.Append(i == 0 ? "@p" : ", @p").Append(number++);
            }

            text.Append(')');
        }

        return text.ToString();
    }

    public static Guid ReadGuid(DbDataReader reader, int column) => reader.GetGuid(column);

    public static long? ReadLong(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt64(column);

    public static string? ReadText(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Guid? ReadOptionalGuid(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetGuid(column);

    private DbCommand Command(string text, object?[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@p" + i;
            Bind(parameter, values[i]);
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private void Bind(DbParameter parameter, object? value)
    {
        // A null in a VALUES list has no type of its own, so it travels with the type of its column.
        var (bound, type) = value switch
        {
            Guid id when IsPostgres => (id, DbType.Guid),
            Guid id => (id.ToString("D"), DbType.String),
            Null { Type: DbType.Guid } when !IsPostgres => (DBNull.Value, DbType.String),
            Null absent => (DBNull.Value, absent.Type),
            DateTimeOffset instant => ((object)Instant.ToMicros(instant), DbType.Int64),
            int number => ((long)number, DbType.Int64),
            long number => (number, DbType.Int64),
            bool flag when IsPostgres => (flag, DbType.Boolean),
            bool flag => (flag ? 1L : 0L, DbType.Int64),
            string text => (text, DbType.String),
            _ => throw new ArgumentException($"A parameter cannot be {value?.GetType().Name ?? "an untyped null"}."),
        };
        parameter.DbType = type;
        parameter.Value = bound;
    }

    /// <summary>An absent value of a column.</summary>
    public sealed record Null(DbType Type);

    public static object Optional(Guid? value) => value is { } id ? id : new Null(DbType.Guid);

    public static object Optional(long? value) => value is { } number ? number : new Null(DbType.Int64);

    public static object Optional(string? value) => value is { } text ? text : new Null(DbType.String);

    public static object Optional(DateTimeOffset? value) => value is { } at ? at : new Null(DbType.Int64);
}
