namespace Mercato.Wire;

/// <summary>Counts and names the tool calls of one answer, for hosts whose calls bear no index and often no id. Not
/// thread-safe.</summary>
internal sealed class AnswerCalls
{
    private readonly HashSet<string> _ids = [];

    /// <summary>Calls begun.</summary>
    public int Count { get; private set; }

    /// <summary>The next call. An id that is missing, or that the answer has used before, is minted.</summary>
    public ToolCallDelta Begin(string? id, string name)
    {
        if (string.IsNullOrEmpty(id) || !_ids.Add(id))
        {
            id = Mint();
        }

        return new ToolCallDelta(Count++, id, name);
    }

    // Random, because ids must differ over a whole conversation, of which a reader sees one answer; 29 characters that
    // every dialect allows.
    private static string Mint() => "call_" + Guid.NewGuid().ToString("N")[..24];
}
