using System.Collections.Frozen;

namespace Mercato.Recommend;

/// <summary>Guesses the language of a text from its script, and from common words where the script is Latin.</summary>
internal static class LanguageGuess
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> CommonWords = Words.Read("languages.txt")
        .ToFrozenDictionary(row => row.Key, row => row.SelectMany(line => line.Split(' ')).ToFrozenSet());

    private static readonly FrozenSet<string> AnyCommon = CommonWords.Values.SelectMany(words => words).ToFrozenSet();

    private static readonly string[] Scripts = ["latin", "ja", "zh", "ko", "ru", "ar", "he", "el", "hi", "th"];

    /// <summary>Words so common that they say nothing about a task.</summary>
    public static bool IsCommon(string word) => AnyCommon.Contains(word);

    /// <summary>An ISO 639-1 code; English where nothing speaks for another language.</summary>
    public static string Of(string text, string[] words)
    {
        var letters = Scripts.ToDictionary(code => code, code => Words.Sign("script_" + code).Count(text));
        // One East Asian letter says about as much as three Latin ones; a little kana makes Han letters Japanese.
        var script = letters.MaxBy(pair => pair.Value * (pair.Key is "zh" or "ja" or "ko" ? 3 : 1)).Key;
        if (script is "zh" or "ja") return letters["ja"] * 5 > letters["zh"] ? "ja" : "zh";
        if (script != "latin") return script;
        var best = CommonWords.Where(pair => pair.Key != "-")
            .Select(pair => (pair.Key, Hits: words.Count(pair.Value.Contains))).MaxBy(it => it.Hits);
        return best.Hits > words.Count(CommonWords["en"].Contains) ? best.Key : "en";
    }
}
