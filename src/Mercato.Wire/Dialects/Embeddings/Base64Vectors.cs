using System.Buffers.Binary;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Embeddings;

/// <summary>
/// Vectors as OpenAI's own clients ask for them: base64 of little-endian float32. The one place where a vector's numbers
/// are parsed; elsewhere they pass to the digit.
/// </summary>
internal static class Base64Vectors
{
    /// <summary>The base64; null when a number is beyond float32.</summary>
    public static string? Pack(JsonElement vector)
    {
        var bytes = new byte[vector.GetArrayLength() * sizeof(float)];
        var at = 0;
        foreach (var number in vector.EnumerateArray())
        {
            if (!number.TryGetSingle(out var value) || !float.IsFinite(value))
            {
                return null;
            }

            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
            at += sizeof(float);
        }

        return Convert.ToBase64String(bytes);
    }
}
