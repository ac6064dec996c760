namespace Mercato.Wire.Dialects;

/// <summary>The messages of a conversation as hosts want them that take calls and their results in neighbouring
/// messages.</summary>
internal static class Turns
{
    /// <summary>
    /// The messages, with an assistant's neighbours made one where calls are among them: results must follow on all
    /// calls of the turn. Two texts stay apart.
    /// </summary>
    public static IEnumerable<ChatMessage> Of(ChatRequest chat)
    {
        ChatMessage? open = null;
        List<ChatPart>? joined = null;
        var (hasCall, hasText) = (false, false);
        foreach (var message in chat.Messages)
        {
            var (calls, speaks) = (HasCall(message), HasText(message));
            if (open is { Role: ChatRole.Assistant } && message.Role == ChatRole.Assistant && (hasCall || !hasText || !speaks))
            {
                // One list for the whole turn: thousands of calls, each in a message of its own, are joined too.
                open = joined is null ? open with { Parts = joined = [.. open.Parts] } : open;
                joined.AddRange(message.Parts);
                (hasCall, hasText) = (hasCall || calls, hasText || speaks);
                continue;
            }

            if (open is not null)
            {
                yield return open;
            }

            (open, joined, hasCall, hasText) = (message, null, calls, speaks);
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    /// <summary>All text of some parts, without a break.</summary>
    public static string TextOf(IEnumerable<ChatPart> parts) => string.Concat(parts.Select(WordsOf));

    /// <summary>The words of a part; null when it is no text.</summary>
    public static string? WordsOf(ChatPart part) => part switch
    {
        TextPart text => text.Text,
        RefusalPart refusal => refusal.Text,
        FilePart { Source: InlineText text } => text.Text,
        _ => null,
    };

    /// <summary>What a tool returned, for hosts that have no place to say that it failed: clients say so in words, and
    /// where one said nothing, these do.</summary>
    public static IReadOnlyList<ChatPart> Told(ToolResultPart result) =>
        result.IsError && result.Parts.All(part => WordsOf(part) is "") ? [new TextPart("The tool failed.")] : result.Parts;

    /// <summary>What was thought in the open: thoughts that some host sealed are for that host only.</summary>
    public static string OpenThought(IEnumerable<ChatPart> parts) =>
        string.Concat(parts.OfType<ReasoningPart>().Where(part => part.Seal is null).Select(part => part.Text));

    private static bool HasCall(ChatMessage message) => message.Parts.Any(part => part is ToolCallPart);

    private static bool HasText(ChatMessage message) => message.Parts.Any(part => WordsOf(part) is { Length: > 0 });
}
