namespace Mercato.Recommend;

/// <summary>How long a request and its answer will be, and how hard it is: rules of thumb, all in one place.</summary>
internal static class TaskSize
{
    private const int TokensPerPage = 500;
    private const int Most = 2_000_000;

    /// <summary>Tokens in and out.</summary>
    /// <param name="judged">The part that is searched for figures.</param>
    /// <param name="length">Of the whole text.</param>
    /// <param name="category">Decides the usual length of an answer.</param>
    public static (int Input, int Output) Of(string judged, int length, string category)
    {
        var mentioned = Words.Figure(judged, "tokens_in") + Words.Figure(judged, "pages_in") * TokensPerPage
            + Words.Figure(judged, "words_in") * 4 / 3;
        var input = (int)Math.Clamp(Tokens(judged, length) + mentioned, 1, Most);
        var asked = Words.Figure(judged, "words_out") * 4 / 3;
        return (input, (int)Math.Clamp(asked > 0 ? asked : Usual(category, input), 1, 32_000));
    }

    /// <summary>1 to 5.</summary>
    public static int Complexity(string judged, int length, string category)
    {
        var level = category switch
        {
            "classification" or "roleplay_chat" or "qa_knowledge" => 1,
            "math" or "reasoning" or "planning_design" or "data_analysis" or "analysis" or "refactoring" or "bug_fixing"
                or "code_any" or "code_generation" or "code_translation" or "test_generation" => 3,
            _ => 2,
        };
        var hard = Words.Sign("hard").Count(judged);
        level += Math.Min(2, (hard + 1) / 2) + (length > 1_500 ? 1 : 0) + (length > 6_000 ? 1 : 0);
        if (Words.HasSign(judged, "easy")) level--;
        if (length < 60 && hard == 0 && level < 3) level--;
        return Math.Clamp(level, 1, 5);
    }

    /// <summary>Four Latin letters or about one East Asian letter make a token.</summary>
    private static long Tokens(string judged, int length)
    {
        var eastAsian = judged.Length == 0 ? 0 : (long)judged.Count(Words.IsEastAsian) * length / judged.Length;
        return eastAsian + (length - eastAsian + 3) / 4;
    }

    private static int Usual(string category, int input) => category switch
    {
        "classification" => 40,
        "roleplay_chat" or "qa_knowledge" or "extraction" => 200,
        "summarization" => Math.Clamp(input / 10, 150, 1_500),
        "translation" or "rewriting" => Math.Max(100, input),
        "refactoring" or "bug_fixing" or "code_translation" => Math.Max(600, input),
        "creative_writing" or "functional_writing" or "planning_design" or "code_any" => 1_200,
        _ => 700,
    };
}
