using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>A model's standing at a task: the mean percentile of the benchmarks it rests on.</summary>
/// <param name="Level">How near those benchmarks are to the task.</param>
/// <param name="Percentile">0 to 100.</param>
/// <param name="Benchmarks">How many they are.</param>
/// <param name="Tasks">The evidence tasks they measure.</param>
public sealed record Skill(EvidenceLevel Level, decimal Percentile, int Benchmarks, ImmutableArray<string> Tasks)
{
    /// <summary>
    /// The percentile drawn towards the middle, as if one more benchmark had found it average, and further where the
    /// evidence speaks of something else: one good result is no proof.
    /// </summary>
    public decimal Worth => 50 + (Percentile - 50) * Benchmarks / (Benchmarks + 1) * Level switch
    {
        EvidenceLevel.Direct => 1m,
        EvidenceLevel.Related => 0.8m,
        _ => 0.6m,
    };
}

/// <summary>Which evidence speaks for which of the 24 categories, and how the models of a catalog stand.</summary>
public sealed class SkillTable
{
    private static readonly ConditionalWeakTable<CatalogSnapshot, SkillTable> Made = [];

    private static readonly FrozenDictionary<string, string[][]> Measures = Words.Read("measures.txt")
        .ToFrozenDictionary(row => row.Key, row => row.Single().Split('|')
            .Select(tasks => tasks.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray());

    private readonly QualityTable _quality;
    private readonly FrozenSet<(string Task, string Benchmark, string Metric)> _ranked;

    private SkillTable(CatalogSnapshot catalog)
    {
        _quality = catalog.Quality;
        _ranked = catalog.Models.SelectMany(model => model.Evidence.Select(BenchmarkOf).Distinct())
            .CountBy(benchmark => benchmark)
            .Where(pair => pair.Value >= QualityTable.SmallestField).Select(pair => pair.Key).ToFrozenSet();
    }

    /// <summary>The table of a catalog; made once for each.</summary>
    public static SkillTable Of(CatalogSnapshot catalog) => Made.GetValue(catalog, made => new SkillTable(made));

    /// <summary>The nearest evidence for a model at a category; null when it has none.</summary>
    public Skill? Of(Model model, string category) => model.Kind switch
    {
        ModelKind.Embedding => Mean(EvidenceLevel.Direct, model.Id, ["embeddings"]),
        ModelKind.Chat => Mean(EvidenceLevel.Direct, model.Id, Measures[category][0])
            ?? Mean(EvidenceLevel.Related, model.Id, Measures[category][1])
            ?? Mean(EvidenceLevel.General, model.Id, _quality.Of(model.Id).Keys.Where(task => task != "speed")),
        _ => null,
    };

    /// <summary>The published scores that a standing in these tasks rests on.</summary>
    public IEnumerable<Evidence> Rows(Model model, ImmutableArray<string> tasks) =>
        model.Evidence.Where(row => tasks.Contains(row.Task) && _ranked.Contains(BenchmarkOf(row)));

    private static (string, string, string) BenchmarkOf(Evidence row) => (row.Task, row.Benchmark, row.Metric);

    private Skill? Mean(EvidenceLevel level, ModelId model, IEnumerable<string> tasks)
    {
        var found = tasks.Select(task => (Task: task, Standing: _quality.Of(model, task)))
            .Where(it => it.Standing is not null).ToList();
        if (found.Count == 0) return null;
        var benchmarks = found.Sum(it => it.Standing!.Benchmarks);
        var mean = found.Sum(it => it.Standing!.Score * it.Standing.Benchmarks) / benchmarks;
        return new Skill(level, decimal.Round(mean, 1), benchmarks, [.. found.Select(it => it.Task)]);
    }
}
