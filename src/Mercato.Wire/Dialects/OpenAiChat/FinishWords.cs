namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>The words of <c>finish_reason</c>, the dialect's own and those of compatible hosts.</summary>
internal static class FinishWords
{
    /// <summary>What a host's word means; words that nobody knows mean that the model was done.</summary>
    public static FinishReason Read(string? word) => word switch
    {
        "length" or "model_length" or "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "tool_calls" or "tool_call" or "tool_use" or "function_call" => FinishReason.ToolCalls,
        "content_filter" or "sensitive" or "safety" or "recitation" or "refusal" => FinishReason.Refused,
        "stop_sequence" => FinishReason.StopSequence,
        "error" or "network_error" or "insufficient_system_resource" => FinishReason.Error,
        _ => FinishReason.Stop,
    };

    /// <summary>The word for callers. An answer that calls tools says so, whatever its host said, and one without
    /// calls does not.</summary>
    public static string Write(FinishReason reason, bool hasCalls) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.Refused => "content_filter",
        FinishReason.Error => "error",
        _ => hasCalls ? "tool_calls" : "stop",
    };
}
