using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Embeddings;

public sealed partial class OpenAiEmbeddings
{
    /// <summary>
    /// The answer for the caller, without the bill: the host's own bytes where they are in this shape, vectors packed
    /// where the caller wants them so and the host wrote numbers.
    /// </summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="answer">What the host said.</param>
    /// <param name="model">The model's id as the caller knows it.</param>
    /// <returns>The body, or why the host's answer can't be passed on.</returns>
    public static (byte[]? Body, UpstreamError? Error) WriteAnswer(
        EmbeddingRequest request, EmbeddingAnswer answer, string model)
    {
        if (answer.Vectors.Count != request.Inputs.Count)
        {
            return (null, UpstreamError.Of(UpstreamErrorKind.NotJson,
                $"The host answered {answer.Vectors.Count} vectors to {request.Inputs.Count} inputs."));
        }

        var packs = request.WantsBase64 && answer.Vectors.Any(vector => vector.ValueKind == JsonValueKind.Array);
        if (answer.Own is { } own && !packs)
        {
            return (own.ToArray(), null);
        }

        var vectors = new List<ReadOnlyMemory<byte>>(answer.Vectors.Count);
        foreach (var vector in answer.Vectors)
        {
            if (!packs || vector.ValueKind != JsonValueKind.Array)
            {
                vectors.Add(Encoding.UTF8.GetBytes(vector.ToRaw()));
            }
            else if (Base64Vectors.Pack(vector) is { } packed)
            {
                vectors.Add(Encoding.ASCII.GetBytes($"\"{packed}\""));
            }
            else
            {
                return (null, UpstreamError.Of(UpstreamErrorKind.NotJson, "The host answered a number beyond float32."));
            }
        }

        return (answer.Own is { } body ? Replace(body, vectors) : Write(vectors, answer.Usage, model), null);
    }

    private static byte[] Replace(ReadOnlyMemory<byte> body, List<ReadOnlyMemory<byte>> vectors)
    {
        var splice = JsonSplice.Read(body)!;
        var items = JsonElement.Parse(splice.FindValue("data")!.Value.Span);
        return splice.Set("data", JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            for (var index = 0; index < vectors.Count; index++)
            {
                var item = JsonSplice.Read(Encoding.UTF8.GetBytes(items[index].ToRaw()))!;
                json.WriteRawValue(item.Set("embedding", vectors[index]).ToBytes(), skipInputValidation: true);
            }

            json.WriteEndArray();
        })).ToBytes();
    }

    private static byte[] Write(List<ReadOnlyMemory<byte>> vectors, Usage? usage, string model) =>
        JsonWriting.WriteObject(json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (var index = 0; index < vectors.Count; index++)
            {
                json.WriteStartObject();
                json.WriteString("object", "embedding");
                json.WriteNumber("index", index);
                json.WriteRaw("embedding", vectors[index].Span);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model", model);
            if (usage?.TotalInput is { } tokens)
            {
                json.WriteStartObject("usage");
                json.WriteNumber("prompt_tokens", tokens);
                json.WriteNumber("total_tokens", tokens);
                json.WriteEndObject();
            }
        });
}
