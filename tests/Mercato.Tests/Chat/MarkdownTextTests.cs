using Mercato.Chat;

namespace Mercato.Tests.Chat;

public sealed class MarkdownTextTests
{
    private const string Sample =
        """
        # A title

        Words with **weight**, `code` and a [link](https://example.org/a?b=c).

        ```python
        print("<b>not html</b>")
        ```

        | a | b |
        |---|---|
        | 1 | 2 |

        1. one
        2. two

            indented under two

        > said

        The end.
        """;

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("words <a href=\"data:text/html,x\" style=\"position:fixed\">x</a>")]
    public void RawHtml_IsShownAsText(string hostile)
    {
        var html = MarkdownText.ToHtml(hostile);

        html.ShouldContain("&lt;");
        html.Replace("<p>", "").Replace("</p>", "").ShouldNotContain("<");
    }

    [Theory]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("[x](vbscript:msgbox)")]
    [InlineData("[x](data:text/html,x)")]
    [InlineData("![x](https://example.org/pixel.png)")]
    public void HostileAddress_LeadsNowhere(string hostile)
    {
        var html = MarkdownText.ToHtml(hostile);

        html.ShouldNotContain("href=");
        html.ShouldNotContain("src=");
    }

    [Fact]
    public void Links_OpenApartAndSayNothing() =>
        MarkdownText.ToHtml("[x](https://example.org)").ShouldContain("rel=\"noopener noreferrer nofollow\"");

    [Fact]
    public void GrowingText_EndsAsTheWholeWould()
    {
        for (var step = 1; step < 40; step += 3)
        {
            GrowBy(step).ShouldBe(MarkdownText.ToHtml(Sample), $"pieces of {step}");
        }
    }

    [Fact]
    public void ClosedBlock_IsAPlaceToGoOnFrom()
    {
        var whole = MarkdownText.Blocks(Sample, 0, 0, isWhole: true).ToList();
        foreach (var block in whole.SkipLast(1))
        {
            var rest = MarkdownText.Blocks(Sample, block.Index + 1, block.End, isWhole: true);

            rest.Select(it => it.Html).ShouldBe(whole.Skip(block.Index + 1).Select(it => it.Html));
        }
    }

    /// <summary>Reads as a reader of the stream does: closed blocks for good, the last open one again and again.</summary>
    private static string GrowBy(int step)
    {
        var shown = new SortedDictionary<int, string>();
        var (index, offset) = (0, 0);
        for (var length = 0; ; length = Math.Min(length + step, Sample.Length))
        {
            var isWhole = length == Sample.Length;
            foreach (var block in MarkdownText.Blocks(Sample[..length], index, offset, isWhole))
            {
                shown[block.Index] = block.Html;
                (index, offset) = block.Closed ? (block.Index + 1, block.End) : (block.Index, block.Start);
            }

            if (isWhole)
            {
                return string.Concat(shown.Values);
            }
        }
    }
}
