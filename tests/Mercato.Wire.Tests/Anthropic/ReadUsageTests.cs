using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>Usage both ways: no kind of token contains another here, while output includes thinking there.</summary>
public sealed class ReadUsageTests
{
    private static Usage Read(string usage) => AnthropicDialect.ReadUsage(Encoding.UTF8.GetBytes(usage));

    [Fact]
    public void CachesAndThinking_areCountedOnce() =>
        Read("""
            {"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":70,
            "cache_creation":{"ephemeral_5m_input_tokens":50,"ephemeral_1h_input_tokens":20},"output_tokens":30,
            "output_tokens_details":{"thinking_tokens":12},"server_tool_use":{"web_search_requests":2,"web_fetch_requests":9},
            "service_tier":"standard","cost":0.00001}
            """).ShouldBe(new Usage
            {
                InputUncached = 10, CacheRead = 200, CacheWrite5m = 50, CacheWrite1h = 20, OutputText = 18, Reasoning = 12,
                ServerTools = 2, ReportedCostPico = 10_000_000,
            });

    [Fact]
    public void CacheWritesWithoutASplit_liveFiveMinutes() =>
        Read("""{"input_tokens":1,"cache_creation_input_tokens":70,"output_tokens":0}""")
            .ShouldBe(new Usage { InputUncached = 1, CacheWrite5m = 70, OutputText = 0 });

    [Fact]
    public void AbsentAndNull_areNotZero() =>
        Read("""{"output_tokens":5,"cache_read_input_tokens":null}""").ShouldBe(new Usage { OutputText = 5 });

    [Fact]
    public void Compaction_isBilledBesideTheAnswer() =>
        Read("""
            {"input_tokens":600,"output_tokens":100,"cache_read_input_tokens":5,"iterations":[
            {"type":"compaction","input_tokens":60000,"output_tokens":500,"cache_read_input_tokens":7,"cache_creation_input_tokens":3},
            {"type":"message","input_tokens":600,"output_tokens":100}]}
            """).ShouldBe(new Usage { InputUncached = 60600, CacheRead = 12, CacheWrite5m = 3, OutputText = 600 });

    [Theory]
    [InlineData("""{"input_tokens":-1}""", "input_tokens is negative")]
    [InlineData("""{"output_tokens":1.5}""", "output_tokens is not whole")]
    [InlineData("""{"output_tokens":2147483648}""", "output_tokens is out of range")]
    [InlineData("""{"output_tokens":1e309}""", "output_tokens is out of range")]
    [InlineData("""{"cache_read_input_tokens":"5"}""", "cache_read_input_tokens is not a number")]
    [InlineData("""{"cache_creation_input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":9}}""", "cache_creation_input_tokens is less than its details")]
    [InlineData("""{"input_tokens":2147483647,"iterations":[{"type":"compaction","input_tokens":2}]}""", "usage is out of range")]
    [InlineData("[]", "usage is not an object")]
    [InlineData("{", "usage is not JSON")]
    public void FiguresThatCantBe_areFlagged(string usage, string suspicion) => Read(usage).Suspicion.ShouldBe(suspicion);

    [Fact]
    public void MoreThinkingThanOutput_isOutput() =>
        Read("""{"output_tokens":5,"output_tokens_details":{"thinking_tokens":6}}""")
            .ShouldBe(new Usage { OutputText = 0, Reasoning = 5 });

    [Fact]
    public void Usage_isWrittenWithInputThatExcludesTheCache() =>
        Encoding.UTF8.GetString(AnthropicDialect.WriteUsage(new Usage
            {
                InputUncached = 10, ToolPrompt = 1, AudioInput = 2, CacheRead = 200, CacheWrite5m = 50, CacheWrite1h = 20,
                OutputText = 18, Reasoning = 12, ServerTools = 2,
            }))
            .ShouldBe(
                """
                {"input_tokens":13,"cache_creation_input_tokens":70,"cache_read_input_tokens":200,"cache_creation":{"ephemeral_5m_input_tokens":50,"ephemeral_1h_input_tokens":20},"output_tokens":30,"output_tokens_details":{"thinking_tokens":12},"server_tool_use":{"web_search_requests":2}}
                """);

    [Fact]
    public void NoUsage_isWrittenAsZeros() =>
        Encoding.UTF8.GetString(AnthropicDialect.WriteUsage(new Usage())).ShouldBe(
            """
            {"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0}
            """);
}
