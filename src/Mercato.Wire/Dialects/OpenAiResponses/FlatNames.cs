using System.Security.Cryptography;
using System.Text;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>
/// Names for tools in namespaces, for dialects without namespaces: <c>namespace__name</c>, or the two put together
/// where the namespace ends in an underscore already. Characters outside <c>[A-Za-z0-9_-]</c> become underscores, and
/// a name over 64 characters, or one that another tool has, ends in a hash of the pair. The way back is by the
/// request's own tools (<see cref="ChatTool.Origin"/>), never by taking a name apart, so that no name is ambiguous.
/// </summary>
internal sealed class FlatNames
{
    private const int MaxLength = 64;
    private readonly HashSet<string> _taken = [];
    private readonly Dictionary<NamespacedName, string> _names = [];

    /// <summary>Notes a name that is not to be given out.</summary>
    public void Take(string name) => _taken.Add(name);

    /// <summary>The pair's name, if it has been given one.</summary>
    public string? Find(NamespacedName origin) => _names.GetValueOrDefault(origin);

    /// <summary>The pair's name; the same again when asked again.</summary>
    public string Of(NamespacedName origin)
    {
        if (_names.TryGetValue(origin, out var known))
        {
            return known;
        }

        var joint = origin.Namespace.Length == 0 || origin.Namespace.EndsWith('_') ? "" : "__";
        var name = string.Concat((origin.Namespace + joint + origin.Name).Select(
            letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_'));
        if (name.Length > MaxLength || !_taken.Add(name))
        {
            var hash = Hash($"{origin.Namespace}\n{origin.Name}");
            name = $"{name[..Math.Min(name.Length, MaxLength - 1 - hash.Length)]}_{hash}";
            _taken.Add(name);
        }

        _names[origin] = name;
        return name;
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));
}
