namespace Mercato.Accounts;

/// <summary>Where to go after signing in: a path of this site, whatever a link says.</summary>
public static class ReturnPath
{
    private const int Longest = 2000;

    /// <summary>The path when a browser will stay on this site with it, else the start page.</summary>
    public static string Of(string? path) =>
        path is { Length: > 0 and <= Longest } && IsLocal(path) && IsLocal(Uri.UnescapeDataString(path)) ? path : "/";

    // Browsers read '\' as '/' and skip tabs and line ends, so "/\host" and "/<tab>/host" name another site.
    private static bool IsLocal(string path) =>
        path[0] == '/' && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\\')
        && !path.Any(char.IsControl);
}
