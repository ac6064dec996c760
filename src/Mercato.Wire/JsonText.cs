using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Mercato.Wire;

/// <summary>
/// Turns the inside of a JSON string into UTF-8 text. Unlike the platform's reader it never throws: a lone surrogate
/// escape, which some hosts send when they split an emoji over two chunks, becomes U+FFFD.
/// </summary>
internal static class JsonText
{
    /// <summary>Appends the text of a JSON string (without its quotes) and returns the number of bytes
    /// written.</summary>
    public static int Append(ReadOnlySpan<byte> escaped, IBufferWriter<byte> text)
    {
        var written = 0;
        while (true)
        {
            var next = escaped.IndexOf((byte)'\\');
            var plain = next < 0 ? escaped : escaped[..next];
            text.Write(plain);
            written += plain.Length;
            if (next < 0 || next + 1 >= escaped.Length)
            {
                return written;
            }

            escaped = escaped[next..];
            var rune = ReadEscape(ref escaped);
            written += rune.EncodeToUtf8(text.GetSpan(4));
            text.Advance(rune.Utf8SequenceLength);
        }
    }

    /// <summary>The number of bytes that <see cref="Append"/> would write.</summary>
    public static int Count(ReadOnlySpan<byte> escaped)
    {
        var count = 0;
        while (true)
        {
            var next = escaped.IndexOf((byte)'\\');
            if (next < 0 || next + 1 >= escaped.Length)
            {
                return count + (next < 0 ? escaped.Length : next);
            }

            escaped = escaped[next..];
            count += next + ReadEscape(ref escaped).Utf8SequenceLength;
        }
    }

    /// <summary>Whether the reader's name or string is this text. The platform's own comparison throws on a lone
    /// surrogate, which anybody can send.</summary>
    public static bool Is(this in Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(text);
        }

        // An escape takes at most six bytes for one of ours; longer names can't be the one looked for.
        if (reader.ValueSpan.Length > 6 * text.Length)
        {
            return false;
        }

        var name = new ArrayBufferWriter<byte>();
        Append(reader.ValueSpan, name);
        return name.WrittenSpan.SequenceEqual(text);
    }

    /// <summary>
    /// Parses a small document; null when it is no JSON, or has a name that is no text (a lone surrogate, bytes that
    /// are no UTF-8), over which the platform's tree would stumble later.
    /// </summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return HasBrokenName(utf8.Span) ? null : JsonDocument.Parse(utf8);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Parses a value that outlives its bytes; null under the same conditions as
    /// <see cref="Parse"/>.</summary>
    public static JsonElement? ParseElement(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return HasBrokenName(utf8) ? null : JsonElement.Parse(utf8);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>U+FFFD stands for what can't be decoded, but may also stand there by itself; only the strict reader tells.</summary>
    private static bool IsBroken(ref Utf8JsonReader reader)
    {
        if (!ToText(reader.ValueSpan).Contains('\uFFFD'))
        {
            return false;
        }

        try
        {
            return reader.GetString() is null;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static bool HasBrokenName(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\u"u8) < 0 && Utf8.IsValid(utf8))
        {
            return false;
        }

        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName
                && (reader.ValueIsEscaped ? IsBroken(ref reader) : !Utf8.IsValid(reader.ValueSpan)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text as a string; invalid UTF-8 becomes U+FFFD.</summary>
    public static string ToText(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(escaped);
        }

        var text = new ArrayBufferWriter<byte>(escaped.Length);
        Append(escaped, text);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static Rune ReadEscape(ref ReadOnlySpan<byte> escaped)
    {
        var kind = escaped[1];
        if (kind != 'u')
        {
            escaped = escaped[2..];
            return new Rune(kind switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                < 0x80 => (char)kind,
                _ => '\uFFFD',
            });
        }

        var high = ReadUnit(escaped);
        escaped = escaped[Math.Min(6, escaped.Length)..];
        if (char.IsHighSurrogate(high) && escaped is [(byte)'\\', (byte)'u', ..])
        {
            var low = ReadUnit(escaped);
            if (char.IsLowSurrogate(low))
            {
                escaped = escaped[6..];
                return new Rune(high, low);
            }
        }

        return Rune.TryCreate(high, out var rune) ? rune : Rune.ReplacementChar;
    }

    private static char ReadUnit(ReadOnlySpan<byte> escape)
    {
        if (escape.Length < 6)
        {
            return '\uFFFD';
        }

        var unit = 0;
        foreach (var digit in escape[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return '\uFFFD';
            }

            unit = unit * 16 + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return (char)unit;
    }
}
