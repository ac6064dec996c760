using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

public sealed class ReadUsageTests
{
    [Fact]
    public void OpenAiUsage_isSplitSoThatNoKindContainsAnother()
    {
        Read("""
            {"prompt_tokens":1000,"completion_tokens":300,"total_tokens":1300,
             "prompt_tokens_details":{"cached_tokens":600,"cache_write_tokens":100,"audio_tokens":50},
             "completion_tokens_details":{"reasoning_tokens":120,"audio_tokens":30,"accepted_prediction_tokens":0}}
            """).ShouldBe(new Usage
        {
            InputUncached = 250, CacheRead = 600, CacheWrite5m = 100, AudioInput = 50, OutputText = 150,
            Reasoning = 120, AudioOutput = 30,
        });
    }

    [Fact]
    public void AbsentCounts_areNullAndZeroIsZero()
    {
        Read("""{"prompt_tokens":0,"completion_tokens":0}""")
            .ShouldBe(new Usage { InputUncached = 0, OutputText = 0 });
        Read("{}").ShouldBe(new Usage());
        Read("""{"prompt_tokens":null,"prompt_tokens_details":null}""").ShouldBe(new Usage());
    }

    [Fact]
    public void ReasoningCountedApart_isToldByTheTotal()
    {
        Read("""
            {"prompt_tokens":12,"completion_tokens":1,"total_tokens":241,
             "completion_tokens_details":{"reasoning_tokens":228}}
            """).ShouldBe(new Usage { InputUncached = 12, OutputText = 1, Reasoning = 228 });
    }

    [Fact]
    public void AudioCountedApart_isToldByTheTotal()
    {
        Read("""
            {"prompt_tokens":9,"completion_tokens":248,"total_tokens":632,"prompt_tokens_details":{"audio_tokens":375}}
            """).ShouldBe(new Usage { InputUncached = 9, AudioInput = 375, OutputText = 248 });
    }

    [Fact]
    public void CacheLargerThanThePrompt_wasCountedApart()
    {
        Read("""{"prompt_tokens":198,"completion_tokens":18,"prompt_tokens_details":{"cached_tokens":314}}""")
            .ShouldBe(new Usage { InputUncached = 198, CacheRead = 314, StatedInput = 198, OutputText = 18 });
    }

    [Theory]
    [InlineData("""{"prompt_tokens":10,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6}""")]
    [InlineData("""{"prompt_tokens":10,"num_cached_tokens":4}""")]
    [InlineData("""{"prompt_tokens":10,"cached_tokens":4}""")]
    [InlineData("""{"prompt_tokens":10,"prompt_token_details":{"cached_tokens":4}}""")]
    public void CachedTokens_areFoundWhereverHostsPutThem(string usage)
    {
        Read(usage).ShouldBe(new Usage { InputUncached = 6, CacheRead = 4 });
    }

    [Theory]
    [InlineData("""{"cost":0.00014175}""", 141_750_000L)]
    [InlineData("""{"cost":{"total_cost":0.00502,"request_cost":0.005}}""", 5_020_000_000L)]
    [InlineData("""{"cost_in_usd_ticks":37756000}""", 3_775_600_000L)]
    [InlineData("""{"cost":"free"}""", null)]
    [InlineData("""{"cost":-1}""", null)]
    public void ReportedCost_isExact(string usage, long? pico)
    {
        Read(usage).ReportedCostPico.ShouldBe(pico);
    }

    [Fact]
    public void WebSearches_areCounted()
    {
        Read("""{"server_tool_use_details":{"web_search_requests":3}}""").ServerTools.ShouldBe(3);
    }

    [Theory]
    [InlineData("-1", "completion_tokens is negative")]
    [InlineData("1.5", "completion_tokens is not whole")]
    [InlineData("\"12\"", "completion_tokens is not a number")]
    [InlineData("true", "completion_tokens is not a number")]
    [InlineData("2147483648", "completion_tokens is out of range")]
    [InlineData("9223372036854775808", "completion_tokens is out of range")]
    [InlineData("18446744073709551615", "completion_tokens is out of range")]
    [InlineData("1e309", "completion_tokens is out of range")]
    public void CountThatCantBe_isFlaggedAndNeverWraps(string count, string suspicion)
    {
        var usage = Read($$"""{"prompt_tokens":5,"completion_tokens":{{count}}}""");

        usage.Suspicion.ShouldBe(suspicion);
        usage.OutputText.ShouldBeNull();
        usage.InputUncached.ShouldBe(5);
    }

    [Fact]
    public void WholeFloat_isACount()
    {
        Read("""{"prompt_tokens":1.0,"completion_tokens":2e1}""")
            .ShouldBe(new Usage { InputUncached = 1, OutputText = 20 });
    }

    [Theory]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"prompt_tokens":1,"prompt_tokens_details":{"audio_tokens":5}}""")]
    public void UsageThatMeansNothing_isFlagged(string usage)
    {
        Read(usage).IsSuspect.ShouldBeTrue();
    }

    [Fact]
    public void WrittenUsage_addsUpAsTheDialectSays()
    {
        var written = OpenAiChatDialect.WriteUsage(
            new Usage { InputUncached = 10, CacheRead = 20, CacheWrite5m = 30, OutputText = 4, Reasoning = 5 });

        Encoding.UTF8.GetString(written).ShouldBe(
            """{"prompt_tokens":60,"completion_tokens":9,"total_tokens":69,"prompt_tokens_details":{"cached_tokens":20,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":0}}""");
    }

    [Fact]
    public void CacheCountedApart_isWrittenAsTheHostSaidIt()
    {
        var usage = Read(
            """{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":163}}""");

        usage.TotalInput.ShouldBe(170);
        Encoding.UTF8.GetString(OpenAiChatDialect.WriteUsage(usage)).ShouldBe(
            """{"prompt_tokens":7,"completion_tokens":1,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":163,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}""");
    }

    private static Usage Read(string usage) => OpenAiChatDialect.ReadUsage(Encoding.UTF8.GetBytes(usage));
}
