namespace Mercato.Wire;

/// <summary>A request for pictures.</summary>
/// <param name="Count">How many pictures are wanted.</param>
public sealed record ImageRequest(int Count);

/// <summary>The outcome of reading a caller's request for pictures: both facts and request, or a refusal.</summary>
public readonly record struct ImageReading(RequestFacts? Facts, ImageRequest? Request, RequestRefusal? Refusal);

/// <summary>A host's answer to a request for pictures; the pictures stay in its body.</summary>
/// <param name="Count">How many pictures came.</param>
/// <param name="Usage">What was used; null when the host doesn't say, as it doesn't where a picture has a
/// price.</param>
/// <param name="Error">Why this is no answer; null when it is one.</param>
public sealed record ImageAnswer(int Count, Usage? Usage, UpstreamError? Error = null);
