namespace Mercato.Catalog;

/// <summary>What is counted in a call besides tokens.</summary>
/// <param name="Requests">Calls; 1.</param>
/// <param name="Images">Pictures made.</param>
/// <param name="AudioSeconds">Seconds of audio heard.</param>
/// <param name="Queries">Queries of a reranker or searches of a host's own tool.</param>
/// <param name="Characters">Characters spoken.</param>
public sealed record UnitCounts(
    long Requests = 1, long Images = 0, long AudioSeconds = 0, long Queries = 0, long Characters = 0)
{
    /// <summary>A plain call.</summary>
    public static UnitCounts One { get; } = new();

    internal (PriceKind Kind, long Count)[] ByKind =>
    [
        (PriceKind.Request, Requests), (PriceKind.Image, Images), (PriceKind.MinuteAudio, AudioSeconds),
        (PriceKind.ThousandQueries, Queries), (PriceKind.MillionChars, Characters),
    ];
}

/// <summary>The ceilings of a call that has not been made yet.</summary>
/// <param name="InputTokens">All input but audio.</param>
/// <param name="OutputTokens">Output of one choice.</param>
/// <param name="Choices"><c>n</c>; it multiplies the output.</param>
/// <param name="AudioInputTokens">Input tokens of audio, when there is audio.</param>
/// <param name="AudioOutput">Whether the answer may be audio.</param>
/// <param name="ImageOutput">Whether the answer may hold pictures that are counted in tokens.</param>
public sealed record CallCeiling(
    long InputTokens, long OutputTokens, int Choices = 1, long AudioInputTokens = 0, bool AudioOutput = false,
    bool ImageOutput = false)
{
    /// <summary>Requests, pictures, seconds and so on.</summary>
    public UnitCounts Units { get; init; } = UnitCounts.One;
}
