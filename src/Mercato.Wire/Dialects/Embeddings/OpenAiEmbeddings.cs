using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Embeddings;

/// <summary>
/// OpenAI's embeddings, as callers speak them to us and as OpenAI, Mistral, Voyage, Together, Ollama and others speak
/// them. Pure functions over bytes.
/// </summary>
public sealed partial class OpenAiEmbeddings
{
    /// <summary>As many inputs as OpenAI takes; no other host takes more.</summary>
    private const int MaxInputs = 2048;

    /// <summary>A token is counted like this many bytes of text.</summary>
    private const int BytesPerToken = 4;

    private static readonly string[] Known =
        ["model", "input", "dimensions", "encoding_format", "input_type", "user"];

    private OpenAiEmbeddings()
    {
    }

    /// <summary>The format, which has no state.</summary>
    public static OpenAiEmbeddings Instance { get; } = new();

    /// <summary>
    /// Reads a caller's body. What is malformed, of the wrong type or out of range is a refusal that names the member;
    /// nothing is thrown. Members that other hosts know stay in the body unjudged.
    /// </summary>
    public static EmbeddingReading ReadRequest(ReadOnlyMemory<byte> utf8)
    {
        var (body, refusal) = PlainBody.Open(utf8);
        if (body is null)
        {
            return new(null, null, refusal);
        }

        var inputs = body.Require("input") is { } input ? ReadInputs(input, body) : [];
        var request = new EmbeddingRequest
        {
            Inputs = inputs,
            Dimensions = body.Count("dimensions", JsonCount.Limit - 1),
            WantsBase64 = WantsBase64(body),
            InputType = body.Text("input_type"),
            Others = body.Others(Known),
        };
        var facts = body.ToFacts(Measure(inputs), "embeddings");
        return facts is null ? new(null, null, body.Refusal) : new(facts, request, null);
    }

    private static bool WantsBase64(PlainBody body)
    {
        var format = body.Text("encoding_format");
        if (format is not (null or "float" or "base64"))
        {
            body.Refuse("'encoding_format' must be one of: float, base64.", "encoding_format", "invalid_value");
        }

        return format == "base64";
    }

    private static List<EmbeddingInput> ReadInputs(JsonElement input, PlainBody body)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return [new EmbeddingInput(input.ReadText())];
        }

        if (input.ValueKind != JsonValueKind.Array)
        {
            body.Refuse("'input' must be a string, an array of strings, or arrays of tokens.", "input", "invalid_type");
            return [];
        }

        if (input.GetArrayLength() == 0)
        {
            body.Refuse("'input' is empty.", "input", "invalid_value");
            return [];
        }

        // A list of numbers is one text, given as its tokens.
        if (input[0].ValueKind == JsonValueKind.Number)
        {
            return [ReadInput(input, "input", body)];
        }

        if (input.GetArrayLength() > MaxInputs)
        {
            body.Refuse($"'input' has more than {MaxInputs} items.", "input", "too_large");
            return [];
        }

        return [.. input.EnumerateArray().Select((one, index) => ReadInput(one, $"input[{index}]", body))];
    }

    private static EmbeddingInput ReadInput(JsonElement input, string path, PlainBody body)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            return new EmbeddingInput(input.ReadText());
        }

        var isTokens = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0
            && input.EnumerateArray().All(IsToken);
        if (!isTokens)
        {
            body.Refuse($"'{path}' must be a string or an array of tokens.", path, "invalid_type");
            return default;
        }

        return new EmbeddingInput(null, input.GetArrayLength());
    }

    private static bool IsToken(JsonElement token) =>
        token.ValueKind == JsonValueKind.Number
        && JsonCount.Read(JsonMarshal.GetRawUtf8Value(token), out _) == CountShape.Whole;

    private static InputSize Measure(List<EmbeddingInput> inputs) => new(
        inputs.Sum(input => input.Text is { } text
            ? (long)Encoding.UTF8.GetByteCount(text) : (long)input.Tokens * BytesPerToken),
        inputs.Count, 0, 0, 0, 0, 0, 0);
}
