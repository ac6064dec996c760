namespace Mercato.Catalog;

/// <summary>
/// The names of the catalog's enums outside C#: <c>sunset_due</c>, <c>single-source</c>, <c>needs_key</c>.
/// </summary>
public static class Names
{
    /// <summary>The name in JSON, queries and SQL; price confidences use '-', everything else '_'.</summary>
    public static string Of<T>(T value) where T : struct, Enum => Cache<T>.ByValue[value];

    /// <summary>Reads a name, or throws <see cref="FormatException"/>.</summary>
    public static T Parse<T>(string name) where T : struct, Enum =>
        TryParse<T>(name, out var value) ? value : throw new FormatException($"'{name}' is not a {typeof(T).Name}.");

    /// <summary>False when no member has that name; case is ignored, and '-' equals '_'.</summary>
    public static bool TryParse<T>(string name, out T value) where T : struct, Enum =>
        Cache<T>.ByName.TryGetValue(name.Replace('-', '_'), out value);

    private static class Cache<T> where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue = Enum.GetValues<T>().ToDictionary(v => v, Spell);

        public static readonly Dictionary<string, T> ByName =
            ByValue.ToDictionary(p => p.Value.Replace('-', '_'), p => p.Key, StringComparer.OrdinalIgnoreCase);

        private static string Spell(T value)
        {
            var separator = typeof(T) == typeof(PriceConfidence) || typeof(T) == typeof(CatalogSort) ? '-' : '_';
            var name = value.ToString();
            var text = new System.Text.StringBuilder();
            for (var i = 0; i < name.Length; i++)
            {
                var starts = i > 0 && (char.IsUpper(name[i]) || (char.IsDigit(name[i]) && !char.IsDigit(name[i - 1])));
                if (starts)
                {
                    text.Append(separator);
                }

                text.Append(char.ToLowerInvariant(name[i]));
            }

            return text.ToString();
        }
    }
}
