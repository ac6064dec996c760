using Mercato.Catalog;
using Mercato.Recommend;

namespace Mercato.Tests.Recommend;

public sealed class AssistantTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Who are you?")]
    [InlineData("are you ChatGPT?")]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("zzz qqq")]
    [InlineData("Write a poem about the sea")]
    public void Asked_what_it_is_or_cannot_do_it_says_so_first(string question) =>
        Answer(question).Split('\n')[0].ShouldContain("catalog assistant, not a language model");

    [Fact]
    public void Task_that_it_cannot_do_gets_models_that_can() =>
        Answer("Translate to French: the cat sat on the mat").ShouldContain("I read this as translation");

    [Theory]
    [InlineData("price of gpt-4o", "`openai/gpt-4o`", "$2.50 input, $10.00 output")]
    [InlineData("How much does Claude Opus 5 cost?", "`anthropic/claude-opus-5`", "$5.00 input, $25.00 output")]
    [InlineData("compare claude sonnet and gpt 5", "`anthropic/claude-sonnet-5`", "`openai/gpt-5`")]
    [InlineData("gpt-4o vs gemini 2.5 pro", "Measured for all of them", "math: GPT-4o")]
    [InlineData("who offers llama 3.3 70b?", "`meta/llama-3.3-70b`", "- togetherai: $")]
    [InlineData("tell me about kimi k3", "`moonshotai/kimi-k3`", "No evidence of quality yet")]
    [InlineData("what should I use to refactor Java?", "refactoring", "for this request")]
    [InlineData("best model for embeddings?", "embedding", "percentile in embeddings")]
    [InlineData("how many models are there?", "535 models", "364 chat")]
    [InlineData("newest anthropic models", "by anthropic (newest first)", "`anthropic/claude-")]
    public void Question_about_the_catalog_is_answered_with_figures(string question, string first, string second)
    {
        var answer = Answer(question);

        answer.ShouldContain(first);
        answer.ShouldContain(second);
    }

    [Fact]
    public void Cheapest_list_holds_its_filters_and_only_what_can_be_called()
    {
        var answer = Answer("cheapest vision model with 200k context?");

        answer.ShouldContain("chat models with vision with a context of at least 200,000 tokens (cheapest first)");
        answer.Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal))
            .ShouldAllBe(line => line.EndsWith("ready to call"));
    }

    [Fact]
    public void Nothing_to_call_is_said_plainly()
    {
        var answer = Assistant.Answer("which models are free?", CatalogSnapshot.Builtin, Reach.None, Now);

        answer.ShouldContain("none of them can be called here yet");
        answer.ShouldNotContain("ready to call");
    }

    [Fact]
    public void Any_text_gets_an_answer() => CsCheck.Check.Sample(CsCheck.Gen.String, text => Answer(text).Length > 0, iter: 100);

    private static string Answer(string question) =>
        Assistant.Answer(question, CatalogSnapshot.Builtin, Reach.Of("openai", "anthropic", "google", "groq"), Now);
}
