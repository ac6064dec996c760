using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>What models are, and how a wish for reasoning is put to them.</summary>
public sealed class ThinkingTests
{
    private static ChatRequest Asked(ReasoningOptions? wish, long? limit = 10_000) =>
        Wire.Said(Wire.User("Hi")) with { Reasoning = wish, OutputLimit = limit };

    [Theory]
    [InlineData("claude-opus-4-6", "opus", 406)]
    [InlineData("claude-sonnet-4-20250514", "sonnet", 400)]
    [InlineData("claude-sonnet-4-0", "sonnet", 400)]
    [InlineData("claude-3-7-sonnet-latest", "sonnet", 307)]
    [InlineData("claude-3-opus-20240229", "opus", 300)]
    [InlineData("anthropic/claude-4.6-opus", "opus", 406)]
    [InlineData("us.anthropic.claude-haiku-4-5-20251001-v1:0", "haiku", 405)]
    [InlineData("claude-opus-4-1@20250805", "opus", 401)]
    [InlineData("claude-2.1", "", 201)]
    [InlineData("claude-fable-5", "fable", 500)]
    [InlineData("claude-mythos-preview", "mythos", null)]
    [InlineData("kimi-k2-0905", "", null)]
    public void Model_isToldFromItsName(string name, string family, int? version) =>
        ClaudeModel.Of(name).ShouldBe(new ClaudeModel(family, version));

    [Theory]
    [InlineData("claude-sonnet-4-5", "minimal", """{"type":"enabled","budget_tokens":1024}""")]
    [InlineData("claude-sonnet-4-5", "low", """{"type":"enabled","budget_tokens":2000}""")]
    [InlineData("claude-sonnet-4-5", "medium", """{"type":"enabled","budget_tokens":5000}""")]
    [InlineData("claude-sonnet-4-5", "high", """{"type":"enabled","budget_tokens":8000}""")]
    [InlineData("kimi-k2", "high", """{"type":"enabled","budget_tokens":8000}""")]
    [InlineData("claude-opus-4-6", "high", """{"type":"adaptive"}""")]
    [InlineData("claude-opus-4-7", "high", """{"type":"adaptive","display":"summarized"}""")]
    public void Effort_isABudgetOrAdaptive(string model, string effort, string thinking) =>
        Wire.Raw(Asked(new ReasoningOptions(effort)), "thinking", Wire.Host(model)).ShouldBe(thinking);

    [Theory]
    [InlineData("claude-opus-4-6", "xhigh", "max")]
    [InlineData("claude-opus-4-7", "xhigh", "xhigh")]
    [InlineData("claude-sonnet-4-6", "minimal", "low")]
    [InlineData("claude-sonnet-5", "medium", "medium")]
    [InlineData("claude-fable-5", "none", "low")]
    public void Effort_isInTheModelsWords(string model, string effort, string written) =>
        Wire.Raw(Asked(new ReasoningOptions(effort)), "output_config", Wire.Host(model))
            .ShouldBe("{\"effort\":\"" + written + "\"}");

