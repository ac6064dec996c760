using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mercato.Catalog;

/// <summary>
/// How the same model is spelled elsewhere: author names, 4.5 and 4-5, dates on and off, endings such as
/// <c>-instruct</c> or <c>-latest</c>, and single names. The table is the embedded file <c>spellings.json</c>.
/// </summary>
public static partial class ModelSpellings
{
    /// <param name="Authors">Author as others write it, to ours.</param>
    /// <param name="Names">Whole ids (with our author) to ours, where no rule would find them.</param>
    /// <param name="Endings">Ends of a name that do not make it another model.</param>
    /// <param name="Suffixes">Routing wishes after an id; they are stripped last and never part of a name.</param>
    internal sealed record Table(
        Dictionary<string, string> Authors, Dictionary<string, string> Names, string[] Endings, string[] Suffixes);

    private static readonly Table Rules =
        JsonSerializer.Deserialize(BuiltinCatalog.Open("spellings.json"), BuiltinJson.Default.Table)!;

    private static readonly FrozenDictionary<string, string> AuthorOf =
        Rules.Authors.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, ModelId> NameOf =
        Rules.Names.ToFrozenDictionary(pair => Fold(pair.Key), pair => ModelId.Parse(pair.Value));

    /// <summary>Single names that the table maps, for tests.</summary>
    internal static IReadOnlyDictionary<string, string> SingleNames => Rules.Names;

    /// <summary>
    /// Our spelling of an author, in lower case; an author that the table does not know stays itself.
    /// </summary>
    public static string Author(string author) => AuthorOf.GetValueOrDefault(author) ?? author.ToLowerInvariant();

    /// <summary>An author and all its other spellings.</summary>
    internal static IEnumerable<string> SpellingsOf(string author) =>
        Rules.Authors.Where(pair => pair.Value == author).Select(pair => pair.Key).Prepend(author);

    /// <summary>True for spellings of authors, which no wildcard provider may take as its id.</summary>
    public static bool IsAuthorSpelling(string text) => AuthorOf.ContainsKey(text);

    /// <summary>Splits a final routing suffix off; null when there is none.</summary>
    public static (string Id, string Suffix)? SplitSuffix(string id)
    {
        foreach (var suffix in Rules.Suffixes)
        {
            if (id.Length > suffix.Length && id.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return (id[..^suffix.Length], suffix);
            }
        }

        return null;
    }

    /// <summary>The model that the table names for this author and name, if any.</summary>
    internal static ModelId? Single(string author, string name)
    {
        foreach (var form in Forms(name))
        {
            if (NameOf.TryGetValue(Fold($"{author}/{form}"), out var id))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>
    /// A name's folded forms, from the faithful to the lossy: itself, without endings, without a date.
    /// </summary>
    internal static IEnumerable<string> Forms(string name)
    {
        var form = Fold(name);
        yield return form;
        while (true)
        {
            var ending = Rules.Endings.FirstOrDefault(e => form.EndsWith(e, StringComparison.Ordinal)
                && form.Length > e.Length + 1);
            var shorter = ending is not null ? form[..^ending.Length]
                : Instructed().IsMatch(form) ? Instructed().Replace(form, "$1")
                : FullDate().IsMatch(form) ? FullDate().Replace(form, "")
                : MonthAndDay().Replace(form, "");
            if (shorter == form || shorter.Length == 0)
            {
                yield break;
            }

            form = shorter;
            yield return form;
        }
    }

    /// <summary>What a model is also found under: its own name without a short date such as 2512 or 0905.</summary>
    internal static string WithoutShortDate(string form) => ShortDate().Replace(form, "");

    /// <summary>
    /// Lower case, one separator, and none between a letter and a digit: 4.5 and 4-5, qwen-2.5 and qwen2.5 meet.
    /// </summary>
    internal static string Fold(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var raw in name)
        {
            var c = raw is '.' or '_' or ' ' ? '-' : char.ToLowerInvariant(raw);
            if (text.Length > 1 && text[^1] == '-' && char.IsAsciiDigit(c) && char.IsAsciiLetter(text[^2]))
            {
                text.Length--;
            }

            text.Append(c);
        }

        return text.ToString();
    }

    /// <summary>The word stands before a short date in some names: <c>-instruct-2507</c>.</summary>
    [GeneratedRegex(@"-instruct-?(\d{4})$", RegexOptions.CultureInvariant)]
    private static partial Regex Instructed();

    [GeneratedRegex(@"-?(20\d\d-?[01]\d-?[0-3]\d|[01]\d-20\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex FullDate();

    /// <summary>A snapshot's day without its year: <c>-preview-05-06</c>.</summary>
    [GeneratedRegex(@"(?<!\d)-?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", RegexOptions.CultureInvariant)]
    private static partial Regex MonthAndDay();

    [GeneratedRegex(@"-?(\d{4}|[01]\d-20\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex ShortDate();
}
