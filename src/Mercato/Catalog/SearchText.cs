using System.Collections.Frozen;

namespace Mercato.Catalog;

/// <summary>Words of a text as search sees them, and how far two words are apart.</summary>
internal static class SearchText
{
    private const int LongestToken = 32;

    private static readonly FrozenDictionary<string, string> SameWord = new Dictionary<string, string>
    {
        ["chatgpt"] = "gpt",
        ["embeddings"] = "embedding", ["embed"] = "embedding", ["embedder"] = "embedding",
        ["images"] = "image", ["picture"] = "image", ["pictures"] = "image",
        ["reranker"] = "rerank", ["reranking"] = "rerank",
        ["transcribe"] = "transcription", ["stt"] = "transcription", ["asr"] = "transcription",
        ["tts"] = "speech", ["voice"] = "speech",
        ["coding"] = "code", ["coder"] = "code", ["programming"] = "code",
        ["videos"] = "video",
        ["pdfs"] = "pdf",
        ["moderations"] = "moderation",
        ["thinking"] = "reasoning", ["reasoner"] = "reasoning",
        ["multimodal"] = "vision", ["visual"] = "vision", ["vl"] = "vision",
        ["lightweight"] = "lite", ["light"] = "lite",
        ["tools"] = "tool", ["functions"] = "tool",
    }.ToFrozenDictionary();

    private static readonly FrozenSet<string> Noise = FrozenSet.Create(
        "the", "a", "an", "of", "for", "with", "by", "and", "or", "in", "on", "to", "from", "model", "models", "llm",
        "llms", "ai", "best");

    /// <summary>
    /// Lower-case runs of letters and runs of digits; everything else only separates, so that '%' and '_' mean nothing.
    /// </summary>
    public static List<string> Tokens(string text)
    {
        var tokens = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            var splits = i > start && i < text.Length && inside && char.IsDigit(text[i]) != char.IsDigit(text[i - 1]);
            if (inside && !splits)
            {
                continue;
            }

            if (i > start)
            {
                tokens.Add(text[start..Math.Min(i, start + LongestToken)].ToLowerInvariant());
            }

            start = inside ? i : i + 1;
        }

        return tokens;
    }

    /// <summary>The same without words that say nothing, unless nothing else is left.</summary>
    public static List<string> QueryTokens(string text, int most)
    {
        var all = Tokens(text);
        var telling = all.Where(token => !Noise.Contains(token)).ToList();
        return (telling.Count > 0 ? telling : all).Take(most).ToList();
    }

    /// <summary>The word that stands for all its synonyms, or the word itself.</summary>
    public static string Canonical(string token) => SameWord.GetValueOrDefault(token, token);

    /// <summary>How many typing slips a word of this length is forgiven; numbers none.</summary>
    public static int Slips(string token) => char.IsDigit(token[0]) ? 0
        : token.Length switch { < 4 => 0, < 8 => 1, _ => 2 };

    /// <summary>
    /// Insertions, deletions, replacements and swaps of neighbours between two words; stops counting past the limit.
    /// </summary>
    public static int Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
        {
            return limit + 1;
        }

        Span<int> before = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            var least = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(change, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, before[j - 2] + 1);
                }

                row[j] = best;
                least = Math.Min(least, best);
            }

            if (least > limit)
            {
                return limit + 1;
            }

            last.CopyTo(before);
            row.CopyTo(last);
        }

        return last[b.Length];
    }
}
