using System.Text.RegularExpressions;

namespace Mercato.Wire;

/// <summary>Why a call to a host failed. A closed set, the same for every dialect.</summary>
public enum UpstreamErrorKind
{
    /// <summary>The host refused the request as it stands (400, 422 and the like).</summary>
    BadRequest,
    /// <summary>The conversation is longer than the model's context.</summary>
    ContextOverflow,
    /// <summary>The host's content policy refused the request.</summary>
    Refused,
    /// <summary>The model produced a tool call that the host could not parse; trying again may help.</summary>
    ToolCallFailed,
    /// <summary>The host doesn't accept the key that we sent. Never the caller's fault: 502, not 401.</summary>
    OurCredential,
    /// <summary>The account behind the key has no money left at the host.</summary>
    InsufficientProviderFunds,
    /// <summary>The host doesn't have the model.</summary>
    NotFound,
    /// <summary>The request is larger than the host takes.</summary>
    TooLarge,
    /// <summary>Too many requests or tokens in a window of time.</summary>
    RateLimited,
    /// <summary>The host has no capacity now.</summary>
    Overloaded,
    /// <summary>The host failed inside.</summary>
    ServerError,
    /// <summary>The host, or something on the way, took too long.</summary>
    Timeout,
    /// <summary>No connection could be made, so nothing was sent.</summary>
    Unreachable,
    /// <summary>The answer broke off in the middle.</summary>
    BrokenStream,
    /// <summary>The answer is not what the dialect allows: HTML, empty, a redirect, or no JSON.</summary>
    NotJson
}

/// <summary>What may be tried after a failure, as long as no byte of an answer has left.</summary>
public enum RetryAdvice
{
    /// <summary>Nothing: every host would say the same.</summary>
    Never,
    /// <summary>Another offer, not this one.</summary>
    Elsewhere,
    /// <summary>Another offer at once, or this one after <see cref="UpstreamError.RetryAfter"/>.</summary>
    Later
}

