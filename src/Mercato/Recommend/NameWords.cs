using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>The words of which a catalog's model names are made, to find names inside a sentence.</summary>
internal sealed partial class NameWords
{
    private static readonly ConditionalWeakTable<CatalogSnapshot, NameWords> Made = [];

    /// <summary>Words of names that alone name nothing; they only go on a name.</summary>
    private static readonly FrozenSet<string> Weak =
        """
        large small medium mini nano micro tiny pro max plus ultra lite light fast flash turbo high low preview latest
        instruct chat base vision image images text code coder coding math audio video embed embedding embeddings rerank
        reranker speech tts transcribe moderation search research deep thinking reasoning reasoner tool tools open free
        live native realtime music ocr guard instant standard generate generation generator model models language
        multilingual english arabic long context next agent air all api auto background black build character clip
        command computer conservative control core creative cyber dev edit erase exp expand fill finance forest glimmer
        guide highspeed inpaint labs law lightning liquid multi multimodal non north object omni outpaint prompt recolor
        remove replace robotics safeguard saudi sentence sketch spark stable step streaming structure style super
        transfer transformers translate upscale use writer
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet();

    private readonly FrozenSet<string> _words;

    private NameWords(CatalogSnapshot catalog)
    {
        Providers = catalog.Models.SelectMany(model => model.Offers).Select(offer => offer.Provider).ToFrozenSet();
        _words = catalog.Models.SelectMany(model => SearchText.Tokens($"{model.Id} {model.Family}"))
            .Concat(Providers).ToFrozenSet();
    }

    /// <summary>Ids of all providers with an offer.</summary>
    public FrozenSet<string> Providers { get; }

    public static NameWords Of(CatalogSnapshot catalog) => Made.GetValue(catalog, made => new NameWords(made));

    /// <summary>Runs of words that may name a model, an author or a provider, in the order of the text.</summary>
    public IEnumerable<string> RunsIn(string text)
    {
        var run = new List<string>();
        foreach (var word in Separator().Split(text).Append(""))
        {
            var bare = word.TrimEnd('.', ':', ',', '?', '!', ')').TrimStart('(');
            var tokens = SearchText.Tokens(bare);
            var goesOn = tokens.Count > 0 && tokens.All(token => _words.Contains(token) || char.IsDigit(token[0]));
            if (goesOn && (run.Count > 0 || Names(tokens))) run.Add(bare);
            if (run.Count > 0 && (!goesOn || bare.Length < word.Length))
            {
                yield return string.Join(' ', run);
                run.Clear();
            }
        }
    }

    /// <summary>Neither a number nor a weak word begins a name, nor a common word that a model happens to bear.</summary>
    private static bool Names(List<string> tokens) => tokens.Exists(token =>
        !char.IsDigit(token[0]) && token.Length > 1 && !Weak.Contains(token) && !LanguageGuess.IsCommon(token));

    [GeneratedRegex(@"[\s`""']+|\b(?:and|or|vs|versus|than)\b\.?|[,;&]", RegexOptions.IgnoreCase)]
    private static partial Regex Separator();
}
