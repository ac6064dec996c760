using System.Text;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>What <c>fuzz/run.sh</c> has found, in its smallest form.</summary>
public sealed class FoundByFuzzingTests
{
    /// <summary>It stands for what can't be decoded, but a host may also just say it.</summary>
    [Theory]
    [InlineData("\uFFFD\\u0041")]
    [InlineData("\\ufffd")]
    public void NameWithReplacementCharacterAndEscape_isAName(string name)
    {
        var body = "{\"type\":\"message\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{\""
            + name + "\":1}}],\"stop_reason\":\"tool_use\"}";

        var answer = ChatAnswer.Of(WireFormats.Upstream(Dialect.Anthropic).ReadAnswer(Encoding.UTF8.GetBytes(body), "host"));

        answer.Calls.ShouldHaveSingleItem().Arguments.ShouldBe("{\"" + name + "\":1}");
    }

    [Fact]
    public void NameWithHalfACharacter_isStillNone()
    {
        var body = "{\"type\":\"message\",\"content\":[],\"x\\ud83d\":1}";

        WireFormats.Upstream(Dialect.Anthropic).ReadAnswer(Encoding.UTF8.GetBytes(body), "host")
            .ShouldHaveSingleItem().ShouldBeOfType<ErrorDelta>().Error.Kind.ShouldBe(UpstreamErrorKind.NotJson);
    }
}