/// <summary>A host's failure, read from status, headers and body.</summary>
/// <param name="Kind">Why it failed.</param>
/// <param name="Retry">What may be tried.</param>
/// <param name="Message">The host's own words, at most 1,000 characters, with what looks like a key masked.</param>
/// <param name="Status">The HTTP status, or the one told in the body; null when there was none.</param>
/// <param name="Code">The host's code, in its spelling.</param>
/// <param name="Param">The member of the request that the host complains about.</param>
/// <param name="RetryAfter">How long the host asks to wait, 0 to 1 hour; null when it doesn't say.</param>
public sealed partial record UpstreamError(
    UpstreamErrorKind Kind, RetryAdvice Retry, string Message, int? Status = null, string? Code = null,
    string? Param = null, TimeSpan? RetryAfter = null)
{
    /// <summary>The longest wait that is believed.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    private const int MaxMessage = 1000;

    /// <summary>Reads a failure from an answer whose status is not 2xx.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="header">Looks a header up by name; null when absent.</param>
    /// <param name="body">The body as far as it was read; JSON in any of the known shapes, or anything else.</param>
    /// <param name="now">The time that a date in <c>Retry-After</c> is measured from.</param>
    public static UpstreamError Read(
        int status, Func<string, string?> header, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var words = ErrorWords.Read(body);
        var kind = Classify(status, header("x-amzn-errortype"), words);
        var retry = Advise(kind, status, words);
        retry = header("x-should-retry") switch
        {
            "true" when retry == RetryAdvice.Never => RetryAdvice.Later,
            "false" when retry == RetryAdvice.Later => RetryAdvice.Elsewhere,
            _ => retry,
        };
        var wait = WaitTime.Read(header, now) ?? words.RetryDelay;
        return new(
            kind, retry, Clean(words.Message ?? $"The host answered {status}."), status, words.Code, words.Param, wait);
    }

    /// <summary>Reads an <c>error</c> member that came under status 200, in a body or in a stream.</summary>
    public static UpstreamError ReadInBand(ReadOnlyMemory<byte> error)
    {
        var words = ErrorWords.ReadError(error);
        var status = int.TryParse(words.Code, out var code) && code is >= 400 and < 600 ? code : 500;
        var kind = Classify(status, null, words);
        return new(
            kind, Advise(kind, status, words), Clean(words.Message ?? "The host sent an error without words."), status,
            words.Code, words.Param, words.RetryDelay);
    }

    /// <summary>A failure that no HTTP answer tells of: no connection, a time-out, a broken or meaningless
    /// answer.</summary>
    public static UpstreamError Of(UpstreamErrorKind kind, string message) =>
        new(kind, Advise(kind, 0, new ErrorWords()), Clean(message));

    private static UpstreamErrorKind Classify(int status, string? amazonType, ErrorWords words)
    {
        if (words.SaysContextOverflow && status is not 429)
        {
            return UpstreamErrorKind.ContextOverflow;
        }

        if (status == 402 || words.SaysNoFunds)
        {
            return UpstreamErrorKind.InsufficientProviderFunds;
        }

        var named = ClassifyAmazon(amazonType);
        if (named is not null)
        {
            return named.Value;
        }

        return status switch
        {
            401 => UpstreamErrorKind.OurCredential,
            403 => words.SaysRefused ? UpstreamErrorKind.Refused : UpstreamErrorKind.OurCredential,
            404 => UpstreamErrorKind.NotFound,
            408 or 504 or 524 => UpstreamErrorKind.Timeout,
            413 => UpstreamErrorKind.TooLarge,
            429 => UpstreamErrorKind.RateLimited,
            498 or 503 or 529 => UpstreamErrorKind.Overloaded,
            409 or >= 500 => UpstreamErrorKind.ServerError,
            < 400 => UpstreamErrorKind.NotJson,
            _ => ClassifyBadRequest(words),
        };
    }

    private static UpstreamErrorKind ClassifyBadRequest(ErrorWords words) => words switch
    {
        { SaysBadKey: true } => UpstreamErrorKind.OurCredential,
        { SaysNoModel: true } => UpstreamErrorKind.NotFound,
        { SaysRefused: true } => UpstreamErrorKind.Refused,
        { Code: "tool_use_failed" } => UpstreamErrorKind.ToolCallFailed,
        _ => UpstreamErrorKind.BadRequest,
    };

    private static UpstreamErrorKind? ClassifyAmazon(string? type) => type?.Split(':', '#')[0] switch
    {
        "ThrottlingException" => UpstreamErrorKind.RateLimited,
        "ServiceUnavailableException" or "ModelNotReadyException" => UpstreamErrorKind.Overloaded,
        "ModelTimeoutException" => UpstreamErrorKind.Timeout,
        "AccessDeniedException" or "UnrecognizedClientException" => UpstreamErrorKind.OurCredential,
        "ResourceNotFoundException" => UpstreamErrorKind.NotFound,
        _ => null,
    };

    private static RetryAdvice Advise(UpstreamErrorKind kind, int status, ErrorWords words) => kind switch
    {
        UpstreamErrorKind.RateLimited when words.SaysDailyQuota => RetryAdvice.Elsewhere,
        UpstreamErrorKind.BadRequest or UpstreamErrorKind.ContextOverflow or UpstreamErrorKind.Refused
            => RetryAdvice.Never,
        UpstreamErrorKind.OurCredential or UpstreamErrorKind.InsufficientProviderFunds or UpstreamErrorKind.NotFound
            or UpstreamErrorKind.TooLarge or UpstreamErrorKind.NotJson => RetryAdvice.Elsewhere,
        UpstreamErrorKind.ServerError when status is 501 or 505 => RetryAdvice.Elsewhere,
        _ => RetryAdvice.Later,
    };

    private static string Clean(string message)
    {
        var bounded = message.Length <= 4 * MaxMessage ? message : message[..(4 * MaxMessage)];
        var masked = Secret().Replace(bounded, "***").Trim();
        if (masked.Length <= MaxMessage)
        {
            return masked;
        }

        var end = char.IsHighSurrogate(masked[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage;
        return masked[..end];
    }

    // Keys by the prefixes that hosts give them, bearer headers, tokens, and whatever a host quotes as "provided: ...".
    [GeneratedRegex(
        @"\b(?:sk|rk|pk|gsk|xai|hf|mk|fw|csk|pplx|nvapi|tgp|r8|key)[-_][\w\-\*\.]{6,}[\w\*]"
        + @"|\b(?:AIza|AKIA|ASIA|eyJ)[\w\-\*\.]{12,}[\w\*]"
        + @"|(?<=\bBearer )\S+|(?<=\bkey provided: )\S+?(?=[.\s]*(?:\s|$))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
