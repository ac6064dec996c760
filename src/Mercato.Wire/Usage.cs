namespace Mercato.Wire;

/// <summary>
/// What one call used, by kind, in the arithmetic that pricing wants: no kind contains another. Absent is null, never
/// zero; an explicit zero is a value. Counts are in [0, 2^31).
/// </summary>
public sealed record Usage
{
    /// <summary>Input tokens paid at the plain input price: neither read from nor written to a cache, no
    /// audio.</summary>
    public long? InputUncached { get; init; }

    /// <summary>Input tokens read from the provider's cache.</summary>
    public long? CacheRead { get; init; }

    /// <summary>Input tokens written to a cache that lives five minutes (or whose life the host doesn't
    /// tell).</summary>
    public long? CacheWrite5m { get; init; }

    /// <summary>Input tokens written to a cache that lives an hour.</summary>
    public long? CacheWrite1h { get; init; }

    /// <summary>Output tokens that are neither reasoning nor audio nor image: text and tool calls.</summary>
    public long? OutputText { get; init; }

    /// <summary>Output tokens spent on reasoning.</summary>
    public long? Reasoning { get; init; }

    /// <summary>Input tokens of tool prompts that a provider counts apart.</summary>
    public long? ToolPrompt { get; init; }

    /// <summary>Input tokens of audio.</summary>
    public long? AudioInput { get; init; }

    /// <summary>Output tokens of audio.</summary>
    public long? AudioOutput { get; init; }

    /// <summary>Output tokens of images.</summary>
    public long? Images { get; init; }

    /// <summary>Calls of the provider's own tools, such as web searches; they are billed per call.</summary>
    public long? ServerTools { get; init; }

    /// <summary>The host's own figure for the whole input, where it leaves cache reads out of it that its callers are
    /// billed for; null where <see cref="TotalInput"/> is what the host says. Callers who know the host's dialect are
    /// told this figure; nobody is billed by it.</summary>
    public long? StatedInput { get; init; }

    /// <summary>What the provider says that the call cost, in pico-dollars; null when it doesn't say.</summary>
    public long? ReportedCostPico { get; init; }

    /// <summary>Why the figures can't be believed, naming the member; null when nothing is wrong.</summary>
    public string? Suspicion { get; init; }

    /// <summary>Whether a figure was negative, fractional, out of range, no number, or contradicts another.</summary>
    public bool IsSuspect => Suspicion is not null;

    /// <summary>All input tokens, or null when no kind of input was reported.</summary>
    public long? TotalInput => Sum(InputUncached, CacheRead, CacheWrite5m, CacheWrite1h, ToolPrompt, AudioInput);

    /// <summary>All output tokens, or null when no kind of output was reported.</summary>
    public long? TotalOutput => Sum(OutputText, Reasoning, AudioOutput, Images);

    private static long? Sum(params ReadOnlySpan<long?> counts)
    {
        long? sum = null;
        foreach (var count in counts)
        {
            sum = count is { } value ? (sum ?? 0) + value : sum;
        }

        return sum;
    }
}
