using Mercato.Data;

namespace Mercato.Audit;

/// <summary>
/// Which entries and calls an audit reads, as parts of its SQL. A recent audit starts each wallet's history at its
/// last entry from before the window, whose balance it believes, and finds calls by their ids, which tell their time.
/// </summary>
internal sealed class AuditWindow
{
    private readonly bool _isAll;

    private AuditWindow(AuditScope scope, IReadOnlyDictionary<string, object> values) =>
        (Scope, _isAll, Values) = (scope, scope == AuditScope.All, values);

    public static AuditWindow All { get; } = new(AuditScope.All, new Dictionary<string, object>());

    public AuditScope Scope { get; }

    public bool IsAll => _isAll;

    public IReadOnlyDictionary<string, object> Values { get; }

    /// <summary>Stands before a statement that reads entries.</summary>
    public string With => _isAll ? "" :
        """
        WITH heads AS MATERIALIZED (
            SELECT w.account_id, COALESCE((SELECT b.number FROM entries b
                WHERE b.account_id = w.account_id AND b.created_at < @since ORDER BY b.number DESC LIMIT 1), 0) AS base
            FROM wallets w)
        """;

    /// <summary>Number of the entry that is believed; 0 when the history is read from its start.</summary>
    public string Base => _isAll ? "0" : "COALESCE(h.base, 0)";

    /// <summary>Joins wallets w with their entries e.</summary>
    public string EntriesOfWallets => _isAll
        ? "wallets w LEFT JOIN entries e ON e.account_id = w.account_id"
        : """
          wallets w LEFT JOIN heads h ON h.account_id = w.account_id
              LEFT JOIN entries e ON e.account_id = w.account_id AND e.number >= h.base
          """;

    public string Entries => _isAll
        ? "entries e"
        : "heads h JOIN entries e ON e.account_id = h.account_id AND e.number >= h.base";

    public string Ops => Rows("ops", "o");

    public string Leases => Rows("leases", "l");

    /// <summary>What happened since, with calls that were running then.</summary>
    public static AuditWindow Since(DateTimeOffset since, TimeSpan longestCall)
    {
        // An id of version 7 starts with 48 bits of milliseconds.
        var first = (since - longestCall).ToUnixTimeMilliseconds();
        return new AuditWindow(AuditScope.Recent, new Dictionary<string, object>
        {
            ["since"] = Instant.ToMicros(since),
            ["first"] = Guid.ParseExact(first.ToString("x12") + new string('0', 20), "N"),
        });
    }

    private string Rows(string table, string name) => _isAll
        ? $"{table} {name}"
        : $"wallets w JOIN {table} {name} ON {name}.account_id = w.account_id AND {name}.id >= @first";
}
