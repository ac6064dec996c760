namespace Mercato.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Found = new(Find);

    public static string Root => Found.Value;

    /// <summary>The project's own C# and Razor files: no build output, generated code or test data.</summary>
    public static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests", "bench", "fuzz" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories))
            .Where(path => Path.GetExtension(path) is ".cs" or ".razor" && !Path.GetRelativePath(Root, path)
                .Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "Migrations" or "Compiled" or "Golden"));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Mercato.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run inside the source tree; Mercato.slnx was not found above them.");
    }
}
