using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mercato.Tests;

/// <summary>House rules that a compiler does not know. A finding names file and line.</summary>
public sealed class Tidy
{
    private const int MaxFileLines = 500;
    private const int MaxMethodLines = 70;

    private static readonly string[] RefusedEndings =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Core", "Base", "Impl", "Dto", "Info", "Service"];

    private static readonly string[] UnfinishedWords = ["TO" + "DO", "FIX" + "ME", "HA" + "CK"];

    private static readonly Lazy<IReadOnlyList<SourceFile>> Sources = new(() =>
        [.. Repository.SourceFiles().Where(path => path.EndsWith(".cs", StringComparison.Ordinal)).Select(SourceFile.Read)]);

    [Fact]
    public void Files_AreShort() =>
        Repository.SourceFiles().Select(path => (Path: path, Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines > MaxFileLines)
            .Select(file => $"{Path.GetRelativePath(Repository.Root, file.Path)}: {file.Lines} lines")
            .ShouldBeEmpty();

    [Fact]
    public void Methods_FitOnAScreen() =>
        Find(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
            && !IsTestData(node) && LinesOf(node) > MaxMethodLines).ShouldBeEmpty();

    [Fact]
    public void TypeNames_AreNouns() =>
        Find(node => node is BaseTypeDeclarationSyntax { Identifier.ValueText: var name }
            && RefusedEndings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))).ShouldBeEmpty();

    [Fact]
    public void Comments_PromiseNothing() =>
        FindTrivia(trivia => IsComment(trivia)
            && UnfinishedWords.Any(word => trivia.ToFullString().Contains(word, StringComparison.Ordinal))).ShouldBeEmpty();

    [Fact]
    public void Regions_AreNotUsed() =>
        FindTrivia(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)).ShouldBeEmpty();

    /// <summary>A catch that does nothing names what it expects and says why nothing is right.</summary>
    [Fact]
    public void Catches_DoSomethingOrSayWhyNot() =>
        Find(node => node is CatchClauseSyntax { Block.Statements.Count: 0 } empty
            && (empty.Declaration is null || !empty.Block.DescendantTrivia().Any(IsComment))).ShouldBeEmpty();

    [Fact]
    public void Tests_AreNotSkipped() =>
        Find(node => node is AttributeArgumentSyntax { NameEquals.Name.Identifier.ValueText: "Skip" or "Explicit" }
            or InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax
                {
                    Expression: IdentifierNameSyntax { Identifier.ValueText: "Assert" },
                    Name.Identifier.ValueText: "Skip" or "SkipWhen" or "SkipUnless",
                },
            }).ShouldBeEmpty();

    private static bool IsTestData(SyntaxNode node) =>
        node is MethodDeclarationSyntax { ReturnType: GenericNameSyntax { Identifier.ValueText: "TheoryData" } };

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    private static IEnumerable<string> Find(Func<SyntaxNode, bool> isWrong) =>
        Sources.Value.SelectMany(source => source.Root.DescendantNodes().Where(isWrong)
            .Select(node => source.Where(node.GetLocation())));

    private static IEnumerable<string> FindTrivia(Func<SyntaxTrivia, bool> isWrong) =>
        Sources.Value.SelectMany(source => source.Root.DescendantTrivia(descendIntoTrivia: true).Where(isWrong)
            .Select(trivia => source.Where(trivia.GetLocation())));

    private static int LinesOf(SyntaxNode node)
    {
        // A theory's data stands in attributes, which are no code.
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var start = attributes?.Span.End ?? node.SpanStart;
        var span = node.SyntaxTree.GetLineSpan(Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(start, node.Span.End));
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private sealed record SourceFile(string Path, SyntaxNode Root)
    {
        public static SourceFile Read(string path) => new(
            System.IO.Path.GetRelativePath(Repository.Root, path),
            CSharpSyntaxTree.ParseText(File.ReadAllText(path), new CSharpParseOptions(LanguageVersion.Preview)).GetRoot());

        public string Where(Location location) => $"{Path}:{location.GetLineSpan().StartLinePosition.Line + 1}";
    }
}
