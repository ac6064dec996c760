using System.Collections.Concurrent;
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
    private sealed record Row(string[] Direct, string[] Related);

    private static readonly ConditionalWeakTable<CatalogSnapshot, SkillTable> Made = [];

    private static readonly FrozenDictionary<string, Row> Measures = new Dictionary<string, Row>
    {
        ["code_generation"] = new(["code_generation"], ["agentic_coding", "code_editing"]),
        ["code_any"] = new(["code_generation", "code_editing", "agentic_coding"], ["bug_fixing"]),
        ["code_explanation"] = new(["code_explanation"], ["code_generation"]),
        ["code_translation"] = new([], ["code_editing", "code_generation"]),
        ["bug_fixing"] = new(["bug_fixing"], ["code_editing", "code_generation"]),
        ["refactoring"] = new(["refactoring"], ["code_editing", "code_generation"]),
        ["test_generation"] = new(["bug_detection"], ["code_generation"]),
        ["documentation"] = new([], ["code_explanation", "writing"]),
        ["math"] = new(["math"], ["reasoning"]),
        ["reasoning"] = new(["reasoning"], ["math"]),
        ["qa_knowledge"] = new([], ["reasoning", "research"]),
        ["explanation"] = new([], ["reasoning", "writing"]),
        ["functional_writing"] = new(["writing"], ["text_analysis"]),
        ["creative_writing"] = new(["writing"], []),
        ["rewriting"] = new([], ["writing", "text_analysis"]),
        ["roleplay_chat"] = new([], ["writing"]),
        ["summarization"] = new(["text_analysis"], ["writing"]),
        ["extraction"] = new([], ["text_analysis"]),
        ["classification"] = new([], ["text_analysis"]),
        ["analysis"] = new([], ["text_analysis", "reasoning"]),
        ["data_analysis"] = new([], ["math", "code_generation"]),
        ["brainstorming_advice"] = new([], ["writing", "reasoning"]),
        ["planning_design"] = new([], ["reasoning", "research"]),
        ["translation"] = new([], []),
    }.ToFrozenDictionary();

    private readonly ConcurrentDictionary<string, FrozenDictionary<ModelId, Skill>> _byCategory = [];
    private readonly FrozenDictionary<ModelId, TaskStanding> _speed;
    private readonly CatalogSnapshot _catalog;
    private readonly QualityTable _quality;
    private readonly FrozenDictionary<ModelId, Skill> _general;
    private readonly FrozenSet<(string Task, string Benchmark, string Metric)> _ranked;

    private SkillTable(CatalogSnapshot catalog)
    {
        _catalog = catalog;
        _quality = catalog.Quality;
        _speed = catalog.Models.Select(model => (model.Id, Speed: _quality.Of(model.Id, "speed")))
            .Where(row => row.Speed is not null).ToFrozenDictionary(row => row.Id, row => row.Speed!);
        _general = catalog.Models
            .Select(model => (model.Id, Tasks: _quality.Of(model.Id).Keys.Where(task => task != "speed")))
            .Select(row => (row.Id, Skill: Mean(EvidenceLevel.General, row.Id, row.Tasks)))
            .Where(row => row.Skill is not null).ToFrozenDictionary(row => row.Id, row => row.Skill!);
        _ranked = catalog.Models.SelectMany(model => model.Evidence.Select(BenchmarkOf).Distinct())
            .CountBy(benchmark => benchmark)
            .Where(pair => pair.Value >= QualityTable.SmallestField).Select(pair => pair.Key).ToFrozenSet();
    }

    /// <summary>The table of a catalog; made once for each.</summary>
    public static SkillTable Of(CatalogSnapshot catalog) => Made.GetValue(catalog, made => new SkillTable(made));

    /// <summary>The nearest evidence for each model that has any; worked out at a category's first use.</summary>
    public FrozenDictionary<ModelId, Skill> For(string category) => _byCategory.GetOrAdd(
        category, name => _catalog.Models.Select(model => (model.Id, Skill: Nearest(model, Measures[name])))
            .Where(row => row.Skill is not null).ToFrozenDictionary(row => row.Id, row => row.Skill!));

    /// <summary>Standing by published seconds per call, or null.</summary>
    public TaskStanding? Speed(ModelId model) => _speed.GetValueOrDefault(model);

    private Skill? Nearest(Model model, Row row) => model.Kind switch
    {
        ModelKind.Embedding => Mean(EvidenceLevel.Direct, model.Id, ["embeddings"]),
        ModelKind.Chat => Mean(EvidenceLevel.Direct, model.Id, row.Direct)
            ?? Mean(EvidenceLevel.Related, model.Id, row.Related) ?? _general.GetValueOrDefault(model.Id),
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
