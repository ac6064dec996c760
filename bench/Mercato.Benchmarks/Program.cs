using System.Diagnostics;
using Mercato.Catalog;
using Mercato.Recommend;

// Latencies in this process, percentiles over single calls. Run alone and in Release:
//   dotnet run -c Release --project bench/Mercato.Benchmarks
var catalog = CatalogSnapshot.Builtin;
var now = TimeProvider.System.GetUtcNow();
var reach = Reach.Of("openai", "anthropic", "google", "groq", "togetherai");
string[] searches = ["cluade", "gpt4o mini", "llama 3 70", "qwen coder", "sonnet", "deepseek r1", "vision", "%%%%", "mistral lrge"];
string[] tasks =
[
    "Refactor a 2,000 line Java service and keep its tests green", "Translate this contract into German",
    "Describe what is on this photo", "What is 17 * 23?", "Write a haiku about autumn",
];
var recommender = new Recommender(catalog);

Console.WriteLine($"{catalog.Models.Length} models, {Environment.ProcessorCount} cores, .NET {Environment.Version}");
Console.WriteLine("| what | p50 ms | p99 ms | max ms | calls |");
Console.WriteLine("|---|---:|---:|---:|---:|");
Measure("search", 5_000, i => catalog.Search.List(
    new CatalogQuery { Text = searches[i % searches.Length], Scope = CatalogScope.All, Limit = 50 }, reach, now));
Measure("list with filters and facets", 5_000, i => catalog.Search.List(
    new CatalogQuery { Capabilities = ["tool_calling"], MinContext = 100_000, Facets = true, Scope = CatalogScope.All, Limit = 50 },
    reach, now));
Measure("recommendation", 2_000, i => recommender.Recommend(
    new Wish(TaskAnalysis.Of(tasks[i % tasks.Length]), Mercato.Accounts.Budget.Medium, null,
        RecommendationPreferences.Nothing, false, 10), reach, now));

static void Measure(string what, int calls, Func<int, object> run)
{
    for (var i = 0; i < calls / 5; i++)
    {
        run(i);
    }

    var times = new double[calls];
    for (var i = 0; i < calls; i++)
    {
        var started = Stopwatch.GetTimestamp();
        run(i);
        times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    Array.Sort(times);
    Console.WriteLine($"| {what} | {times[calls / 2]:0.00} | {times[calls * 99 / 100]:0.00} | {times[^1]:0.00} | {calls} |");
}
