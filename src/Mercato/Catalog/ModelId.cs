using System.Diagnostics.CodeAnalysis;

namespace Mercato.Catalog;

/// <summary>
/// The name under which a model is asked for: <c>author/name</c>. The author ends at the first '/'; the name may
/// itself hold '/' and ':'. Equality is ordinal: other spellings are the business of <see cref="ModelSpellings"/>.
/// </summary>
public readonly record struct ModelId : IParsable<ModelId>, IComparable<ModelId>
{
    /// <summary>Longer ids are refused, so that nothing downstream has to bound them again.</summary>
    public const int MaxLength = 200;

    private ModelId(string author, string name) => (Author, Name) = (author, name);

    /// <summary>The part before the first '/'.</summary>
    public string Author { get; }

    /// <summary>The part after the first '/'.</summary>
    public string Name { get; }

    /// <summary>The id as a URL path, <c>author/name</c> with each '/' of the name written as <c>%2F</c>.</summary>
    public string Path => $"{Uri.EscapeDataString(Author)}/{Uri.EscapeDataString(Name).Replace("%3A", ":")}";

    /// <summary>Reads <paramref name="text"/>, or throws <see cref="FormatException"/>.</summary>
    public static ModelId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a model id like 'author/name'.");

    /// <summary>
    /// False for a text without '/', with an empty half, with spaces or control characters, or too long.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModelId id)
    {
        id = default;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var slash = text.IndexOf('/');
        if (slash <= 0 || slash == text.Length - 1)
        {
            return false;
        }

        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                return false;
            }
        }

        id = new ModelId(text[..slash], text[(slash + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public static ModelId Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ModelId result) =>
        TryParse(s, out result);

    /// <inheritdoc/>
    public int CompareTo(ModelId other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary><c>author/name</c>, as it stands in bodies.</summary>
    public override string ToString() => $"{Author}/{Name}";

    public static bool operator <(ModelId left, ModelId right) => left.CompareTo(right) < 0;
    public static bool operator >(ModelId left, ModelId right) => left.CompareTo(right) > 0;
    public static bool operator <=(ModelId left, ModelId right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ModelId left, ModelId right) => left.CompareTo(right) >= 0;
}
