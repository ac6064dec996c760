namespace Mercato.Wire.Dialects;

/// <summary>
/// Hosts refuse a call without its result and a result without its call; histories that were cut or put together by
/// hand have both. What can only belong together is brought together, and calls that stay alone get a result that says
/// so.
/// </summary>
public static class CallPairs
{
    /// <summary>What stands for a result that the caller never sent.</summary>
    internal const string NoResult = "No result of this call is known.";

    /// <summary>
    /// The request with its calls and results in pairs; the request itself where nothing is missing. Results under
    /// unknown ids answer the calls before them in their order, when there are as many of both.
    /// </summary>
    public static ChatRequest Mend(ChatRequest chat)
    {
        ArgumentNullException.ThrowIfNull(chat);
        var calls = Parts<ToolCallPart>(chat.Messages).Select(call => call.Id).ToHashSet();
        var results = Parts<ToolResultPart>(chat.Messages).Select(result => result.CallId).ToHashSet();
        if (calls.IsSubsetOf(results))
        {
            return chat;
        }

        var mended = new List<ChatMessage>();
        for (var place = 0; place < chat.Messages.Count;)
        {
            var isModel = chat.Messages[place].Role == ChatRole.Assistant;
            var run = chat.Messages.Skip(place).TakeWhile(message => message.Role == ChatRole.Assistant == isModel).ToList();
            place += run.Count;
            mended.AddRange(run);
            var alone = isModel
                ? Parts<ToolCallPart>(run).Where(call => !results.Contains(call.Id)).DistinctBy(call => call.Id).ToList()
                : [];
            if (alone.Count > 0)
            {
                var answers = chat.Messages.Skip(place).TakeWhile(message => message.Role != ChatRole.Assistant).ToList();
                place += answers.Count;
                mended.AddRange(Answer(alone, answers, calls));
            }
        }

        return chat with { Messages = mended };
    }

    private static List<ChatMessage> Answer(
        List<ToolCallPart> alone, List<ChatMessage> answers, HashSet<string> calls)
    {
        var strays = Parts<ToolResultPart>(answers).Where(result => !calls.Contains(result.CallId)).ToList();
        if (strays.Count != alone.Count)
        {
            return
            [
                new ChatMessage(ChatRole.User, [.. alone.Select(call => new ToolResultPart(
                    call.Id, [new TextPart(NoResult)], IsError: true) { Name = call.Name })]),
                .. answers,
            ];
        }

        var next = 0;
        return
        [
            .. answers.Select(message => message with
            {
                Parts = [.. message.Parts.Select(part => part is ToolResultPart result && !calls.Contains(result.CallId)
                    ? result with { CallId = alone[next].Id, Name = alone[next++].Name } : part)],
            }),
        ];
    }

    private static IEnumerable<T> Parts<T>(IEnumerable<ChatMessage> messages)
        where T : ChatPart => messages.SelectMany(message => message.Parts).OfType<T>();
}
