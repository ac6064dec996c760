using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

public sealed partial class GeminiDialect
{
    /// <inheritdoc/>
    public IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider)
    {
        var deltas = new List<ChatDelta>();
        var answer = new AnswerReading(provider);
        if (JsonText.ParseElement(body.Span) is not { } root || !answer.ReadAll(root, deltas))
        {
            return [NotJson(body.IsEmpty
                ? "The host answered 200 with an empty body." : "The host answered 200 with a body that is not JSON.")];
        }

        if (!answer.HasCandidate && !answer.HasFinished && !deltas.Exists(delta => delta is ErrorDelta))
        {
            deltas.Add(NotJson("The host answered 200 without candidates."));
        }

        return deltas;
    }

    private static ErrorDelta NotJson(string message) =>
        new(UpstreamError.Of(UpstreamErrorKind.NotJson, message));
}
