using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Mercato.Recommend;

/// <summary>The embedded word lists: lines of <c>name: content</c>, where a name may have several lines.</summary>
internal static class Words
{
    private static readonly FrozenDictionary<string, Regex> Patterns =
        Read("signs.txt").ToFrozenDictionary(sign => sign.Key, sign => new Regex(
            string.Join('|', sign), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));

    /// <summary>A pattern of <c>signs.txt</c>; matched in linear time, whatever the text.</summary>
    public static Regex Sign(string name) => Patterns[name];

    public static bool HasSign(string text, string name) => Patterns[name].IsMatch(text);

    public static ILookup<string, string> Read(string file)
    {
        using var stream = typeof(Words).Assembly.GetManifestResourceStream("Mercato.Recommend.Words." + file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .ToLookup(line => line[..line.IndexOf(':')], line => line[(line.IndexOf(':') + 2)..]);
    }

    /// <summary>The first figure that a pattern finds, such as 200k or 1,500; 0 without one.</summary>
    public static long Figure(string text, string sign)
    {
        var match = Patterns[sign].Match(text);
        if (!match.Success) return 0;
        var unit = match.Groups["times"].Value;
        var times = unit.Length == 0 ? 1 : unit is "k" or "K" ? 1_000 : 1_000_000;
        return long.Parse(match.Groups["n"].Value.Replace(",", "")) * times;
    }

    /// <summary>Chinese, Japanese and Korean put no space between words.</summary>
    public static bool IsEastAsian(char c) =>
        c is >= '\u3040' and <= '\u30ff' or >= '\u3400' and <= '\u9fff' or >= '\uac00' and <= '\ud7af';
}
