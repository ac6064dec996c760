using System.Collections.Immutable;

namespace Mercato.Recommend;

/// <summary>How much of the weight of the heaviest categories one has.</summary>
/// <param name="Category">One of the 24 task categories.</param>
/// <param name="Weight">0 to 1, two decimals.</param>
public sealed record CategoryWeight(string Category, decimal Weight);

/// <summary>
/// What a text seems to ask for, told from keywords and a few features alone. No model is asked, and the confidence
/// says how thin the signs are.
/// </summary>
/// <param name="Category">The likeliest of the 24 task categories.</param>
/// <param name="Categories">The likeliest three, heaviest first.</param>
/// <param name="Language">ISO 639-1 code of the text's language.</param>
/// <param name="Complexity">1 (trivial) to 5 (hard).</param>
/// <param name="Keywords">At most eight telling words of the text.</param>
/// <param name="Needs">Of <see cref="Recommend.Needs.Known"/>.</param>
/// <param name="ExpectedInputTokens">Tokens of the text and of what it says it will work on.</param>
/// <param name="ExpectedOutputTokens">Tokens of an answer of the usual length; hidden reasoning is not in it.</param>
/// <param name="Confidence">0 to 1 in the category, two decimals.</param>
public sealed record TaskAnalysis(
    string Category, ImmutableArray<CategoryWeight> Categories, string Language, int Complexity,
    ImmutableArray<string> Keywords, ImmutableArray<string> Needs, int ExpectedInputTokens, int ExpectedOutputTokens,
    decimal Confidence)
{
    /// <summary>Longer texts are judged by their beginning and end.</summary>
    private const int Judged = 3_000;

    /// <summary>Analyses a text; pure, and bounded whatever its length.</summary>
    public static TaskAnalysis Of(string text)
    {
        var part = text.Length <= Judged ? text : text[..(Judged / 2)] + "\n" + text[^(Judged / 2)..];
        var plain = $" {Words.Sign("gap").Replace(part.ToLowerInvariant(), " ").Trim()} ";
        var words = plain.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var weights = Cues.Weigh(part, plain);
        var (category, weight) = weights[0];
        var total = weights.Take(4).Sum(it => it.Weight);
        // Few or faint cues are a guess even when nothing speaks against them.
        var confidence = decimal.Round(weight / total * Math.Min(1m, weight / 10m), 2);
        var (input, output) = TaskSize.Of(part, text.Length, category);
        return new TaskAnalysis(
            category,
            [
                .. weights.Take(3).Where(it => it.Weight > 0)
                    .Select(it => it with { Weight = decimal.Round(it.Weight / total, 2) }),
            ],
            LanguageGuess.Of(part, words), TaskSize.Complexity(part, text.Length, category), Telling(words),
            Recommend.Needs.In(part), input, output, confidence);
    }

    private static ImmutableArray<string> Telling(string[] words) =>
    [
        .. words.Where(word => word.Length is > 3 and < 30 && !LanguageGuess.IsCommon(word) && !word.All(char.IsDigit))
            .CountBy(word => word).OrderByDescending(pair => pair.Value).Take(8).Select(pair => pair.Key),
    ];
}
