namespace Mercato.Audit;

/// <summary>What the checks of one audit share.</summary>
internal sealed class AuditRun(LedgerView view, AuditWindow window, DateTimeOffset now, TimeSpan longestCall)
{
    /// <summary>Broken books may break a rule in every row; the first ones tell where to look.</summary>
    private const int MostListed = 100;

    private readonly Dictionary<AuditRule, long> _counts = [];
    private readonly List<AuditFinding> _findings = [];

    public LedgerView View => view;

    public AuditWindow Window => window;

    /// <summary>By the database's clock.</summary>
    public DateTimeOffset Now => now;

    public TimeSpan LongestCall => longestCall;

    public long FindingCount => _counts.Values.Sum();

    public IReadOnlyList<AuditFinding> Findings => [.. _findings.OrderBy(finding => finding.Rule)];

    public IReadOnlyList<AuditCheck> Checks =>
        [.. Enum.GetValues<AuditRule>().Select(rule =>
            new AuditCheck(rule, AuditRules.Says(rule), _counts.GetValueOrDefault(rule)))];

    public void Find(AuditRule rule, Guid accountId, string message, Guid? opId = null, long? entry = null)
    {
        var count = _counts[rule] = _counts.GetValueOrDefault(rule) + 1;
        if (count <= MostListed)
        {
            _findings.Add(new AuditFinding(rule, message) { AccountId = accountId, OpId = opId, Entry = entry });
        }
    }
}

/// <summary>Amounts as people read them, exactly.</summary>
internal static class Dollars
{
    private const long NanoPerDollar = 1_000_000_000;

    /// <summary>"$0.0012", "-$3".</summary>
    public static string Show(Int128 nano) => (nano < 0 ? "-$" : "$") + Of(Int128.Abs(nano));

    /// <summary>Decimal digits without trailing zeros: "0.0012", "-3".</summary>
    public static string Of(Int128 nano)
    {
        var magnitude = Int128.Abs(nano);
        var fraction = ((long)(magnitude % NanoPerDollar)).ToString("D9").TrimEnd('0');
        return (nano < 0 ? "-" : "") + magnitude / NanoPerDollar + (fraction.Length == 0 ? "" : "." + fraction);
    }
}
