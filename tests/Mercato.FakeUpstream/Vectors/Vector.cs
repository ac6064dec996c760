using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A vector of length 1 that only the text decides.</summary>
internal static class Vector
{
    public const int DimensionsUnlessTold = 16;

    public static float[] Of(string text, int dimensions)
    {
        var raw = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            raw[i] = SHA256.HashData(Encoding.UTF8.GetBytes($"{i} {text}"))[0] - 127.5f;
        }

        var length = MathF.Sqrt(raw.Sum(x => x * x));
        return [.. raw.Select(x => x / length)];
    }

    public static JsonArray ToJson(float[] vector) => new([.. vector.Select(x => JsonValue.Create(x))]);

    public static string ToBase64(float[] vector) => Convert.ToBase64String(MemoryMarshal.AsBytes<float>(vector));
}

/// <summary>A dialect that answers texts with vectors: input is counted, and there is no output.</summary>
internal abstract class VectorDialect : Dialect
{
    public override Story Tell(Turn turn) => new([], [], [], 0, "stop", new Usage(turn.Amount("in", 20), 0, 0, 0, 0));

    public override Telling Write(Turn turn, Story story)
    {
        var claim = Language.ClaimUsage(UsageOf(story.Usage), turn);
        return new Telling(
            Answer.Plain(Body(turn, claim?.DeepClone()).ToBytes(), 0, 0), claim);
    }

    protected abstract JsonObject UsageOf(Usage usage);

    protected abstract JsonObject Body(Turn turn, JsonNode? usage);

    protected static IEnumerable<float[]> VectorsOf(Turn turn) => turn.Request.Texts.Select(text =>
        Vector.Of(text, turn.Request.Dimensions ?? Vector.DimensionsUnlessTold));
}
