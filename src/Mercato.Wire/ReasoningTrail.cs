namespace Mercato.Wire;

/// <summary>
/// The sealed reasoning that stood before each tool call of an answer. Many chat clients send the calls back without
/// it, and the host that minted the seals then refuses the turn; whoever keeps the trail can put them back.
/// </summary>
public sealed class ReasoningTrail
{
    private readonly AnswerGathering _gathering = new();

    /// <summary>Takes in one step of the answer; only reasoning, seals and calls are kept.</summary>
    public void Add(ChatDelta delta)
    {
        if (delta is ReasoningDelta or SealDelta or ToolCallDelta)
        {
            _gathering.Add(delta);
        }
    }

    /// <summary>The reasoning before each call, by the call's id; calls without any are left out.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<ReasoningPart>> ByCall()
    {
        var trail = new Dictionary<string, IReadOnlyList<ReasoningPart>>();
        var open = new List<ReasoningPart>();
        foreach (var part in _gathering.ToAnswer().Parts)
        {
            if (part is ReasoningPart reasoning)
            {
                open.Add(reasoning);
            }
            else if (part is ToolCallPart call && open.Exists(thought => thought.Seal is not null))
            {
                trail[call.Id] = [.. open];
                open.Clear();
            }
        }

        return trail;
    }

    /// <summary>
    /// The conversation with lost reasoning put back before its calls. An assistant's message that still carries
    /// sealed reasoning is left as it is.
    /// </summary>
    /// <param name="chat">The conversation.</param>
    /// <param name="find">The reasoning before a call, by the call's id; null when nothing is known.</param>
    public static ChatRequest Restore(ChatRequest chat, Func<string, IReadOnlyList<ReasoningPart>?> find)
    {
        var messages = new List<ChatMessage>(chat.Messages.Count);
        var changed = false;
        foreach (var message in chat.Messages)
        {
            var restored = Restore(message, find);
            changed |= !ReferenceEquals(restored, message);
            messages.Add(restored);
        }

        return changed ? chat with { Messages = messages } : chat;
    }

    private static ChatMessage Restore(ChatMessage message, Func<string, IReadOnlyList<ReasoningPart>?> find)
    {
        var hasCalls = message.Parts.Any(part => part is ToolCallPart);
        if (message.Role != ChatRole.Assistant || !hasCalls
            || message.Parts.Any(part => part is ReasoningPart { Seal: not null }))
        {
            return message;
        }

        var found = message.Parts.OfType<ToolCallPart>().Distinct()
            .ToDictionary(call => call, call => find(call.Id));
        if (found.Values.All(lost => lost is null))
        {
            return message;
        }

        // The bare text that the client did send is part of what is put back.
        return message with
        {
            Parts =
            [
                .. message.Parts.Where(part => part is not ReasoningPart).SelectMany(part =>
                    part is ToolCallPart call && found[call] is { } lost ? [.. lost, part] : (IEnumerable<ChatPart>)[part]),
            ],
        };
    }
}
