using System.Text.Json;

namespace Mercato.Wire.Dialects.Ollama;

public sealed partial class OllamaDialect
{
    /// <summary>Reads the counts that stand in the last line itself. A prompt that was cached as a whole may have
    /// none.</summary>
    internal static Usage? ReadUsage(JsonElement line)
    {
        var counts = new UsageCounts(line);
        var (input, output) = (counts.Count("prompt_eval_count"), counts.Count("eval_count"));
        return input is null && output is null && counts.Suspicion is null
            ? null
            : new Usage { InputUncached = input, OutputText = output, Suspicion = counts.Suspicion };
    }
}
