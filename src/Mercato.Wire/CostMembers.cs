using System.Buffers;
using System.Text;

namespace Mercato.Wire;

/// <summary>Puts a bill into an answer's <c>usage</c>: <c>cost</c>, <c>cost_usd</c>, <c>is_byok</c>,
/// <c>cost_details</c> and <c>mercato</c>, the same in every client dialect.</summary>
internal static class CostMembers
{
    private static readonly SearchValues<byte> AmountBytes = SearchValues.Create("0123456789."u8);

    /// <summary>Sets the members in the document's <c>usage</c>; its other members stay as they were.</summary>
    /// <param name="document">What has the usage: an answer or a stream's frame.</param>
    /// <param name="cost">The bill.</param>
    /// <param name="counted">The usage, in the dialect's words, of a document that has none; null for an empty
    /// one.</param>
    /// <exception cref="ArgumentException">An amount is not plain decimal digits.</exception>
    public static void Set(JsonSplice document, AnswerCost cost, byte[]? counted)
    {
        var usage = (document.FindValue("usage") is { } own ? JsonSplice.Read(own) : null)
            ?? JsonSplice.Read(counted ?? "{}"u8.ToArray())!;
        usage.Set("cost", Amount(cost.Cost))
            .SetText("cost_usd", cost.Cost)
            .Set("is_byok", cost.IsByok ? "true"u8.ToArray() : "false"u8.ToArray())
            .Set("cost_details", JsonWriting.WriteObject(json =>
            {
                json.WritePropertyName("upstream_inference_cost");
                json.WriteRawValue(cost.UpstreamCost is null ? "null"u8 : Amount(cost.UpstreamCost));
                if (cost.UpstreamCost is not null)
                {
                    json.WriteString("upstream_inference_cost_usd", cost.UpstreamCost);
                }
            }));
        if (!cost.Mercato.IsEmpty)
        {
            usage.Set("mercato", cost.Mercato);
        }

        document.Set("usage", usage.ToBytes());
    }

    // Digits go to the wire as they were computed; a detour over a number type could change them.
    private static byte[] Amount(string digits)
    {
        var bytes = Encoding.ASCII.GetBytes(digits);
        var isPlain = JsonDigits.TryRead(bytes, out var number) && !number.IsNegative
            && !bytes.AsSpan().ContainsAnyExcept(AmountBytes)
            && (bytes is not [(byte)'0', not (byte)'.', ..]) && bytes[^1] != '.';
        return isPlain ? bytes
            : throw new ArgumentException($"'{digits}' is not a plain decimal amount.", nameof(digits));
    }
}
