using System.Text;
using Mercato.Wire.Dialects.Gemini;
using static Mercato.Wire.Tests.Said;

namespace Mercato.Wire.Tests.Gemini;

/// <summary>Bug class 4: signatures that are lost, misplaced or shown to another host.</summary>
public sealed class SignatureTests
{
    private static readonly Upstream Gemini = new(GeminiDialect.Instance, "gemini-2.5-flash", "google");
    private static readonly Upstream Gemini3 = new(GeminiDialect.Instance, "gemini-3-flash-preview", "google");

    [Fact]
    public void OwnSeal_standsOnTheCallBehindIt() =>
        Parts(Gemini3, new ReasoningPart("Hm.", new Seal("google", "S1")), Call("call_1", "a", "{}"), Call("call_2", "b", "{}"))
            .ShouldBe("""{"functionCall":{"name":"a","args":{}},"thoughtSignature":"S1"},{"functionCall":{"name":"b","args":{}}}""");

    [Fact]
    public void SealsOfTextAndCall_stayWithTheirParts() =>
        Parts(Gemini3, Sealed("google", "S1"), new TextPart("t"), Sealed("google", "S2"), Call("call_1", "a", "{}"))
            .ShouldBe("""{"text":"t","thoughtSignature":"S1"},{"functionCall":{"name":"a","args":{}},"thoughtSignature":"S2"}""");

    /// <summary>Callers of the chat dialect give all that is sealed back in front of the text.</summary>
    [Fact]
    public void OneSealBeforeTextAndCall_belongsToTheCall() =>
        Parts(Gemini3, Sealed("google", "S1"), new TextPart("t"), Call("call_1", "a", "{}"))
            .ShouldBe("""{"text":"t"},{"functionCall":{"name":"a","args":{}},"thoughtSignature":"S1"}""");

    [Fact]
    public void SealBehindAllParts_standsOnAnEmptyText() =>
        Parts(Gemini3, new TextPart("t"), Sealed("google", "S1"))
            .ShouldBe("""{"text":"t"},{"text":"","thoughtSignature":"S1"}""");

    [Fact]
    public void TwoSealsBeforeOnePart_areBothKept() =>
        Parts(Gemini3, Sealed("google", "S1"), Sealed("google", "S2"), new TextPart("t"))
            .ShouldBe("""{"text":"","thoughtSignature":"S1"},{"text":"t","thoughtSignature":"S2"}""");

    [Fact]
    public void ForeignSeal_isNotShown_andTheFirstCallSaysSo() =>
        Parts(Gemini3, Sealed("anthropic", "S1"), Call("toolu_1", "a", "{}"), Call("toolu_2", "b", "{}"))
            .ShouldBe("""{"functionCall":{"name":"a","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"name":"b","args":{}}}""");

    [Fact]
    public void BareSeal_isNobodys() =>
        Parts(Gemini3, new ReasoningPart("", new Seal(null, "S1")), new TextPart("t")).ShouldBe("""{"text":"t"}""");

    [Theory]
    [InlineData("gemini-3-pro-preview", true)]
    [InlineData("models/gemini-3.1-flash-lite", true)]
    [InlineData("google/gemini-10-pro", true)]
    [InlineData("gemini-flash-latest", true)]
    [InlineData("gemini-2.5-pro", false)]
    [InlineData("gemma-3-27b-it", false)]
    [InlineData("not-gemini-3", false)]
    public void UnsignedCall_isExcusedFromGemini3On(string model, bool isExcused) =>
        Parts(new Upstream(GeminiDialect.Instance, model), Call("call_1", "a", "{}"))
            .Contains("skip_thought_signature_validator", StringComparison.Ordinal).ShouldBe(isExcused);

    [Fact]
    public void TurnOfForeignThoughtsAlone_leavesNoContent() =>
        Gemini.Body(User("a"), Model(new ReasoningPart("Hm.")), User("b"))
            .ShouldBe("""{"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]}]}""");

    [Theory]
    [InlineData(
        """{"candidates":[{"content":{"parts":[{"text":"Hm.","thought":true},{"functionCall":{"name":"a","args":{"n":1.0},"id":"x1y2"},"thoughtSignature":"S1"},{"functionCall":{"name":"b","args":{},"id":"x3"}}]},"finishReason":"STOP"}]}""",
        """{"functionCall":{"id":"x1y2","name":"a","args":{"n":1.0}},"thoughtSignature":"S1"},{"functionCall":{"id":"x3","name":"b","args":{}}}""")]
    [InlineData(
        """{"candidates":[{"content":{"parts":[{"text":"Hello","thoughtSignature":"S1"}]},"finishReason":"STOP"}]}""",
        """{"text":"Hello","thoughtSignature":"S1"}""")]
    [InlineData(
        """{"candidates":[{"content":{"parts":[{"text":"Hello"},{"text":"","thoughtSignature":"S1"}]},"finishReason":"STOP"}]}""",
        """{"text":"Hello"},{"text":"","thoughtSignature":"S1"}""")]
    public void Answer_goesBackAsItCame(string answer, string parts)
    {
        var told = ChatAnswer.Of(GeminiDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(answer), "google"));

        Parts(Gemini3, [.. told.Parts]).ShouldBe(parts);
    }

    private static string Parts(Upstream host, params ChatPart[] parts)
    {
        const string Before = """{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[""";
        var body = host.Body(User("x"), Model(parts));
        body.ShouldStartWith(Before);
        return body[Before.Length..].Replace("]}]}", "", StringComparison.Ordinal);
    }
}