    [Theory]
    [InlineData(500L, 4000L, """{"type":"enabled","budget_tokens":1024}""")]
    [InlineData(9000L, 4000L, """{"type":"enabled","budget_tokens":3999}""")]
    [InlineData(2000L, 1024L, "")]
    public void Budget_isAtLeast1024AndBelowTheLimit(long budget, long limit, string thinking)
    {
        var chat = Asked(new ReasoningOptions(BudgetTokens: budget), limit);

        Wire.Raw(chat, "thinking").ShouldBe(thinking);
        Wire.Dropped(chat).ShouldBe(thinking == "" ? ["reasoning"] : []);
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", "")]
    [InlineData("claude-sonnet-5", """{"type":"disabled"}""")]
    [InlineData("kimi-k2", """{"type":"disabled"}""")]
    [InlineData("claude-fable-5", "")]
    public void NoReasoning_isSaidWhereItMustBe(string model, string thinking)
    {
        Wire.Raw(Asked(new ReasoningOptions(IsEnabled: false)), "thinking", Wire.Host(model)).ShouldBe(thinking);
        Wire.Raw(Asked(null), "thinking", Wire.Host(model)).ShouldBe("");
    }

    [Fact]
    public void HiddenReasoning_isOmittedByTheModel() =>
        Wire.Raw(Asked(new ReasoningOptions("high", IsHidden: true)), "thinking", Wire.Host("claude-opus-4-8"))
            .ShouldBe("""{"type":"adaptive","display":"omitted"}""");

    [Theory]
    [InlineData("claude-3-5-haiku-20241022", null)]
    [InlineData("claude-sonnet-4-5", false)]
    public void ModelThatCantThink_isNotAsked(string model, bool? reasons)
    {
        var host = Wire.Host(model, traits: new ModelTraits(Reasons: reasons));

        Wire.Raw(Asked(new ReasoningOptions("high")), "thinking", host).ShouldBe("");
        Wire.Dropped(Asked(new ReasoningOptions("high")), host).ShouldBe(["reasoning"]);
    }

    [Fact]
    public void Thinking_rulesOutSampling()
    {
        var chat = Asked(new ReasoningOptions("high")) with
        {
            Temperature = JsonElement.Parse("0.2"), TopP = JsonElement.Parse("0.9"), TopK = JsonElement.Parse("5"),
        };

        Wire.Written(chat).ShouldNotContain("temperature");
        Wire.Dropped(chat).ShouldBe(["temperature", "top_p", "top_k"]);
        Wire.Dropped(chat with { Temperature = JsonElement.Parse("1.0"), TopP = null, TopK = null }).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", true)]
    [InlineData("claude-opus-4-6", false)]
    public void ForcedTool_winsOverABudget(string model, bool isDropped)
    {
        var chat = Asked(new ReasoningOptions("high")) with
        {
            Tools = [new FunctionTool("ls", null, null)],
            ToolChoice = new ToolChoice(ToolChoiceKind.Required),
        };

        (Wire.Raw(chat, "thinking", Wire.Host(model)) == "").ShouldBe(isDropped);
        Wire.Dropped(chat, Wire.Host(model)).ShouldBe(isDropped ? ["reasoning"] : []);
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", false, true)]
    [InlineData("claude-sonnet-4-5", true, false)]
    [InlineData("claude-opus-4-6", false, false)]
    public void RoundOfCallsWithoutItsOwnThought_rulesOutABudget(string model, bool hasThought, bool isDropped)
    {
        var seal = new Seal(hasThought ? "host" : "other", "EqQB");
        var chat = Wire.Said(
            Wire.User("a"), Wire.Assistant(new ReasoningPart("hm", seal), Wire.Call("t1")), Wire.User(Wire.Result("t1")),
            Wire.Assistant(Wire.Call("t2")), Wire.User(Wire.Result("t2"), new TextPart("go on"))) with
        {
            Reasoning = new ReasoningOptions("high"),
        };

        (Wire.Raw(chat, "thinking", Wire.Host(model)) == "").ShouldBe(isDropped);
        Wire.Dropped(chat, Wire.Host(model)).ShouldBe(isDropped ? ["reasoning"] : []);
    }

    [Fact]
    public void OldRoundOfCalls_isNoHindrance()
    {
        var chat = Wire.Said(
            Wire.User("a"), Wire.Assistant(Wire.Call("t1")), Wire.User(Wire.Result("t1")),
            Wire.Assistant(new TextPart("done")), Wire.User("next")) with
        {
            Reasoning = new ReasoningOptions("high"),
        };

        Wire.Raw(chat, "thinking").ShouldStartWith("""{"type":"enabled",""");
    }

    [Fact]
    public void AnswerThatIsBegun_rulesOutABudget()
    {
        var chat = Wire.Said(Wire.User("a"), Wire.Assistant(new TextPart("It"))) with { Reasoning = new ReasoningOptions("high") };

        Wire.Dropped(chat).ShouldBe(["reasoning"]);
    }
}
