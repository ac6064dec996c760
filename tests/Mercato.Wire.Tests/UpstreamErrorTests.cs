using System.Text;
using static Mercato.Wire.RetryAdvice;
using static Mercato.Wire.UpstreamErrorKind;

namespace Mercato.Wire.Tests;

public sealed class UpstreamErrorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int, string, UpstreamErrorKind, RetryAdvice> Rows => new()
    {
        // OpenAI
        { 400, """{"error":{"message":"bad","type":"invalid_request_error","param":"x","code":null}}""", BadRequest, Never },
        { 400, """{"error":{"message":"m","code":"context_length_exceeded"}}""", ContextOverflow, Never },
        { 401, """{"error":{"message":"m","code":"invalid_api_key"}}""", OurCredential, Elsewhere },
        { 403, """{"error":{"message":"Country not supported"}}""", OurCredential, Elsewhere },
        { 404, """{"error":{"message":"m","code":"model_not_found"}}""", NotFound, Elsewhere },
        { 408, "{}", UpstreamErrorKind.Timeout, Later },
        { 409, "{}", ServerError, Later },
        { 422, """{"error":{"message":"m"}}""", BadRequest, Never },
        { 429, """{"error":{"message":"m","code":"rate_limit_exceeded"}}""", RateLimited, Later },
        { 429, """{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}""", InsufficientProviderFunds, Elsewhere },
        { 500, """{"error":{"message":"m"}}""", ServerError, Later },
        { 502, "<html>Bad gateway</html>", ServerError, Later },
        { 503, "", Overloaded, Later },
        { 504, "", UpstreamErrorKind.Timeout, Later },
        // Anthropic
        { 400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 2 tokens > 1 maximum"}}""", ContextOverflow, Never },
        { 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}""", InsufficientProviderFunds, Elsewhere },
        { 413, """{"type":"error","error":{"type":"request_too_large","message":"m"}}""", TooLarge, Elsewhere },
        { 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", Overloaded, Later },
        // Google
        { 400, """[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]""", OurCredential, Elsewhere },
        { 400, """{"error":{"code":400,"message":"The input token count (5) exceeds the maximum number of tokens allowed (1)."}}""", ContextOverflow, Never },
        { 429, """{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"RequestsPerDayPerProject"}]}]}}""", RateLimited, Elsewhere },
        // Groq, Mistral, Cohere, DeepSeek, xAI, Perplexity
        { 400, """{"error":{"message":"m","code":"tool_use_failed","failed_generation":"x"}}""", ToolCallFailed, Later },
        { 413, """{"error":{"message":"too large TPM","code":"rate_limit_exceeded"}}""", TooLarge, Elsewhere },
        { 498, """{"error":{"code":"capacity_exceeded"}}""", Overloaded, Later },
        { 422, """{"object":"error","message":{"detail":[{"msg":"Field required"}]},"code":null}""", BadRequest, Never },
        { 400, """{"id":"1","message":"too many tokens","error_type":"TOO_MANY_TOKENS"}""", ContextOverflow, Never },
        { 402, """{"error":{"message":"Insufficient Balance"}}""", InsufficientProviderFunds, Elsewhere },
        { 400, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xx"}""", OurCredential, Elsewhere },
        { 400, """{"error":{"message":"long","type":"too_many_prompt_tokens","code":400}}""", ContextOverflow, Never },
        // Azure, Bedrock, OpenRouter
        { 400, """{"error":{"message":"m","code":"content_filter"}}""", Refused, Never },
        { 403, """{"error":{"code":403,"message":"Input was flagged by moderation"}}""", Refused, Never },
        { 400, """{"message":"The provided model identifier is invalid."}""", NotFound, Elsewhere },
        { 400, """{"message":"Input Tokens Exceeded: too many"}""", ContextOverflow, Never },
        // What is no answer at all
        { 302, "", NotJson, Elsewhere },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Failure_hasItsKindAndAdvice(int status, string body, UpstreamErrorKind kind, RetryAdvice retry)
    {
        var error = Read(status, body);

        (error.Kind, error.Retry).ShouldBe((kind, retry));
        error.Message.ShouldNotBeNullOrEmpty();
        error.Status.ShouldBe(status);
    }

    [Theory]
    [InlineData("ThrottlingException:http://x", RateLimited)]
    [InlineData("ServiceUnavailableException", Overloaded)]
    [InlineData("ValidationException", BadRequest)]
    public void BedrockNamesItsErrorInAHeader(string type, UpstreamErrorKind kind)
    {
        Read(400, """{"message":"m"}""", ("x-amzn-errortype", type)).Kind.ShouldBe(kind);
    }

    [Fact]
    public void ShouldRetryHeader_wins()
    {
        Read(500, "", ("x-should-retry", "false")).Retry.ShouldBe(Elsewhere);
        Read(400, "", ("x-should-retry", "true")).Retry.ShouldBe(Later);
    }

    [Theory]
    [InlineData("retry-after", "7", 7_000)]
    [InlineData("retry-after", "1.5", 1_500)]
    [InlineData("retry-after", "-5", 0)]
    [InlineData("retry-after", "1000000000", 3_600_000)]
    [InlineData("retry-after", "Thu, 01 Jan 2026 12:00:30 GMT", 30_000)]
    [InlineData("retry-after", "Thu, 01 Jan 2026 11:00:00 GMT", 0)]
    [InlineData("retry-after", "Fri, 01 Jan 2100 00:00:00 GMT", 3_600_000)]
    [InlineData("retry-after", "soon", null)]
    [InlineData("retry-after", "NaN", null)]
    [InlineData("retry-after-ms", "250", 250)]
    public void RetryAfter_isReadAndClamped(string header, string value, int? milliseconds)
    {
        Read(429, "", (header, value)).RetryAfter?.TotalMilliseconds.ShouldBe(milliseconds ?? -1);
        (Read(429, "", (header, value)).RetryAfter is null).ShouldBe(milliseconds is null);
    }

    [Fact]
    public void RetryDelayInTheBody_isRead()
    {
        Read(429, """{"error":{"code":429,"message":"m","details":[{"retryDelay":"27.5s"}]}}""").RetryAfter
            .ShouldBe(TimeSpan.FromSeconds(27.5));
        Read(503, """{"error":"loading","estimated_time":20.0}""").RetryAfter.ShouldBe(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("Incorrect API key provided: sk-proj-abcdefghijklmnop. See docs.", "Incorrect API key provided: ***. See docs.")]
    [InlineData("Bad token gsk_0123456789abcdef here", "Bad token *** here")]
    [InlineData("Authorization: Bearer abc.def", "Authorization: Bearer ***")]
    [InlineData("key AIzaSyA1234567890123456", "key ***")]
    [InlineData("The model 'gpt-5-mini-2025-08-07' does not exist", "The model 'gpt-5-mini-2025-08-07' does not exist")]
    public void Keys_areMaskedInTheHostsWords(string message, string expected)
    {
        Read(401, $$$"""{"error":{"message":"{{{message}}}"}}""").Message.ShouldBe(expected);
    }

    [Fact]
    public void LongMessage_isCut()
    {
        Read(400, $$$"""{"error":{"message":"{{{new string('x', 100_000)}}}"}}""").Message.Length.ShouldBe(1000);
    }

    [Fact]
    public void ErrorWrappedAsText_isUnwrapped()
    {
        Read(503, """{"error":{"message":"{\"error\":{\"code\":503,\"message\":\"The model is overloaded.\"}}"}}""").Message
            .ShouldBe("The model is overloaded.");
    }

    [Fact]
    public void UpstreamsOwnWords_areKeptBesideAnIntermediarys()
    {
        Read(429, """{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"busy"}}}""").Message
            .ShouldBe("Provider returned error: busy");
    }

    [Theory]
    [InlineData("<html>secret</html>", "The host answered 502.")]
    [InlineData("", "The host answered 502.")]
    [InlineData("upstream connect error", "upstream connect error")]
    public void BodyThatIsNoJson_isQuotedOnlyWhenPlain(string body, string message)
    {
        Read(502, body).Message.ShouldBe(message);
    }

    private static UpstreamError Read(int status, string body, params (string Name, string Value)[] headers) =>
        UpstreamError.Read(
            status, name => headers.FirstOrDefault(header => header.Name == name).Value, Encoding.UTF8.GetBytes(body), Now);
}
