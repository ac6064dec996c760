using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>What a host says in an error body, drawn out of the many shapes in which hosts say it.</summary>
internal sealed record ErrorWords
{
    private const int MaxPlainText = 300;
    private const int MaxDepth = 4;

    public string? Message { get; init; }

    public string? Code { get; init; }

    public string? Type { get; init; }

    public string? Param { get; init; }

    public TimeSpan? RetryDelay { get; init; }

    public bool SaysDailyQuota { get; init; }

    public bool SaysBadKey => Says("api_key_invalid", "api key not valid", "incorrect api key", "invalid api key",
        "invalid_api_key", "api key provided", "invalid x-api-key");

    public bool SaysContextOverflow => Says("context_length_exceeded", "too_many_tokens", "too_many_prompt_tokens",
        "maximum context length", "prompt is too long", "exceeds the maximum number of tokens", "context window",
        "input tokens exceeded", "context length exceeded", "exceed_context_size");

    public bool SaysNoFunds => Says("insufficient_quota", "insufficient balance", "insufficient_balance",
        "credit balance is too low", "insufficient credits", "insufficient funds");

    public bool SaysNoModel => Says("model_not_found", "model identifier is invalid", "modelnotfound",
        "deploymentnotfound") || (Code == "invalid_model");

    public bool SaysRefused => Says("content_filter", "content_policy_violation", "content management policy",
        "moderation", "flagged");

    private string Haystack => field ??= $"{Code} {Type} {Message}".ToLowerInvariant();

    /// <summary>Reads a whole error body.</summary>
    public static ErrorWords Read(ReadOnlyMemory<byte> body) => JsonText.Parse(body) is { } document
        ? Use(document, root => FromRoot(root, 0))
        : new ErrorWords { Message = PlainText(body.Span) };

    /// <summary>Reads the value of an <c>error</c> member.</summary>
    public static ErrorWords ReadError(ReadOnlyMemory<byte> error) =>
        JsonText.Parse(error) is { } document ? Use(document, root => FromError(root, 0)) : new ErrorWords();

    private static ErrorWords Use(JsonDocument document, Func<JsonElement, ErrorWords> read)
    {
        using (document)
        {
            return read(document.RootElement);
        }
    }

    private bool Says(params ReadOnlySpan<string> phrases)
    {
        foreach (var phrase in phrases)
        {
            if (Haystack.Contains(phrase, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    // {error:{..}}, {error:"text"}, {message:..}, {detail:..}, and any of them inside an array (Google).
    private static ErrorWords FromRoot(JsonElement root, int depth)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && depth < MaxDepth)
        {
            return FromRoot(root[0], depth + 1);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return new ErrorWords { Message = Text(root) };
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            var words = FromError(error, depth);
            return words with
            {
                // xAI puts its code beside the text; TGI and Hugging Face say there how long a model takes to load.
                Code = words.Code ?? Member(root, "code"),
                Type = words.Type ?? Member(root, "error_type"),
                RetryDelay = words.RetryDelay ?? WaitTime.ReadSeconds(Member(root, "estimated_time")),
            };
        }

        return FromError(root, depth);
    }

    private static ErrorWords FromError(JsonElement error, int depth)
    {
        if (error.ValueKind != JsonValueKind.Object)
        {
            return new ErrorWords { Message = Text(error) };
        }

        var message = Member(error, "message") ?? Member(error, "detail");
        if (depth < MaxDepth && message?.TrimStart() is ['{', ..] or ['[', ..]
            && JsonText.Parse(Encoding.UTF8.GetBytes(message)) is { } nested)
        {
            // An error body wrapped as text in another one: the inner words are the ones that help.
            var inner = Use(nested, root => FromRoot(root, depth + 1));
            if (inner.Message is not null && inner.Code is not null)
            {
                return inner;
            }
        }

        var (delay, reason, isDaily) = FromDetails(error);
        var raw = error.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
            ? Member(metadata, "raw") : null;
        return new ErrorWords
        {
            Message = raw is null ? message : $"{message}: {raw}",
            Code = reason ?? Member(error, "code"),
            Type = Member(error, "type") ?? Member(error, "status") ?? Member(error, "error_type"),
            Param = Member(error, "param"),
            RetryDelay = delay,
            SaysDailyQuota = isDaily,
        };
    }

    // Google's details: ErrorInfo.reason, RetryInfo.retryDelay ("27s"), QuotaFailure.violations[].quotaId.
    private static (TimeSpan? Delay, string? Reason, bool IsDaily) FromDetails(JsonElement error)
    {
        if (!error.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Array)
        {
            return default;
        }

        TimeSpan? delay = null;
        string? reason = null;
        var isDaily = false;
        foreach (var detail in details.EnumerateArray())
        {
            if (detail.ValueKind == JsonValueKind.Object)
            {
                delay ??= WaitTime.ReadSeconds(Member(detail, "retryDelay")?.TrimEnd('s'));
                reason ??= Member(detail, "reason");
                isDaily |= detail.TryGetProperty("violations", out var violations)
                    && JsonMarshal.GetRawUtf8Value(violations).IndexOf("PerDay"u8) >= 0;
            }
        }

        return (delay, reason, isDaily);
    }

    private static string? Member(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => JsonText.ToText(JsonMarshal.GetRawUtf8Value(value)[1..^1]),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(value)),
    };

    private static string? PlainText(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxPlainText)]).Trim();
        return text.Length == 0 || text[0] == '<' ? null : text;
    }
}

/// <summary>How long a host asks to wait.</summary>
internal static class WaitTime
{
    /// <summary>From <c>retry-after-ms</c>, or <c>retry-after</c> in seconds or as a date.</summary>
    public static TimeSpan? Read(Func<string, string?> header, DateTimeOffset now)
    {
        if (ReadNumber(header("retry-after-ms")) is { } milliseconds)
        {
            return Clamp(milliseconds / 1000);
        }

        var text = header("retry-after");
        return ReadSeconds(text) ?? (DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? Clamp((decimal)(date - now).Ticks / TimeSpan.TicksPerSecond) : null);
    }

    /// <summary>From seconds as text, whole or not.</summary>
    public static TimeSpan? ReadSeconds(string? text) => ReadNumber(text) is { } seconds ? Clamp(seconds) : null;

    private static decimal? ReadNumber(string? text) => decimal.TryParse(
        text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite
        | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan Clamp(decimal seconds) => seconds <= 0 ? TimeSpan.Zero
        : seconds >= (decimal)UpstreamError.MaxRetryAfter.TotalSeconds ? UpstreamError.MaxRetryAfter
        : TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
}
