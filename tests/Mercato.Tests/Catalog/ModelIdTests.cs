using CsCheck;
using Mercato.Catalog;

namespace Mercato.Tests.Catalog;

public sealed class ModelIdTests
{
    [Theory]
    [InlineData("openai/gpt-5", "openai", "gpt-5", "openai/gpt-5")]
    [InlineData("groq/openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b", "groq/openai%2Fgpt-oss-20b")]
    [InlineData("ollama/llama3.2:3b", "ollama", "llama3.2:3b", "ollama/llama3.2:3b")]
    [InlineData("a/b?c#d", "a", "b?c#d", "a/b%3Fc%23d")]
    public void Id_splitsAtTheFirstSlash(string text, string author, string name, string path)
    {
        var id = ModelId.Parse(text);
        (id.Author, id.Name, id.Path, id.ToString()).ShouldBe((author, name, path, text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("gpt-5")]
    [InlineData("/gpt-5")]
    [InlineData("openai/")]
    [InlineData("open ai/gpt")]
    [InlineData("openai/gpt\n5")]
    public void TextThatIsNoId_isRefused(string? text) => ModelId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void TooLongText_isRefused() => ModelId.TryParse("a/" + new string('x', ModelId.MaxLength), out _)
        .ShouldBeFalse();

    [Fact]
    public void AnyParsedId_readsBackFromItsTextAndPath() => Gen.String.Sample(text =>
    {
        if (!ModelId.TryParse("a/" + text, out var id) || text.Any(char.IsSurrogate))
        {
            return;
        }

        ModelId.Parse(id.ToString()).ShouldBe(id);
        Uri.UnescapeDataString(id.Path).ShouldBe(id.ToString());
    });

    [Theory]
    [InlineData("2026", "2026-01-01")]
    [InlineData("2026-08", "2026-08-01")]
    [InlineData("2024-02-29", "2024-02-29")]
    public void PartialDate_startsAtItsFirstDay(string text, string day)
    {
        var date = CatalogDate.Parse(text);
        date.ToString().ShouldBe(text);
        date.Start.ToString("yyyy-MM-dd").ShouldBe(day);
    }

    [Theory]
    [InlineData("")]
    [InlineData("26-08-01")]
    [InlineData("2026-13")]
    [InlineData("2026-02-29")]
    [InlineData("2026-08-21-1")]
    public void DateThatDoesNotExist_isRefused(string text) => CatalogDate.TryParse(text, out _).ShouldBeFalse();
}
