using System.Collections.Frozen;

namespace Mercato.Recommend;

/// <summary>Guesses the language of a text from its script, and from common words where the script is Latin.</summary>
internal static class LanguageGuess
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> CommonWords = Words.Read("languages.txt")
        .ToFrozenDictionary(row => row.Key, row => row.SelectMany(line => line.Split(' ')).ToFrozenSet());

    private static readonly FrozenSet<string> AnyCommon = CommonWords.Values.SelectMany(words => words).ToFrozenSet();

    /// <summary>Words so common that they say nothing about a task.</summary>
    public static bool IsCommon(string word) => AnyCommon.Contains(word);

    /// <summary>An ISO 639-1 code; English where nothing speaks for another language.</summary>
    public static string Of(string text, string[] words)
    {
        var letters = text.Where(char.IsLetter).ToLookup(Script);
        // One East Asian letter says about as much as three Latin ones; a little kana makes Han letters Japanese.
        var script = letters.MaxBy(group => group.Count() * (group.Key is "zh" or "ja" or "ko" ? 3 : 1))?.Key ?? "";
        if (script is "zh" or "ja") return letters["ja"].Count() * 5 > letters["zh"].Count() ? "ja" : "zh";
        if (script.Length > 0) return script;
        var best = CommonWords.Where(pair => pair.Key != "-")
            .Select(pair => (pair.Key, Hits: words.Count(pair.Value.Contains))).MaxBy(it => it.Hits);
        return best.Hits > words.Count(CommonWords["en"].Contains) ? best.Key : "en";
    }

    private static string Script(char c) => c switch
    {
        _ when Words.IsKana(c) => "ja",
        _ when Words.IsHan(c) => "zh",
        _ when Words.IsEastAsian(c) => "ko",
        >= '\u0400' and <= '\u04ff' => "ru",
        >= '\u0600' and <= '\u06ff' => "ar",
        >= '\u0590' and <= '\u05ff' => "he",
        >= '\u0370' and <= '\u03ff' => "el",
        >= '\u0900' and <= '\u097f' => "hi",
        >= '\u0e00' and <= '\u0e7f' => "th",
        _ => "",
    };
}
