using Mercato.Wire.Dialects.Gemini;

namespace Mercato.Wire.Dialects.Embeddings;

/// <summary>Google's <c>batchEmbedContents</c>, for one text as for many.</summary>
public sealed class GeminiEmbeddings : IEmbeddingHost
{
    private GeminiEmbeddings()
    {
    }

    /// <summary>The format, which has no state.</summary>
    public static GeminiEmbeddings Instance { get; } = new();

    /// <inheritdoc/>
    public bool TakesTokens => false;

    /// <inheritdoc/>
    public string PathOf(string model) => $"v1beta/{GeminiDialect.ResourceOf(model)}:batchEmbedContents";

    /// <inheritdoc/>
    public UpstreamRequest Write(RequestFacts facts, EmbeddingRequest request, RequestEdits edits) => new(
        JsonWriting.WriteObject(json =>
        {
            var resource = Uri.UnescapeDataString(GeminiDialect.ResourceOf(edits.Model));
            json.WriteStartArray("requests");
            foreach (var input in request.Inputs)
            {
                json.WriteStartObject();
                json.WriteString("model", resource);
                json.WriteStartObject("content");
                json.WriteStartArray("parts");
                json.WriteStartObject();
                json.WriteString("text", input.Text);
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteTextIfAny("taskType", TypeOf(request.InputType));
                if (request.Dimensions is { } dimensions)
                {
                    json.WriteNumber("outputDimensionality", dimensions);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }),
        PlainEdits.Dropped(facts, request.Others));

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> body) => EmbeddingAnswer.Read(body, root =>
    {
        var usage = root.Find("usageMetadata");
        var counts = new UsageCounts(usage ?? default);
        return new EmbeddingAnswer
        {
            Vectors = [.. root.List("embeddings").Select(one => one.Find("values") ?? default)],
            Usage = EmbeddingAnswer.Used(counts.Count(usage, "promptTokenCount"), counts),
        };
    });

    private static string? TypeOf(string? inputType) => inputType switch
    {
        "query" or "search_query" => "RETRIEVAL_QUERY",
        "document" or "search_document" => "RETRIEVAL_DOCUMENT",
        _ => inputType?.ToUpperInvariant(),
    };
}
