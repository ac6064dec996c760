using System.Buffers;
using System.Text;

namespace Mercato.Wire;

/// <summary>The members of <c>usage</c> that tell the bill; the same in every client dialect.</summary>
internal static class CostMembers
{
    private static readonly SearchValues<byte> AmountBytes = SearchValues.Create("0123456789."u8);

    /// <summary>Puts the cost into the <c>usage</c> of an answer.</summary>
    /// <param name="splice">The answer.</param>
    /// <param name="cost">The cost to show.</param>
    /// <param name="countedUsage">A raw <c>usage</c> object of the dialect for an answer that has none; null for an
    /// empty one.</param>
    /// <exception cref="ArgumentException">An amount is not plain decimal digits.</exception>
    public static void Set(JsonSplice splice, AnswerCost cost, ReadOnlyMemory<byte>? countedUsage)
    {
        var usage = (splice.FindValue("usage") is { } own ? JsonSplice.Read(own) : null)
            ?? JsonSplice.Read(countedUsage ?? "{}"u8.ToArray())!;
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

        splice.Set("usage", usage.ToBytes());
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
