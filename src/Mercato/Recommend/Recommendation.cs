using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mercato.Catalog;
using Mercato.Ledger;
using Budget = Mercato.Accounts.Budget;

namespace Mercato.Recommend;

/// <summary>How well a model stands at a task; unknown where nothing was measured.</summary>
public enum Band { Strong, Good, Fair, Unknown }

/// <summary>
/// What a model's standing rests on: benchmarks of the task itself, of a neighbouring task, of any task, or none.
/// </summary>
public enum EvidenceLevel { Direct, Related, General, None }

/// <summary>What the caller insists on. Empty lists and nulls insist on nothing.</summary>
/// <param name="Providers">Only models that one of these offers.</param>
/// <param name="OpenWeights">Only models whose weights are open, or are not.</param>
/// <param name="MinContext">The least context window in tokens.</param>
/// <param name="Needs">Of <see cref="Recommend.Needs.Known"/>.</param>
public sealed record RecommendationPreferences(
    ImmutableArray<string>? Providers = null, bool? OpenWeights = null, int? MinContext = null,
    ImmutableArray<string>? Needs = null)
{
    public static RecommendationPreferences Nothing { get; } = new();
}

/// <summary>What to rank models for.</summary>
/// <param name="Task">The task.</param>
/// <param name="Budget">How price and quality are weighed.</param>
/// <param name="MaxCost">No model whose estimate for this request lies above, or is unknown.</param>
/// <param name="Preferences">What the caller insists on.</param>
/// <param name="OnlyCallable">No model that the caller cannot call now.</param>
/// <param name="Limit">How many to recommend.</param>
public sealed record Wish(
    TaskAnalysis Task, Budget Budget, Money? MaxCost, RecommendationPreferences Preferences, bool OnlyCallable,
    int Limit);

/// <summary>One argument for or against a model, with its figure.</summary>
/// <param name="Kind">quality, price, speed, context, needs, status or availability.</param>
/// <param name="Text">A sentence for people.</param>
/// <param name="Evidence">Where the figure was read; null for what follows from the catalog itself.</param>
public sealed record Reason(string Kind, string Text, string? Evidence);

/// <summary>One recommended model. Ranks begin at 1; what was never measured has no rank.</summary>
/// <param name="Model">Its id.</param>
/// <param name="Score">0 to 100; comparable within one answer only.</param>
/// <param name="Band">How well it stands at the task.</param>
/// <param name="Label">What sets it apart here: best match, cheapest, strongest evidence or fastest.</param>
/// <param name="Reasons">Arguments with figures.</param>
/// <param name="PriceRank">Among all models that fit the task, by the estimate.</param>
/// <param name="SpeedRank">Among all that fit, by published seconds per call.</param>
/// <param name="QualityRank">Among all that fit, by standing at the task.</param>
/// <param name="EstimatedCost">USD for this request at the price in force; null when the price is unknown.</param>
/// <param name="Provider">Whose price that is.</param>
/// <param name="Availability">Whether the caller can call it now.</param>
/// <param name="EvidenceLevel">What the standing rests on.</param>
public sealed record Recommendation(
    string Model, int Score, Band Band,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Label,
    ImmutableArray<Reason> Reasons, int? PriceRank, int? SpeedRank, int? QualityRank, Money? EstimatedCost,
    string? Provider, Availability Availability, EvidenceLevel EvidenceLevel);

/// <summary>One model or a number of models that were left out, and why.</summary>
public sealed record Exclusion(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Model,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Count,
    string Reason);

/// <summary>The answer to a wish.</summary>
/// <param name="Id">Names it for the choice that the caller makes.</param>
/// <param name="Analysis">What the text seems to ask for.</param>
/// <param name="Recommendations">Callable models first, best first.</param>
/// <param name="Excluded">Every model that was left out before ranking, counted once.</param>
public sealed record RecommendationAnswer(
    Guid Id, TaskAnalysis Analysis, ImmutableArray<Recommendation> Recommendations, ImmutableArray<Exclusion> Excluded);
