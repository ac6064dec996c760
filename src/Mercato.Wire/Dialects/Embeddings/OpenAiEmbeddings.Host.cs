using System.Text.Json;

namespace Mercato.Wire.Dialects.Embeddings;

public sealed partial class OpenAiEmbeddings : IEmbeddingHost
{
    /// <inheritdoc/>
    public bool TakesTokens => true;

    /// <inheritdoc/>
    public string PathOf(string model) => "embeddings";

    /// <inheritdoc/>
    /// <remarks>The caller's own bytes, changed only where the model, the host's quirks or the extension list
    /// demand it.</remarks>
    public UpstreamRequest Write(RequestFacts facts, EmbeddingRequest request, RequestEdits edits)
    {
        var dropped = new List<string>();
        var splice = PlainEdits.Begin(facts, edits, dropped);
        if (!edits.Quirks.AcceptsEncodingFormat && splice.FindValue("encoding_format") is not null)
        {
            // The host answers numbers, which are packed on the way back.
            splice.Remove("encoding_format");
        }

        var name = edits.Quirks.DimensionsName;
        if (name != "dimensions" && splice.FindValue("dimensions") is { } dimensions)
        {
            splice.Remove("dimensions").Set(name, dimensions);
        }

        return new(splice.IsEmpty ? facts.Members.Document : splice.ToBytes(), dropped);
    }

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> body) => EmbeddingAnswer.Read(body, root => new EmbeddingAnswer
    {
        Vectors = [.. root.List("data").Select(item => item.Find("embedding") ?? default)],
        Usage = root.Find("usage") is { } usage ? UsageOf(usage) : null,
        Id = root.FindText("id"),
        Own = body,
    });

    // Voyage tells the total only; there is no output that could be in it.
    private static Usage? UsageOf(JsonElement usage)
    {
        var counts = new UsageCounts(usage);
        return EmbeddingAnswer.Used(counts.Count("prompt_tokens") ?? counts.Count("total_tokens"), counts);
    }
}
