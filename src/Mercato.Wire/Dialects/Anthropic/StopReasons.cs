namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Why answers end, in this dialect's words.</summary>
internal static class StopReasons
{
    /// <summary>What a host's word means; one that we don't know counts as done.</summary>
    public static FinishReason Read(string native) => native switch
    {
        "tool_use" => FinishReason.ToolCalls,
        "stop_sequence" => FinishReason.StopSequence,
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "refusal" => FinishReason.Refused,
        "pause_turn" or "compaction" => FinishReason.Paused,
        "error" => FinishReason.Error,
        _ => FinishReason.Stop,
    };

    /// <summary>The word for a caller. Clients act on <c>tool_use</c>, so it stands wherever a tool was
    /// called.</summary>
    public static string Write(FinishDelta? finish, bool hasCalls) => finish?.Reason switch
    {
        FinishReason.ToolCalls => "tool_use",
        FinishReason.StopSequence => "stop_sequence",
        FinishReason.Length when finish.Native == "model_context_window_exceeded" => finish.Native,
        FinishReason.Length => "max_tokens",
        FinishReason.Refused => "refusal",
        FinishReason.Paused => "pause_turn",
        _ => hasCalls ? "tool_use" : "end_turn",
    };
}
