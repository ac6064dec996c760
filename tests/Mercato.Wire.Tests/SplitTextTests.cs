using System.Text;
using Mercato.Wire;

namespace Mercato.Wire.Tests;

public sealed class SplitTextTests
{
    [Theory]
    [InlineData("""a\ud83d""", """\ude42b""", "a", "🙂b")]
    [InlineData("""\uD83D""", """\uDE42""", "", "🙂")]
    [InlineData("""a\\ud83d""", "b", """a\ud83d""", "b")]
    [InlineData("""a\\\ud83d""", """\ude42""", "a\\", "🙂")]
    [InlineData("""a\ud83d""", "b", "a", "\uFFFDb")]
    [InlineData("""a\ud83d""", """\ud83d\ude42""", "a", "\uFFFD🙂")]
    [InlineData("""\ude42""", "b", "\uFFFD", "b")]
    [InlineData("é", "", "é", "")]
    public void Halves_meetAcrossPieces(string first, string second, string one, string two)
    {
        var text = new SplitText();

        text.Take(Encoding.UTF8.GetBytes(first)).ShouldBe(one);
        text.Take(Encoding.UTF8.GetBytes(second)).ShouldBe(two);
        text.Rest().ShouldBe("");
    }

    [Fact]
    public void HalfWithoutTheOther_isToldInTheEnd()
    {
        var text = new SplitText();

        text.Take("""a\ud83d"""u8).ShouldBe("a");
        text.Rest().ShouldBe("\uFFFD");
        text.Rest().ShouldBe("");
    }
}
