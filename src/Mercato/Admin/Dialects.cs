using Mercato.Wire;

namespace Mercato.Admin;

/// <summary>The names of dialects in the admin API.</summary>
internal static class Dialects
{
    private static readonly Dictionary<string, Dialect> ByName =
        Enum.GetValues<Dialect>().ToDictionary(NameOf, StringComparer.Ordinal);

    public static IEnumerable<string> Names => ByName.Keys.Where(name => name != NameOf(Dialect.None));

    public static Dialect? Find(string name) =>
        ByName.TryGetValue(name, out var dialect) && dialect != Dialect.None ? dialect : null;

    public static string NameOf(Dialect dialect) => Data.SnakeCase.Of(dialect.ToString()).Replace('_', '-')
        .Replace("open-ai", "openai", StringComparison.Ordinal);
}
