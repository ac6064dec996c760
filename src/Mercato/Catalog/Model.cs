using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>
/// What a model makes. Only <see cref="Chat"/> models can be used by the chat endpoints and the chat page.
/// </summary>
public enum ModelKind { Chat, Image, Embedding, Rerank, Transcription, Speech, Realtime, Moderation, Video, Ocr, Music }

/// <summary>Where a model or an offer stands in its life. Unlisted, Retired and Disabled ones are never sold.</summary>
public enum ListingStatus { Active, Preview, Deprecated, SunsetDue, Unlisted, Retired, Disabled }

/// <summary>One model, whoever hosts it. Absent figures are null: unknown is not zero.</summary>
public sealed record Model
{
    public required ModelId Id { get; init; }
    public required string Name { get; init; }

    /// <summary>One sober line, at most 160 characters.</summary>
    public required string Description { get; init; }

    public required ModelKind Kind { get; init; }
    public CatalogDate? ReleaseDate { get; init; }
    public CatalogDate? KnowledgeCutoff { get; init; }

    /// <summary>Tokens of input and output together.</summary>
    public int? ContextWindow { get; init; }
    public int? MaxOutputTokens { get; init; }

    /// <summary>Of text, image, pdf, audio, video.</summary>
    public ImmutableArray<string> InputModalities { get; init; } = [];

    /// <summary>Of text, image, audio, video, embedding, score.</summary>
    public ImmutableArray<string> OutputModalities { get; init; } = [];

    /// <summary>
    /// Of tool_calling, reasoning, vision, structured_output, prompt_caching, pdf, audio, web_search, ...
    /// </summary>
    public ImmutableArray<string> Capabilities { get; init; } = [];

    public bool? OpenWeights { get; init; }
    public string? License { get; init; }
    public string? Family { get; init; }
    public ListingStatus Status { get; init; }

    /// <summary>The earliest day on which the lab may withdraw it.</summary>
    public CatalogDate? RetirementDate { get; init; }

    /// <summary>Length of the vectors of an embedding model.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Other names, bare or with author.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Who hosts it: first-party offers first, then by provider.</summary>
    public ImmutableArray<Offer> Offers { get; init; } = [];

    public ImmutableArray<Evidence> Evidence { get; init; } = [];

    public bool IsChat => Kind == ModelKind.Chat;

    public bool Can(string capability) => Capabilities.Contains(capability);
}

/// <summary>One published score of a model, with where it was read and under which licence it may be shown.</summary>
/// <param name="Task">The task category it speaks for, such as <c>code_generation</c>.</param>
/// <param name="Benchmark">Scores of different benchmarks are not comparable.</param>
/// <param name="Variant">Effort, harness or mode; null when the source names none.</param>
/// <param name="Score">As the source gives it, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>%</c>, <c>0-100</c>, <c>0-10</c>, <c>minutes</c>, or <c>s</c>, where less is better.</param>
/// <param name="Metric">What the benchmark counts.</param>
/// <param name="MeasuredAs">The source's own name of the model.</param>
/// <param name="Date">When it was measured or published.</param>
/// <param name="Source">Where it was read.</param>
/// <param name="Licence">The licence that allows showing it.</param>
public sealed record Evidence(
    string Task, string Benchmark, string? Variant, decimal Score, string Unit, string Metric,
    string MeasuredAs, CatalogDate Date, string Source, string Licence)
{
    /// <summary>False where a smaller figure is the better one.</summary>
    public bool HigherIsBetter => Unit != "s";
}
