using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Ganss.Xss;
using Markdig;
using Markdig.Renderers;
using Markdig.Syntax;

namespace Mercato.Chat;

/// <summary>One block of a message as HTML.</summary>
/// <param name="Index">Its place in the message, from 0.</param>
/// <param name="Html">Safe to put into a page.</param>
/// <param name="Closed">Whether later text can no longer change it.</param>
/// <param name="Start">Where it begins in the text.</param>
/// <param name="End">Where the block after it begins.</param>
public sealed record TextBlock(int Index, string Html, bool Closed, int Start, int End);

/// <summary>
/// Markdown of models and people as HTML. The text is untrusted: raw HTML is shown as text, and what Markdown makes
/// passes a sanitizer that knows only a few tags. Pictures become links, because loading one would tell its host.
/// </summary>
public static partial class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml().UsePipeTables().UseEmphasisExtras().UseAutoLinks().Build();

    /// <summary>What the parser weighs against all that stands before it in a block: its time grows with the square.</summary>
    private const int MostMarks = 2_000;

    private static readonly SearchValues<char> Marks = SearchValues.Create("[]|*_~^+=`<!");

    /// <summary>A line that opens blocks within blocks without end, which takes as long.</summary>
    [GeneratedRegex(@"^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t]){200}", RegexOptions.Multiline)]
    private static partial Regex DeepLine();

    private static readonly MarkdownPipeline BlocksOnly = MakeBlocksOnly();

    private static readonly HtmlSanitizer Sanitizer = MakeSanitizer();

    /// <summary>A whole text.</summary>
    public static string ToHtml(string text) =>
        string.Concat(Blocks(text, 0, 0, isWhole: true).Select(block => block.Html));

    /// <summary>
    /// The blocks from one place of a growing text on. All but the last are closed; the last one too when the text is
    /// whole. Reading may begin at the end of any closed block.
    /// </summary>
    public static IEnumerable<TextBlock> Blocks(string text, int index, int offset, bool isWhole)
    {
        var tail = text[offset..];
        if (ParseOrNull(tail) is not { } blocks)
        {
            yield return new TextBlock(index, "<p>" + HtmlEncoder.Default.Encode(tail) + "</p>", isWhole, offset, text.Length);
            yield break;
        }

        for (var i = 0; i < blocks.Length; i++)
        {
            var isLast = i == blocks.Length - 1;
            yield return new TextBlock(index + i, Render(blocks[i]), !isLast || isWhole,
                offset + (i == 0 ? 0 : LineStart(tail, blocks[i])),
                isLast ? text.Length : offset + LineStart(tail, blocks[i + 1]));
        }
    }

    /// <summary>Null for a text nested so deeply that the parser refuses it, or so dense that it would take too long.</summary>
    private static Block[]? ParseOrNull(string text)
    {
        try
        {
            if (DeepLine().IsMatch(text) || Markdown.Parse(text, BlocksOnly).Descendants<LeafBlock>()
                .Any(leaf => leaf.Inline is not null && CountMarks(text.AsSpan(leaf.Span.Start, leaf.Span.Length)) > MostMarks))
            {
                return null;
            }

            return [.. Markdown.Parse(text, Pipeline).Where(block => block is not LinkReferenceDefinitionGroup)];
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static int CountMarks(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var next = text.IndexOfAny(Marks); next >= 0; next = text.IndexOfAny(Marks))
        {
            count++;
            text = text[(next + 1)..];
        }

        return count;
    }

    /// <summary>Indentation belongs to a block, so that it reads the same when reading begins with it.</summary>
    private static int LineStart(string text, Block block) =>
        block.Span.Start == 0 ? 0 : text.LastIndexOf('\n', block.Span.Start - 1) + 1;

    private static string Render(Block block)
    {
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.Render(block);
        writer.Flush();
        return Sanitizer.Sanitize(writer.ToString());
    }

    private static MarkdownPipeline MakeBlocksOnly()
    {
        var builder = new MarkdownPipelineBuilder().DisableHtml();
        builder.InlineParsers.Clear();
        return builder.Build();
    }

    private static HtmlSanitizer MakeSanitizer()
    {
        var sanitizer = new HtmlSanitizer(new HtmlSanitizerOptions
        {
            AllowedTags = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
            {
                "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code",
                "em", "strong", "del", "ins", "mark", "sub", "sup", "a", "table", "thead", "tbody", "tr", "th", "td",
            },
            AllowedAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href", "title", "start" },
            AllowedSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "http", "https", "mailto" },
            UriAttributes = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "href" },
        });
        sanitizer.PostProcessNode += (_, found) =>
        {
            if (found.Node is AngleSharp.Html.Dom.IHtmlAnchorElement link)
            {
                link.SetAttribute("rel", "noopener noreferrer nofollow");
                link.SetAttribute("target", "_blank");
            }
        };
        return sanitizer;
    }
}
