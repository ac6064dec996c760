using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Reads the figures of one usage object. What can't be a count is null, and the first such figure is
/// remembered.</summary>
internal sealed class UsageCounts(JsonElement usage)
{
    /// <summary>Why the figures can't be believed; null when nothing is wrong.</summary>
    public string? Suspicion { get; private set; }

    /// <summary>A count of the usage object itself.</summary>
    public long? Count(string name) => Count(usage, name);

    /// <summary>A count of an object inside it; null when the object or the member is absent.</summary>
    public long? Count(JsonElement? owner, string name)
    {
        if (owner?.Find(name) is not { } value)
        {
            return null;
        }

        long count = 0;
        var shape = value.ValueKind == JsonValueKind.Number
            ? JsonCount.Read(JsonMarshal.GetRawUtf8Value(value), out count)
            : CountShape.NotNumber;
        if (shape == CountShape.Whole)
        {
            return count;
        }

        Suspicion ??= $"{name} is {Words(shape)}";
        return null;
    }

    /// <summary>What is left of a whole without its parts; a part larger than its whole is suspicious.</summary>
    public long? Rest(string name, long? whole, params ReadOnlySpan<long?> parts)
    {
        var rest = whole;
        foreach (var part in parts)
        {
            rest -= part ?? 0;
        }

        if (rest < 0)
        {
            Suspicion ??= $"{name} is less than its details";
            return 0;
        }

        return rest;
    }

    private static string Words(CountShape shape) => shape switch
    {
        CountShape.Negative => "negative",
        CountShape.Fraction => "not whole",
        CountShape.Huge => "out of range",
        _ => "not a number",
    };
}
