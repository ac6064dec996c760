using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Mercato.Data;

/// <summary>Inserts rows that nobody needs to track: a start that takes in thousands of them must not last seconds.</summary>
internal static class BulkInsert
{
    /// <summary>SQLite finds a parameter by walking a list of names, so longer statements would be slower again.</summary>
    private const int MaxParameters = 500;

    /// <summary>Inserts the rows as they are, without what hangs on them, in the current transaction.</summary>
    public static async Task InsertAllAsync<T>(
        this MercatoContext context, IEnumerable<T> rows, CancellationToken cancellationToken)
        where T : class
    {
        var entity = context.Model.FindEntityType(typeof(T))!;
        var columns = entity.GetProperties().ToArray();
        var into = $"INSERT INTO {entity.GetTableName()} ({string.Join(", ", columns.Select(it => it.GetColumnName()))})";
        foreach (var chunk in rows.Chunk(MaxParameters / columns.Length))
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
            var text = new StringBuilder(into).Append(" VALUES ");
            foreach (var row in chunk)
            {
                text.Append(row == chunk[0] ? "(" : ", (");
                foreach (var column in columns)
                {
                    var name = "@p" + command.Parameters.Count;
                    text.Append(column == columns[0] ? "" : ", ").Append(name);
                    command.Parameters.Add(column.GetRelationalTypeMapping()
                        .CreateParameter(command, name, column.PropertyInfo!.GetValue(row), column.IsNullable));
                }

                text.Append(')');
            }

            command.CommandText = text.ToString();
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
