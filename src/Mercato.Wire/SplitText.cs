using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>
/// Text that comes in pieces, each the inside of a JSON string. Hosts that cut by UTF-16 units put the halves of an
/// emoji into two pieces; a half at a piece's end waits here for the other. One per channel of a stream.
/// </summary>
public sealed class SplitText
{
    private const int EscapeLength = 6;

    private byte[] _half = [];

    /// <summary>The text of the next piece, without a half at its end.</summary>
    /// <param name="text">A JSON string.</param>
    public string Take(JsonElement text) => Take(JsonMarshal.GetRawUtf8Value(text)[1..^1]);

    /// <summary>The text of the next piece, without a half at its end.</summary>
    /// <param name="escaped">The inside of a JSON string.</param>
    public string Take(ReadOnlySpan<byte> escaped)
    {
        // Both are insides of JSON strings, so one behind the other is one as well.
        var whole = _half.Length == 0 ? escaped : [.. _half, .. escaped];
        var end = EndsInHalf(whole) ? whole.Length - EscapeLength : whole.Length;
        _half = whole[end..].ToArray();
        return JsonText.ToText(whole[..end]);
    }

    /// <summary>What stands for a half whose other half never came; usually empty.</summary>
    public string Rest()
    {
        var rest = JsonText.ToText(_half);
        _half = [];
        return rest;
    }

    private static bool EndsInHalf(ReadOnlySpan<byte> escaped)
    {
        if (escaped.Length < EscapeLength
            || escaped[^EscapeLength..] is not [(byte)'\\', (byte)'u', (byte)'d' or (byte)'D', var kind, ..]
            || !"89abAB"u8.Contains(kind))
        {
            return false;
        }

        // A backslash that is itself escaped begins no escape.
        var before = escaped[..^EscapeLength];
        return (before.Length - before.TrimEnd((byte)'\\').Length) % 2 == 0;
    }
}
