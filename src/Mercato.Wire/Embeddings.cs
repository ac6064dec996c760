using System.Text.Json;

namespace Mercato.Wire;

/// <summary>A request for vectors, in no host's format.</summary>
public sealed record EmbeddingRequest
{
    /// <summary>What to turn into vectors, in order; at least one.</summary>
    public required IReadOnlyList<EmbeddingInput> Inputs { get; init; }

    /// <summary>The length of the vectors; null leaves it to the model.</summary>
    public long? Dimensions { get; init; }

    /// <summary>Whether vectors are wanted as base64 of little-endian float32 instead of numbers.</summary>
    public bool WantsBase64 { get; init; }

    /// <summary>What the texts are for, such as <c>query</c> or <c>document</c>; null when the caller didn't say.
    /// OpenAI has no such member, but many hosts do.</summary>
    public string? InputType { get; init; }

    /// <summary>Top-level members that have no place here.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Whether some input is tokens of OpenAI's tokenizers, which only hosts of its format can read.</summary>
    public bool HasTokens => Inputs.Any(input => input.Text is null);
}

/// <summary>One thing to turn into a vector.</summary>
/// <param name="Text">The text; null when it came as tokens.</param>
/// <param name="Tokens">How many tokens came; 0 for a text.</param>
public readonly record struct EmbeddingInput(string? Text, int Tokens = 0);

/// <summary>The outcome of reading a caller's request for vectors: both facts and request, or a refusal.</summary>
public readonly record struct EmbeddingReading(RequestFacts? Facts, EmbeddingRequest? Request, RequestRefusal? Refusal);

/// <summary>How hosts of one format are asked for vectors. Stateless.</summary>
public interface IEmbeddingHost
{
    /// <summary>Whether input may be tokens.</summary>
    bool TakesTokens { get; }

    /// <summary>The path behind a host's base address.</summary>
    string PathOf(string model);

    /// <summary>The host's body. What the host can't take is left out and named.</summary>
    UpstreamRequest Write(RequestFacts facts, EmbeddingRequest request, RequestEdits edits);

    /// <summary>Reads a whole 200 body; what can't be an answer has an <see cref="EmbeddingAnswer.Error"/>.</summary>
    EmbeddingAnswer Read(ReadOnlyMemory<byte> body);
}

/// <summary>A host's answer to a request for vectors.</summary>
public sealed record EmbeddingAnswer
{
    /// <summary>The vectors in the order of the inputs, as the host wrote them: arrays of numbers, or base64 where
    /// the host was asked for it.</summary>
    public IReadOnlyList<JsonElement> Vectors { get; init; } = [];

    /// <summary>What was used; null when the host doesn't say. Output is an explicit zero: there is none.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The host's id of the answer.</summary>
    public string? Id { get; init; }

    /// <summary>The whole body where the host answers in OpenAI's shape.</summary>
    public ReadOnlyMemory<byte>? Own { get; init; }

    /// <summary>Why this is no answer; null when it is one.</summary>
    public UpstreamError? Error { get; init; }

    /// <summary>No answer.</summary>
    public static EmbeddingAnswer Failed(UpstreamErrorKind kind, string message) =>
        new() { Error = UpstreamError.Of(kind, message) };

    /// <summary>Usage of <paramref name="inputTokens"/>; null when nothing was told.</summary>
    internal static Usage? Used(long? inputTokens, UsageCounts counts) =>
        inputTokens is null && counts.Suspicion is null
            ? null
            : new Usage { InputUncached = inputTokens, OutputText = 0, Suspicion = counts.Suspicion };

    /// <summary>Reads a body whose vectors <paramref name="read"/> finds; every failure that a host can think of is
    /// an error here.</summary>
    internal static EmbeddingAnswer Read(ReadOnlyMemory<byte> body, Func<JsonElement, EmbeddingAnswer> read)
    {
        var (root, error) = PlainAnswer.Open(body);
        if (error is not null)
        {
            return new EmbeddingAnswer { Error = error };
        }

        var answer = read(root);
        return answer.Vectors.Count == 0
            ? Failed(UpstreamErrorKind.NotJson, "The host answered 200 without vectors.")
            : answer.Vectors.All(IsVector) ? answer
            : Failed(UpstreamErrorKind.NotJson, "The host answered with something that is no vector.");
    }

    private static bool IsVector(JsonElement vector) => vector.ValueKind switch
    {
        JsonValueKind.String => true,
        JsonValueKind.Array => vector.GetArrayLength() > 0
            && vector.EnumerateArray().All(number => number.ValueKind == JsonValueKind.Number),
        _ => false,
    };
}
