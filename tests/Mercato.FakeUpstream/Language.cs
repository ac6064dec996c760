using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>All terms, and what a script's terms do to an answer. Nothing else gives a term its meaning.</summary>
internal static class Language
{
    /// <summary>In the order of their application: what is said, when, where it breaks, in which bytes.</summary>
    public static readonly IReadOnlyList<Term> All =
    [
        .. Amounts.Terms, .. UsageFaults.Terms, .. EventFaults.Terms, .. Timing.Terms, .. Breaks.Terms,
        .. ByteFaults.Terms, .. ReplyFaults.Terms,
    ];

    public static readonly IReadOnlyDictionary<string, Term> ByName = All.ToDictionary(term => term.Name);

    /// <summary>The healthy answer with everything that the script wants done to it.</summary>
    public static Answer Apply(Answer healthy, Turn turn) => All
        .Where(term => (term.Change ?? term.Pace) is not null && turn.Has(term.Name))
        .Aggregate(healthy, (answer, term) =>
            (term.Change ?? term.Pace)!(answer, new Setting(term.Name, turn.Script.Terms[term.Name], turn)));

    /// <summary>The usage member as the script wants it claimed; null for none.</summary>
    public static JsonNode? ClaimUsage(JsonObject truth, Turn turn) =>
        All.FirstOrDefault(term => term.Claim is not null && turn.Has(term.Name)) is { } term
            ? term.Claim!(truth, new Setting(term.Name, turn.Script.Terms[term.Name], turn))
            : truth;

    /// <summary>The usage counts to send one after the other: one, or two where <c>usage-parts</c> wants it.</summary>
    public static IEnumerable<Usage> PartsOf(Usage whole, Turn turn)
    {
        if (!turn.Has("usage-parts"))
        {
            return [whole];
        }

        var half = whole with { Output = whole.Output / 2 };
        return [half, turn.Script.Terms["usage-parts"] == "delta" ? whole with { Output = whole.Output - half.Output } : whole];
    }
}
