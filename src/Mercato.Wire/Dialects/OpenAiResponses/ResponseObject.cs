using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>How a response stands.</summary>
/// <param name="Status"><c>in_progress</c>, <c>completed</c>, <c>incomplete</c>, <c>failed</c>.</param>
/// <param name="IncompleteReason">Why it is incomplete; null when it is not.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
internal sealed record ResponseStatus(string Status, string? IncompleteReason = null, ErrorAnswer? Error = null)
{
    public static ResponseStatus InProgress { get; } = new("in_progress");

    /// <summary>The status that tells why an answer ended.</summary>
    public static ResponseStatus Of(FinishDelta? finish) => finish?.Reason switch
    {
        FinishReason.Length => new("incomplete", "max_output_tokens"),
        FinishReason.Refused => new("incomplete", "content_filter"),
        FinishReason.Error => new(
            "failed", null, new ErrorAnswer(502, $"The host ended the answer with '{finish.Native}'.", "server_error")),
        _ => new("completed"),
    };
}

/// <summary>Writes the response object, which repeats much of its request.</summary>
internal static class ResponseObject
{
    /// <summary>Members of the request that the response repeats, with what stands there when the request has
    /// none.</summary>
    private static readonly (string Name, byte[] Default)[] Repeated =
    [
        ("instructions", "null"u8.ToArray()), ("max_output_tokens", "null"u8.ToArray()),
        ("max_tool_calls", "null"u8.ToArray()), ("parallel_tool_calls", "true"u8.ToArray()),
        ("previous_response_id", "null"u8.ToArray()),
        ("reasoning", """{"effort":null,"summary":null}"""u8.ToArray()), ("store", "true"u8.ToArray()),
        ("temperature", "1"u8.ToArray()), ("text", """{"format":{"type":"text"}}"""u8.ToArray()),
        ("tool_choice", "\"auto\""u8.ToArray()), ("tools", "[]"u8.ToArray()), ("top_logprobs", "0"u8.ToArray()),
        ("top_p", "1"u8.ToArray()), ("truncation", "\"disabled\""u8.ToArray()), ("user", "null"u8.ToArray()),
        ("prompt_cache_key", "null"u8.ToArray()), ("metadata", "{}"u8.ToArray()),
    ];

    public static byte[] Write(
        AnswerHead head, ResponseStatus status, IEnumerable<byte[]> output, Usage? usage, AnswerCost? cost)
    {
        var body = JsonWriting.WriteObject(json =>
        {
            json.WriteString("id", head.IdAs("resp_"));
            json.WriteString("object", "response");
            json.WriteNumber("created_at", head.Created);
            json.WriteString("status", status.Status);
            json.WriteBoolean("background", false);
            WriteError(json, status.Error);
            WriteIncomplete(json, status.IncompleteReason);
            json.WriteString("model", head.Model);
            json.WriteStartArray("output");
            foreach (var item in output)
            {
                json.WriteRawValue(item, skipInputValidation: true);
            }

            json.WriteEndArray();
            foreach (var (name, fallback) in Repeated)
            {
                json.WriteRaw(name, Find(head, name, fallback));
            }

            if (head.Members is { } request && OpenAiResponsesDialect.ConversationOf(request) is { } conversation)
            {
                json.WriteStartObject("conversation");
                json.WriteString("id", conversation);
                json.WriteEndObject();
            }

            json.WriteRaw("usage", usage is null ? "null"u8 : WriteUsage(usage));
        });
        if (cost is null)
        {
            return body;
        }

        var splice = JsonSplice.Read(body)!;
        CostMembers.Set(splice, cost, null);
        return splice.ToBytes();
    }

    /// <summary>The neutral record as this dialect's <c>usage</c>; absent counts are 0, because its clients need
    /// numbers.</summary>
    public static byte[] WriteUsage(Usage usage) => JsonWriting.WriteObject(json =>
    {
        var (input, output) = (usage.StatedInput ?? usage.TotalInput ?? 0, usage.TotalOutput ?? 0);
        json.WriteNumber("input_tokens", input);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CacheRead ?? 0);
        if ((usage.CacheWrite5m ?? usage.CacheWrite1h) is not null)
        {
            json.WriteNumber("cache_write_tokens", (usage.CacheWrite5m ?? 0) + (usage.CacheWrite1h ?? 0));
        }

        json.WriteEndObject();
        json.WriteNumber("output_tokens", output);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.Reasoning ?? 0);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", input + output);
    });

    /// <summary>The members of a response's <c>error</c>; its code is always a text.</summary>
    public static void WriteError(Utf8JsonWriter json, ErrorAnswer? error)
    {
        if (error is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", CodeOf(error));
        json.WriteString("message", error.Message);
        json.WriteEndObject();
    }

    public static string CodeOf(ErrorAnswer error) => error.Code ?? (error.Status switch
    {
        429 => "rate_limit_exceeded",
        >= 500 => "server_error",
        _ => error.Type,
    });

    private static void WriteIncomplete(Utf8JsonWriter json, string? reason)
    {
        if (reason is null)
        {
            json.WriteNull("incomplete_details");
            return;
        }

        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", reason);
        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> Find(AnswerHead head, string name, ReadOnlySpan<byte> fallback) =>
        head.Members?.FindValue(name) is { } value && !value.Span.SequenceEqual("null"u8) ? value.Span : fallback;
}
