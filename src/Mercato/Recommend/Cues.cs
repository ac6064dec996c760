namespace Mercato.Recommend;

/// <summary>The keyword table of the 24 categories, and what shapes of a text add to it.</summary>
internal static class Cues
{
    /// <summary>Where an instruction usually stands: beside pasted material, not in the middle of it.</summary>
    private const int Edge = 240;

    /// <summary>A word or phrase; where Code is null, it counts beside program code and without.</summary>
    private readonly record struct Cue(string Text, int Weight, bool? Code);

    private static readonly (string Category, Cue[] Cues)[] Table =
    [
        .. Words.Read("cues.txt")
            .Select(row => (row.Key, row.SelectMany(line => line.Split(", ")).Select(ReadCue).ToArray())),
    ];

    /// <summary>The names of all categories.</summary>
    public static IEnumerable<string> Categories => Table.Select(row => row.Category);

    /// <summary>Categories by weight, heaviest first.</summary>
    /// <param name="text">As written.</param>
    /// <param name="plain">Its words in lower case between single spaces, a space at either end.</param>
    public static List<CategoryWeight> Weigh(string text, string plain)
    {
        var code = Words.HasSign(text, "code");
        var head = plain[..Math.Min(plain.Length, Edge)];
        var tail = plain[^Math.Min(plain.Length, Edge)..];
        return [.. Table.Select(row => new CategoryWeight(row.Category, Bonus(row.Category, text, code) + row.Cues
            .Where(cue => (cue.Code ?? code) == code && plain.Contains(cue.Text, StringComparison.Ordinal))
            .Sum(cue => cue.Weight * (head.Contains(cue.Text, StringComparison.Ordinal) ? 1m
                : tail.Contains(cue.Text, StringComparison.Ordinal) ? 0.8m : 0.25m))))
            .OrderByDescending(it => it.Weight)];
    }

    private static decimal Bonus(string category, string text, bool code) => category switch
    {
        // Without any cue a text is a question of knowledge more often than anything else, and code is just code.
        "qa_knowledge" =>
            1 + (!code && Words.HasSign(text, "question") ? 4 : 0) + (Words.HasSign(text, "choice") ? 4 : 0),
        "code_any" or "code_generation" => code ? 3 : 0,
        "code_translation" => Words.HasSign(text, "conversion") ? 12 : 0,
        "math" => (Words.HasSign(text, "formula") ? 5 : 0) + (!code && Words.HasSign(text, "quantities") ? 2 : 0),
        _ => 0,
    };

    private static Cue ReadCue(string text)
    {
        bool? code = text[0] switch { '+' => true, '-' => false, _ => null };
        var parts = text.TrimStart('+', '-').Split('=');
        var word = parts[0];
        var matched = Words.IsEastAsian(word[0]) ? word : word.EndsWith('*') ? " " + word[..^1] : $" {word} ";
        return new Cue(matched, parts.Length > 1 ? int.Parse(parts[1]) : 2, code);
    }
}
