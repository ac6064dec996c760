using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>How a model stands in one task.</summary>
/// <param name="Score">0 to 100: the mean of its percentile ranks, one per benchmark.</param>
/// <param name="Benchmarks">How many benchmarks that mean rests on.</param>
/// <param name="AsOf">The newest of their dates.</param>
public sealed record TaskStanding(decimal Score, int Benchmarks, CatalogDate AsOf);

/// <summary>
/// Standing of every model per task. Scores of different benchmarks cannot be compared, so each model is ranked inside
/// a benchmark, by its best variant there, and the percentile ranks are averaged. No evidence: no entry, never a guess.
/// </summary>
public sealed class QualityTable
{
    /// <summary>Smaller fields make percentiles of chance.</summary>
    internal const int SmallestField = 5;

    private readonly FrozenDictionary<ModelId, ImmutableSortedDictionary<string, TaskStanding>> _byModel;

    internal QualityTable(ImmutableArray<Model> models)
    {
        var ranks = models
            .SelectMany(model => model.Evidence, (model, evidence) => (model.Id, Evidence: evidence))
            .GroupBy(row => (row.Evidence.Task, row.Evidence.Benchmark, row.Evidence.Metric))
            .SelectMany(group => Ranks(group.Key.Task, [.. group]));
        _byModel = ranks.GroupBy(rank => rank.Id).ToFrozenDictionary(
            group => group.Key,
            group => group.GroupBy(rank => rank.Task).ToImmutableSortedDictionary(
                task => task.Key,
                task => new TaskStanding(
                    decimal.Round(task.Average(rank => rank.Percentile), 1), task.Count(),
                    task.Max(rank => rank.Date))));
    }

    /// <summary>All tasks in which the model has evidence.</summary>
    public ImmutableSortedDictionary<string, TaskStanding> Of(ModelId model) =>
        _byModel.GetValueOrDefault(model) ?? ImmutableSortedDictionary<string, TaskStanding>.Empty;

    /// <summary>Null without evidence.</summary>
    public TaskStanding? Of(ModelId model, string task) => Of(model).GetValueOrDefault(task);

    private static IEnumerable<(ModelId Id, string Task, decimal Percentile, CatalogDate Date)> Ranks(
        string task, List<(ModelId Id, Evidence Evidence)> rows)
    {
        var best = rows.GroupBy(row => row.Id).Select(group => group
            .OrderByDescending(row => row.Evidence.HigherIsBetter ? row.Evidence.Score : -row.Evidence.Score)
            .First()).ToList();
        if (best.Count < SmallestField)
        {
            yield break;
        }

        foreach (var (id, own) in best)
        {
            var beaten = best.Count(other => Better(own, other.Evidence));
            var equal = best.Count(other => other.Evidence.Score == own.Score) - 1;
            yield return (id, task, 100m * (beaten + equal / 2m) / (best.Count - 1), own.Date);
        }
    }

    private static bool Better(Evidence own, Evidence other) =>
        own.HigherIsBetter ? own.Score > other.Score : own.Score < other.Score;
}
