using System.Text;
using Mercato.Wire.Dialects.Gemini;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests.Gemini;

public sealed class ThinkingTests
{
    public static TheoryData<string, ReasoningOptions, string> Wishes => new()
    {
        { "gemini-2.5-flash", new("low"), """{"thinkingBudget":1024,"includeThoughts":true}""" },
        { "gemini-2.5-flash", new("max"), """{"thinkingBudget":24576,"includeThoughts":true}""" },
        { "gemini-2.5-pro", new("max"), """{"thinkingBudget":32768,"includeThoughts":true}""" },
        { "gemini-2.5-flash", new("none"), """{"thinkingBudget":0}""" },
        { "gemini-2.5-pro", new("none"), """{"thinkingBudget":128}""" },
        { "gemini-2.5-pro", new(IsEnabled: false), """{"thinkingBudget":128}""" },
        { "gemini-2.5-flash", new(BudgetTokens: 31_999), """{"thinkingBudget":24576,"includeThoughts":true}""" },
        { "gemini-2.5-pro", new(BudgetTokens: 1), """{"thinkingBudget":128,"includeThoughts":true}""" },
        { "gemini-2.5-flash-lite", new(BudgetTokens: 100), """{"thinkingBudget":512,"includeThoughts":true}""" },
        { "gemini-2.5-flash", new(IsEnabled: true), """{"thinkingBudget":-1,"includeThoughts":true}""" },
        { "gemini-2.5-flash", new(Summary: "auto"), """{"includeThoughts":true}""" },
        { "gemini-2.5-flash", new("high", IsHidden: true), """{"thinkingBudget":24576}""" },
        { "gemini-3-pro-preview", new("minimal"), """{"thinkingLevel":"low","includeThoughts":true}""" },
        { "gemini-3-pro-preview", new("medium"), """{"thinkingLevel":"high","includeThoughts":true}""" },
        { "gemini-3.1-pro-preview", new("medium"), """{"thinkingLevel":"medium","includeThoughts":true}""" },
        { "gemini-3-flash-preview", new("minimal"), """{"thinkingLevel":"minimal","includeThoughts":true}""" },
        { "gemini-3-flash-preview", new("none"), """{"thinkingLevel":"minimal"}""" },
        { "gemini-3-flash-preview", new("xhigh"), """{"thinkingLevel":"high","includeThoughts":true}""" },
        { "gemini-3-flash-preview", new(BudgetTokens: 1_024), """{"thinkingLevel":"low","includeThoughts":true}""" },
        { "gemini-3-flash-preview", new(BudgetTokens: 31_999), """{"thinkingLevel":"high","includeThoughts":true}""" },
        { "gemini-3-flash-preview", new(IsEnabled: true), """{"includeThoughts":true}""" },
        { "gemini-flash-latest", new("low"), """{"thinkingLevel":"low","includeThoughts":true}""" },
        { "tunedModels/mine", new("low"), """{"thinkingBudget":1024,"includeThoughts":true}""" },
    };

    [Theory]
    [MemberData(nameof(Wishes))]
    public void Wish_isSaidInTheModelsOwnWords(string model, ReasoningOptions wish, string config)
    {
        var request = new Upstream(GeminiDialect.Instance, model).Write(Chat(wish));

        Encoding.UTF8.GetString(request.Body.Span)
            .ShouldEndWith("\"generationConfig\":{\"thinkingConfig\":" + config + "}}");
        request.Dropped.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gemini-2.0-flash", "high", true)]
    [InlineData("gemini-2.5-flash-image", "high", true)]
    [InlineData("gemma-3-27b-it", "high", true)]
    [InlineData("gemini-2.0-flash", "none", false)]
    public void ModelThatDoesNotThink_isNotAsked(string model, string effort, bool isNamed)
    {
        var host = new Upstream(GeminiDialect.Instance, model);

        host.Body(Chat(new(effort))).ShouldNotContain("generationConfig");
        host.Write(Chat(new(effort))).Dropped.ShouldBe(isNamed ? ["reasoning"] : []);
    }

    [Fact]
    public void CatalogKnowsBetterThanTheName() =>
        new Upstream(GeminiDialect.Instance, "gemini-3-flash-preview") { Traits = new(Reasons: false) }
            .Write(Chat(new("high"))).Dropped.ShouldBe(["reasoning"]);

    private static ChatRequest Chat(ReasoningOptions wish) => new() { Messages = [User("x")], Reasoning = wish };
}
