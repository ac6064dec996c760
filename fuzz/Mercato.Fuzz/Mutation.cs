using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Fuzz;

/// <summary>Makes other bytes of known ones. The same seed makes the same bytes.</summary>
internal sealed class Mutation(int seed, IReadOnlyList<byte[]> seeds)
{
    private const int MaxBytes = 32 * 1024;

    private static readonly string[] Nasty =
    [
        "null", "true", "{}", "[]", "[[]]", "\"\"", "0", "-1", "1e999", "1.0", "9223372036854775808", "\\ud83d", "\\udc00",
        "\\u0000", "\\", "\"", "{", "}", "[", "]", ",", ":", "\n\n", "\r\n", "\r", "\ndata: ", "\nevent: ", ": ", "[DONE]",
        "data: ", "\uFEFF", "é", "🙂", "mercato:1:s:host::", "mercato:1:r:host:i:", "\"error\":{\"message\":\"x\"},",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "data:application/pdf;base64,",
    ];

    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}[],:\n"u8);

    private readonly Random _random = new(seed);
    private readonly byte[][] _words =
        [.. Nasty.Select(Encoding.UTF8.GetBytes).Concat([[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0]]).Concat(seeds.SelectMany(Words))];

    /// <summary>A number below <paramref name="end"/>.</summary>
    public int Next(int end) => _random.Next(end);

    /// <summary>Other bytes, made of one or more small changes.</summary>
    public byte[] Change(byte[] bytes, byte[] other)
    {
        var changed = bytes;
        for (var count = 1 << _random.Next(5); count > 0; count--)
        {
            changed = ChangeOnce(changed, other);
        }

        return changed.Length > MaxBytes ? changed[..MaxBytes] : changed;
    }

    private byte[] ChangeOnce(byte[] bytes, byte[] other)
    {
        var at = _random.Next(bytes.Length + 1);
        var end = Math.Min(bytes.Length, at + _random.Next(1 + (1 << _random.Next(8))));
        switch (_random.Next(9))
        {
            case 0 when at < bytes.Length:
                byte[] flipped = [.. bytes];
                flipped[at] ^= (byte)(1 << _random.Next(8));
                return flipped;
            case 1:
                return [.. bytes[..at], (byte)_random.Next(256), .. bytes[at..]];
            case 2:
                return [.. bytes[..at], .. bytes[end..]];
            case 3:
                return [.. bytes[..end], .. bytes[at..]];
            case 4:
                var from = _random.Next(other.Length + 1);
                return [.. bytes[..at], .. other[from..Math.Min(other.Length, from + (end - at) + 8)], .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. Word(), .. bytes[at..]];
            case 6:
                return [.. bytes[..at], .. Word(), .. bytes[end..]];
            default:
                var (start, stop) = ValueAt(bytes, at);
                return [.. bytes[..start], .. Word(), .. bytes[stop..]];
        }
    }

    private byte[] Word() => _words[_random.Next(_words.Length)];

    /// <summary>Roughly the JSON scalar around a place: what stands between structural bytes.</summary>
    private static (int Start, int End) ValueAt(byte[] bytes, int at)
    {
        var start = bytes.AsSpan(0, at).LastIndexOfAny(Structure) + 1;
        var length = bytes.AsSpan(start).IndexOfAny(Structure);
        return (start, length < 0 ? bytes.Length : start + length);
    }

    /// <summary>Every name and every value of an example, as they are written there.</summary>
    private static IEnumerable<byte[]> Words(byte[] example)
    {
        var words = new Dictionary<string, byte[]>();
        foreach (var line in Encoding.UTF8.GetString(example).Split("data: ").Append(Encoding.UTF8.GetString(example)))
        {
            Collect(Encoding.UTF8.GetBytes(line), words);
        }

        return words.Values;
    }

    private static void Collect(byte[] text, Dictionary<string, byte[]> words)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray
                    or JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    var word = text[(int)reader.TokenStartIndex..(int)reader.BytesConsumed];
                    words[Encoding.UTF8.GetString(word)] = word;
                }
            }
        }
        catch (JsonException)
        {
            // Streams are no JSON; what was read until here is enough.
        }
    }
}
