using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

public sealed class WriteRequestTests
{
    private static readonly HostQuirks Plain = new();

    [Fact]
    public void SameModelWithoutStream_sendsTheCallersOwnMemory()
    {
        var body = """{ "model":"m", "messages":[{}], "temperature":1.00 }"""u8.ToArray();

        var request = OpenAiChatDialect.WriteRequest(Facts(body), new RequestEdits("m", Plain, null, true));

        request.Body.ShouldBe(body.AsMemory());
        request.Dropped.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(
        """{"model":"openai/gpt","messages":[{"content":"é\u00e9"}],"seed":12345678901234567890,"unknown":{"a":1.0}}""",
        """{"model":"gpt","messages":[{"content":"é\u00e9"}],"seed":12345678901234567890,"unknown":{"a":1.0}}""")]
    [InlineData(
        """{"stream":true,"model":"a","messages":[{}]}""",
        """{"stream":true,"model":"gpt","messages":[{}],"stream_options":{"include_usage":true}}""")]
    [InlineData(
        """{"model":"a","stream":true,"stream_options":{"include_obfuscation":false},"messages":[{}]}""",
        """{"model":"gpt","stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true},"messages":[{}]}""")]
    [InlineData(
        """{"model":"a","stream":true,"stream_options":{"include_usage":false},"messages":[{}]}""",
        """{"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[{}]}""")]
    [InlineData(
        """{"model":"a","stream":true,"stream_options":{"include_usage":true},"messages":[{}]}""",
        """{"model":"gpt","stream":true,"stream_options":{"include_usage":true},"messages":[{}]}""")]
    [InlineData(
        """{"messages":[{}],"models":["a"]}""",
        """{"messages":[{}],"models":["a"],"model":"gpt"}""")]
    public void WildcardModel_changesModelAndUsageFlagOnly(string body, string expected)
    {
        Write(body, new RequestEdits("gpt", Plain, null, false)).ShouldBe(expected);
    }

    [Fact]
    public void HostWithoutStreamOptions_isNotAskedForUsage()
    {
        Write(
            """{"model":"a","stream":true,"messages":[{}]}""",
            new RequestEdits("b", Plain with { AcceptsStreamOptions = false }, null, false))
            .ShouldBe("""{"model":"b","stream":true,"messages":[{}]}""");
    }

    [Theory]
    [InlineData("max_tokens", """{"model":"a","messages":[{}]}""", """{"model":"a","messages":[{}],"max_tokens":900}""")]
    [InlineData(
        "max_completion_tokens", """{"model":"a","max_tokens":5000,"messages":[{}]}""",
        """{"model":"a","messages":[{}],"max_completion_tokens":900}""")]
    [InlineData(
        "max_tokens", """{"model":"a","max_tokens":5000,"messages":[{}]}""",
        """{"model":"a","max_tokens":900,"messages":[{}]}""")]
    public void InjectedLimit_standsUnderTheHostsNameAlone(string name, string body, string expected)
    {
        Write(body, new RequestEdits("a", Plain with { OutputLimitName = name }, 900, false)).ShouldBe(expected);
    }

    [Fact]
    public void CatalogModel_losesTheExtensionListAndNamesWhatNobodyHonours()
    {
        var request = OpenAiChatDialect.WriteRequest(
            Facts("""
                {"model":"a","models":["b"],"provider":{},"route":"fallback","transforms":[],"plugins":[],
                "reasoning":{"effort":"low"},"include_reasoning":true,"usage":{},"session_id":"s","trace":{},"preset":"p",
                "messages":[{}],"user":"u"}
                """u8.ToArray()),
            new RequestEdits("a", Plain, null, true));

        Encoding.UTF8.GetString(request.Body.Span).ShouldBe("""
            {"model":"a",
            "messages":[{}],"user":"u"}
            """);
        request.Dropped.ShouldBe(
            ["route", "transforms", "plugins", "reasoning", "include_reasoning", "trace", "preset"]);
    }

    [Theory]
    [InlineData("\"reasoning\":{\"effort\":\"low\"}", "\"reasoning_effort\":\"low\"", "")]
    [InlineData(
        "\"reasoning\":{\"effort\":\"low\"},\"reasoning_effort\":\"high\"", "\"reasoning_effort\":\"high\"", "")]
    [InlineData("\"reasoning\":{\"effort\":\"low\",\"exclude\":true}", "\"reasoning_effort\":\"low\"", "reasoning")]
    [InlineData("\"reasoning\":{\"max_tokens\":100},\"user\":\"u\"", "\"user\":\"u\"", "reasoning")]
    public void Reasoning_isMappedWhereTheHostKnowsEffort(string members, string expected, string dropped)
    {
        var request = OpenAiChatDialect.WriteRequest(
            Facts(Encoding.UTF8.GetBytes($$"""{"model":"a","messages":[{}],{{members}}}""")),
            new RequestEdits("a", Plain with { AcceptsReasoningEffort = true }, null, true));

        Encoding.UTF8.GetString(request.Body.Span).ShouldBe($$"""{"model":"a","messages":[{}],{{expected}}}""");
        string.Join(",", request.Dropped).ShouldBe(dropped);
    }

    private static string Write(string body, RequestEdits edits) => Encoding.UTF8.GetString(
        OpenAiChatDialect.WriteRequest(Facts(Encoding.UTF8.GetBytes(body)), edits).Body.Span);

    private static RequestFacts Facts(byte[] body) => OpenAiChatDialect.ReadRequest(body).Facts.ShouldNotBeNull();
}
