namespace Mercato.Wire.Dialects.Embeddings;

/// <summary>Ollama's own <c>api/embed</c>.</summary>
public sealed class OllamaEmbeddings : IEmbeddingHost
{
    private OllamaEmbeddings()
    {
    }

    /// <summary>The format, which has no state.</summary>
    public static OllamaEmbeddings Instance { get; } = new();

    /// <inheritdoc/>
    public bool TakesTokens => false;

    /// <inheritdoc/>
    public string PathOf(string model) => "api/embed";

    /// <inheritdoc/>
    public UpstreamRequest Write(RequestFacts facts, EmbeddingRequest request, RequestEdits edits)
    {
        var dropped = PlainEdits.Dropped(facts, request.Others);
        if (request.InputType is not null)
        {
            dropped.Add("input_type");
        }

        return new(
            JsonWriting.WriteObject(json =>
            {
                json.WriteString("model", edits.Model);
                json.WriteTexts("input", [.. request.Inputs.Select(input => input.Text!)]);
                if (request.Dimensions is { } dimensions)
                {
                    json.WriteNumber("dimensions", dimensions);
                }
            }),
            dropped);
    }

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> body) => EmbeddingAnswer.Read(body, root =>
    {
        var counts = new UsageCounts(root);
        return new EmbeddingAnswer
        {
            Vectors = [.. root.List("embeddings")],
            Usage = EmbeddingAnswer.Used(counts.Count("prompt_eval_count"), counts),
        };
    });
}
