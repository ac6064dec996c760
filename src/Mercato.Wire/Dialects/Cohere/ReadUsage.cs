using System.Text.Json;

namespace Mercato.Wire.Dialects.Cohere;

public sealed partial class CohereDialect
{
    /// <summary>
    /// Reads <c>usage</c>. What is billed is told apart from what was counted, which includes the host's own prompts;
    /// the former is what the call costs. <c>cached_tokens</c> are among the counted, not the billed. Null when it
    /// tells no figure.
    /// </summary>
    internal static Usage? ReadUsage(JsonElement usage)
    {
        var counts = new UsageCounts(usage);
        var (billed, counted) = (usage.Find("billed_units"), usage.Find("tokens"));
        var input = counts.Count(billed, "input_tokens") ?? counts.Count(counted, "input_tokens");
        var output = counts.Count(billed, "output_tokens") ?? counts.Count(counted, "output_tokens");
        if (input is null && output is null && counts.Suspicion is null)
        {
            return null;
        }

        // Counted tokens may be a few more than the billed.
        var thought = counts.Count(counted, "reasoning_tokens");
        var reasoning = thought is null || output is null ? thought : Math.Min(thought.Value, output.Value);
        return new Usage
        {
            InputUncached = input,
            OutputText = output - (reasoning ?? 0),
            Reasoning = reasoning,
            Suspicion = counts.Suspicion,
        };
    }
}
