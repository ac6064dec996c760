using System.Text.RegularExpressions;

namespace Mercato.Catalog;

/// <summary>How coarsely a host has rounded a model's weights, where its own name for the model says so.</summary>
internal static partial class Quantizations
{
    /// <summary>The word for offers whose host does not say.</summary>
    public const string Unknown = "unknown";

    /// <summary>OpenRouter's word for what a name tells, such as <c>fp8</c>; null when it tells nothing.</summary>
    public static string? Of(string providerModelId) =>
        Mark().Match(providerModelId) is not { Success: true } found ? null : found.Value.ToLowerInvariant() switch
        {
            "nvfp4" or "mxfp4" => "fp4",
            "awq" or "gptq" or "q4" => "int4",
            "q8" => "int8",
            var word => word,
        };

    // A tag of Ollama goes on after the bits (q4_K_M), all others stand alone.
    [GeneratedRegex("(?<![a-z0-9])(nvfp4|mxfp4|fp4|fp6|fp8|fp16|bf16|fp32|int4|int8|awq|gptq|q4|q8)(?![a-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
