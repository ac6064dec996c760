using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

public sealed partial class OpenAiChatDialect
{
    /// <summary>
    /// Puts the cost into a host's whole answer and leaves every other byte as it was. An answer without usage gets
    /// <paramref name="counted"/>, what we counted ourselves.
    /// </summary>
    /// <exception cref="ArgumentException">The body is no JSON object, or an amount is not plain decimal
    /// digits.</exception>
    public static byte[] WriteAnswer(ReadOnlyMemory<byte> body, AnswerCost cost, Usage? counted = null)
    {
        var splice = JsonSplice.Read(body) ?? throw new ArgumentException("Not a JSON object.", nameof(body));
        CostMembers.Set(splice, cost, counted is null ? default(ReadOnlyMemory<byte>?) : WriteUsage(counted));
        return splice.ToBytes();
    }

    /// <inheritdoc/>
    public byte[] WriteAnswer(AnswerHead head, ChatAnswer answer, Usage usage, AnswerCost? cost)
    {
        var body = JsonWriting.WriteObject(json =>
        {
            WriteHead(json, head, "chat.completion");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WritePropertyName("message");
            new MessageWriter(json, head, answer).Write();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", FinishWords.Write(answer.Finish.Reason, answer.Calls.Any()));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WritePropertyName("usage");
            json.WriteRawValue(WriteUsage(usage));
        });
        return cost is null ? body : WriteAnswer(body, cost);
    }

    /// <summary>Writes an error document: <c>{"error":{message,type,param,code,metadata?}}</c>.</summary>
    /// <param name="error">What to say.</param>
    /// <param name="hasIntegerCode">True under <c>/api/v1</c>, where <c>code</c> is the HTTP status.</param>
    public static byte[] WriteError(ErrorAnswer error, bool hasIntegerCode) => JsonWriting.WriteObject(json =>
    {
        json.WriteStartObject("error");
        json.WriteString("message", error.Message);
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Param);
        if (hasIntegerCode)
        {
            json.WriteNumber("code", error.Status);
        }
        else
        {
            json.WriteString("code", error.Code);
        }

        if (!error.Metadata.IsEmpty)
        {
            json.WritePropertyName("metadata");
            json.WriteRawValue(error.Metadata.Span);
        }

        json.WriteEndObject();
    });

    /// <summary>Writes a whole completion of our own.</summary>
    public static byte[] WriteCompletion(
        AnswerHead head, string text, string finishReason, Usage usage, AnswerCost? cost)
    {
        var body = JsonWriting.WriteObject(json =>
        {
            WriteHead(json, head, "chat.completion");
            json.WriteStartArray("choices");
            json.WriteStartObject();
            json.WriteNumber("index", 0);
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            json.WriteString("content", text);
            json.WriteNull("refusal");
            json.WriteEndObject();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", finishReason);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WritePropertyName("usage");
            json.WriteRawValue(WriteUsage(usage));
        });
        return cost is null ? body : WriteAnswer(body, cost);
    }

    /// <summary>
    /// Writes the neutral record as this dialect's <c>usage</c>: prompt tokens include cache reads and writes,
    /// completion tokens include reasoning; absent counts are 0, because the dialect's clients need numbers.
    /// </summary>
    public static byte[] WriteUsage(Usage usage) => JsonWriting.WriteObject(json =>
    {
        var (input, output) = (usage.StatedInput ?? usage.TotalInput ?? 0, usage.TotalOutput ?? 0);
        json.WriteNumber("prompt_tokens", input);
        json.WriteNumber("completion_tokens", output);
        json.WriteNumber("total_tokens", input + output);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", usage.CacheRead ?? 0);
        json.WriteNumber("audio_tokens", usage.AudioInput ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", usage.Reasoning ?? 0);
        json.WriteNumber("audio_tokens", usage.AudioOutput ?? 0);
        json.WriteEndObject();
    });

    internal static void WriteHead(Utf8JsonWriter json, AnswerHead head, string kind)
    {
        json.WriteString("id", head.Id);
        json.WriteString("object", kind);
        json.WriteNumber("created", head.Created);
        json.WriteString("model", head.Model);
    }
}
