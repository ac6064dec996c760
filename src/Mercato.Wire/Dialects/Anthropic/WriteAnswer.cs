using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public byte[] EditAnswer(ReadOnlyMemory<byte> body, AnswerCost cost, Usage? usage)
    {
        var splice = JsonSplice.Read(body) ?? throw new ArgumentException("Not a JSON object.", nameof(body));
        CostMembers.Set(splice, cost, usage is null ? null : WriteUsage(usage));
        return splice.ToBytes();
    }

    /// <inheritdoc/>
    public byte[] WriteAnswer(AnswerHead head, ChatAnswer answer, Usage usage, AnswerCost? cost)
    {
        var hidesThoughts = head.Request?.Reasoning is { IsHidden: true };
        var body = JsonWriting.WriteObject(json =>
        {
            WriteHead(json, head);
            json.WriteStartArray("content");
            var ids = new HashSet<string>();
            foreach (var part in EndsWithSeal(answer) ? answer.Parts.SkipLast(1) : answer.Parts)
            {
                WritePart(json, part, ids, hidesThoughts);
            }

            json.WriteEndArray();
            WriteStop(json, answer.Finish, answer.Calls.Any());
            json.WriteRaw("usage", WriteUsage(usage));
        });
        return cost is null ? body : EditAnswer(body, cost, usage);
    }

    // Clients that take the last block for the answer must find the text there; such a seal covers nothing they show.
    private static bool EndsWithSeal(ChatAnswer answer) =>
        answer.Parts is [.., ReasoningPart { Text.Length: 0 }] && answer.Parts.Any(part => part is TextPart { Text.Length: > 0 });

    /// <inheritdoc/>
    public byte[] WriteError(ErrorAnswer error, bool hasIntegerCode) => WriteError(error, null);

    /// <inheritdoc/>
    public byte[] WriteErrorFrame(ErrorAnswer error, bool hasIntegerCode) =>
        EventStreamWriter.ToEvent(WriteError(error, null), "error"u8);

    /// <summary>
    /// Writes the neutral record as this dialect's <c>usage</c>: input excludes what was read from and written to a
    /// cache, output includes thinking; absent counts are 0, because the dialect's clients need numbers.
    /// </summary>
    public static byte[] WriteUsage(Usage usage) => JsonWriting.WriteObject(json =>
    {
        var (fiveMinutes, hour) = (usage.CacheWrite5m ?? 0, usage.CacheWrite1h ?? 0);
        json.WriteNumber(
            "input_tokens", (usage.InputUncached ?? 0) + (usage.ToolPrompt ?? 0) + (usage.AudioInput ?? 0));
        json.WriteNumber("cache_creation_input_tokens", fiveMinutes + hour);
        json.WriteNumber("cache_read_input_tokens", usage.CacheRead ?? 0);
        json.WriteStartObject("cache_creation");
        json.WriteNumber("ephemeral_5m_input_tokens", fiveMinutes);
        json.WriteNumber("ephemeral_1h_input_tokens", hour);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.TotalOutput ?? 0);
        if (usage.Reasoning is { } thinking)
        {
            json.WriteStartObject("output_tokens_details");
            json.WriteNumber("thinking_tokens", thinking);
            json.WriteEndObject();
        }

        if (usage.ServerTools is > 0)
        {
            json.WriteStartObject("server_tool_use");
            json.WriteNumber("web_search_requests", usage.ServerTools.Value);
            json.WriteEndObject();
        }
    });

    internal static void WriteHead(Utf8JsonWriter json, AnswerHead head)
    {
        json.WriteString("id", head.IdAs("msg_"));
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", head.Model);
    }

    internal static void WriteStop(Utf8JsonWriter json, FinishDelta? finish, bool hasCalls)
    {
        var reason = StopReasons.Write(finish, hasCalls);
        json.WriteString("stop_reason", reason);
        json.WriteString("stop_sequence", reason == "stop_sequence" ? finish?.StopSequence : null);
    }

    /// <summary>An error document; a bill, where there is one, stands beside it as <c>usage</c>.</summary>
    internal static byte[] WriteError(ErrorAnswer error, AnswerEnding? ending)
    {
        var document = JsonWriting.WriteObject(json =>
        {
            json.WriteString("type", "error");
            json.WriteStartObject("error");
            json.WriteString("type", ErrorTypeOf(error));
            json.WriteString("message", MessageOf(error));
            json.WriteEndObject();
            json.WriteTextIfAny("request_id", error.RequestId);
        });
        if (ending?.Cost is not { } cost)
        {
            return document;
        }

        var splice = JsonSplice.Read(document)!;
        CostMembers.Set(splice, cost, WriteUsage(ending.Usage));
        return splice.ToBytes();
    }

    // Clients shorten a conversation that is too long when they read these very words.
    private static string MessageOf(ErrorAnswer error) =>
        error.Code == "context_length_exceeded"
            && !error.Message.StartsWith("prompt is too long", StringComparison.OrdinalIgnoreCase)
            ? "prompt is too long: " + error.Message
            : error.Message;

    private static string ErrorTypeOf(ErrorAnswer error) => error.Status switch
    {
        400 or 422 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 or 529 => "overloaded_error",
        504 => "timeout_error",
        _ => "api_error",
    };

    private static void WritePart(Utf8JsonWriter json, ChatPart part, HashSet<string> ids, bool hidesThoughts)
    {
        switch (part)
        {
            case TextPart { Text.Length: > 0 } text:
                WriteText(json, text.Text);
                break;
            case RefusalPart { Text.Length: > 0 } refusal:
                WriteText(json, refusal.Text);
                break;
            case ReasoningPart reasoning:
                WriteThought(json, hidesThoughts ? "" : reasoning.Text, reasoning.Seal);
                break;
            case ToolCallPart call:
                json.WriteStartObject();
                json.WriteString("type", "tool_use");
                json.WriteString("id", ToolIds.NewOf(call.Id, ids));
                json.WriteString("name", call.Name);
                json.WriteRaw("input", call.ToObject());
                json.WriteEndObject();
                break;
            case OpaquePart { Dialect: Dialect.Anthropic } opaque:
                json.WriteRaw(opaque.Json);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void WriteThought(Utf8JsonWriter json, string text, Seal? seal)
    {
        json.WriteStartObject();
        if (seal is { IsRedacted: true } && text.Length == 0)
        {
            json.WriteString("type", "redacted_thinking");
            json.WriteString("data", seal.ToToken());
        }
        else
        {
            json.WriteString("type", "thinking");
            json.WriteString("thinking", text);
            json.WriteString("signature", seal?.ToToken() ?? Seals.None);
        }

        json.WriteEndObject();
    }
}
