using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

public sealed partial class GeminiDialect
{
    /// <summary>
    /// Reads <c>usageMetadata</c>. <c>promptTokenCount</c> includes what came from the cache;
    /// <c>candidatesTokenCount</c> excludes thoughts; prompts of the provider's own tools are counted apart. Null when
    /// it tells no figure, as Vertex does until the last chunk.
    /// </summary>
    internal static Usage? ReadUsage(JsonElement usage)
    {
        var counts = new UsageCounts(usage);
        var prompt = counts.Count("promptTokenCount");
        var cached = counts.Count("cachedContentTokenCount");
        var candidates = counts.Count("candidatesTokenCount");
        var thoughts = counts.Count("thoughtsTokenCount");
        var tools = counts.Count("toolUsePromptTokenCount");
        if ((prompt ?? cached ?? candidates ?? thoughts ?? tools) is null && counts.Suspicion is null)
        {
            return null;
        }

        // Sound that came from the cache is paid as such.
        var audio = counts.Rest(
            "promptTokensDetails", Modality(counts, usage, "promptTokensDetails", "AUDIO"),
            Modality(counts, usage, "cacheTokensDetails", "AUDIO"));
        var images = Modality(counts, usage, "candidatesTokensDetails", "IMAGE");
        var speech = Modality(counts, usage, "candidatesTokensDetails", "AUDIO");
        return new Usage
        {
            InputUncached = counts.Rest("promptTokenCount", prompt, cached, audio),
            CacheRead = cached,
            AudioInput = audio,
            ToolPrompt = tools,
            OutputText = counts.Rest("candidatesTokenCount", candidates, images, speech),
            Reasoning = thoughts,
            AudioOutput = speech,
            Images = images,
            Suspicion = counts.Suspicion,
        };
    }

    private static long? Modality(UsageCounts counts, JsonElement usage, string list, string modality)
    {
        long? sum = null;
        foreach (var detail in usage.List(list).Where(detail => detail.FindText("modality") == modality))
        {
            sum = counts.Count(detail, "tokenCount") is { } tokens ? (sum ?? 0) + tokens : sum;
        }

        return sum;
    }
}
