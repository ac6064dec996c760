namespace Mercato.Wire.Dialects.Embeddings;

/// <summary>Cohere's embed, version 2.</summary>
public sealed class CohereEmbeddings : IEmbeddingHost
{
    private CohereEmbeddings()
    {
    }

    /// <summary>The format, which has no state.</summary>
    public static CohereEmbeddings Instance { get; } = new();

    /// <inheritdoc/>
    public bool TakesTokens => false;

    /// <inheritdoc/>
    public string PathOf(string model) => "v2/embed";

    /// <inheritdoc/>
    public UpstreamRequest Write(RequestFacts facts, EmbeddingRequest request, RequestEdits edits) => new(
        JsonWriting.WriteObject(json =>
        {
            json.WriteString("model", edits.Model);
            json.WriteTexts("texts", [.. request.Inputs.Select(input => input.Text!)]);
            json.WriteString("input_type", TypeOf(request.InputType));
            json.WriteTexts("embedding_types", ["float"]);
            if (request.Dimensions is { } dimensions)
            {
                json.WriteNumber("output_dimension", dimensions);
            }
        }),
        PlainEdits.Dropped(facts, request.Others));

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> body) => EmbeddingAnswer.Read(body, root =>
    {
        var billed = root.Find("meta")?.Find("billed_units");
        var counts = new UsageCounts(billed ?? default);
        return new EmbeddingAnswer
        {
            Vectors = [.. root.Find("embeddings")?.List("float") ?? []],
            Usage = EmbeddingAnswer.Used(counts.Count(billed, "input_tokens"), counts),
            Id = root.FindText("id"),
        };
    });

    /// <summary>The host wants to know what the texts are for; whoever doesn't say stores them, as a rule.</summary>
    private static string TypeOf(string? inputType) => inputType switch
    {
        null or "document" => "search_document",
        "query" => "search_query",
        _ => inputType,
    };
}
