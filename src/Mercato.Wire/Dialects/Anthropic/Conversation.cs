namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>One turn of a conversation as hosts of this dialect demand it.</summary>
/// <param name="Role">User or assistant, or system for instructions in the middle.</param>
/// <param name="Parts">What is said; never empty.</param>
internal sealed record Turn(ChatRole Role, List<ChatPart> Parts);

/// <summary>
/// Brings a conversation into the form that hosts of this dialect demand: instructions apart, turns that alternate and
/// begin with the user, the results of a turn's calls all at once and first in the turn behind it.
/// </summary>
internal sealed class Conversation
{
    // Some clients make ids up anew for their results, or have none: such results belong to the calls just before.
    private const string Stray = "\0";

    private readonly List<Turn> _spoken = [];
    private readonly Dictionary<string, Queue<(int Place, ToolResultPart Result)>> _results = [];
    private readonly HashSet<ToolResultPart> _placed = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _ids = [];
    private readonly List<ChatPart> _interjection = [];
    private readonly string _provider;
    private readonly ClaudeModel _model;

    public Conversation(IReadOnlyList<ChatMessage> messages, string provider, ClaudeModel model)
    {
        (_provider, _model) = (provider, model);
        foreach (var message in messages)
        {
            Take(message);
        }

        IndexResults();
        for (var place = 0; place < _spoken.Count; place++)
        {
            Place(place);
        }

        End();
    }

    /// <summary>Instructions for the whole conversation, message by message.</summary>
    public List<IReadOnlyList<ChatPart>> System { get; } = [];

    /// <summary>The turns. The first is the user's.</summary>
    public List<Turn> Turns { get; } = [];

    /// <summary>Whether something was said that this dialect can't carry, such as sound.</summary>
    public bool HasLosses { get; private set; }

    /// <summary>Whether the assistant has begun the answer that it is to go on with.</summary>
    public bool HasOpenAnswer => Turns[^1].Role == ChatRole.Assistant;

    /// <summary>Whether the conversation ends in rounds of tool calls that don't begin with a sealed thought of this
    /// host: then it refuses a budget for thinking.</summary>
    public bool LacksThought
    {
        get
        {
            var turns = Turns.Where(turn => turn.Role != ChatRole.System).ToList();
            var asked = turns.Count - 1;
            while (asked >= 2 && turns[asked].Role == ChatRole.User && turns[asked].Parts[0] is ToolResultPart)
            {
                asked -= 2;
            }

            return asked < turns.Count - 1 && turns[asked + 1].Parts[0] is not ReasoningPart;
        }
    }

    private void Take(ChatMessage message)
    {
        switch (message.Role)
        {
            case ChatRole.System or ChatRole.Developer when _spoken.Count > 0 && _model.TakesSystemMessages:
                Say(_spoken, ChatRole.System, message.Parts.Select(Carry));
                break;
            case ChatRole.System or ChatRole.Developer:
                TakeInstructions(message.Parts);
                break;
            case ChatRole.Assistant:
                Say(_spoken, ChatRole.Assistant, message.Parts.Select(CarryAnswer));
                break;
            default:
                Say(_spoken, ChatRole.User, message.Parts.Select(Carry));
                break;
        }
    }

    private void TakeInstructions(IEnumerable<ChatPart> parts)
    {
        List<ChatPart> texts = [.. parts.Where(part => part is TextPart { Text.Length: > 0 })];
        if (texts.Exists(part => !string.IsNullOrWhiteSpace(((TextPart)part).Text)))
        {
            System.Add(texts);
        }
    }

    private ChatPart? CarryAnswer(ChatPart part)
    {
        switch (part)
        {
            case ReasoningPart reasoning:
                return reasoning.Seal is { Value.Length: > 0 } seal && seal.IsOf(_provider) ? part : null;
            case ToolCallPart:
                return part;
            case ImagePart or FilePart:
                HasLosses = true;
                return null;
            default:
                return Carry(part);
        }
    }

    private ChatPart? Carry(ChatPart part)
    {
        switch (part)
        {
            case TextPart or ImagePart:
                return part;
            case FilePart file:
                var document = Documents.Carry(file);
                HasLosses |= document is null;
                return document;
            case RefusalPart refusal:
                return new TextPart(refusal.Text);
            case ToolResultPart result:
                return result with { Parts = CarryResult(result.Parts) };
            case OpaquePart opaque:
                return opaque.Dialect == Dialect.Anthropic ? part : null;
            default:
                HasLosses |= part is AudioPart;
                return null;
        }
    }

    // Texts of a result may be blank as long as they are its only content, which is then one text.
    private List<ChatPart> CarryResult(IReadOnlyList<ChatPart> parts)
    {
        List<ChatPart> carried = [.. parts.Select(Carry).OfType<ChatPart>()];
        return carried.TrueForAll(part => part is TextPart) ? carried
            : [.. carried.Where(part => part is not TextPart text || !string.IsNullOrWhiteSpace(text.Text))];
    }

    private static void Say(List<Turn> turns, ChatRole role, IEnumerable<ChatPart?> parts)
    {
        var said = new List<ChatPart>();
        foreach (var part in parts)
        {
            if (part is TextPart text && string.IsNullOrWhiteSpace(text.Text))
            {
                // A block of nothing but white space is refused, but between two texts it keeps them apart.
                if (said is [.., TextPart { CacheHint: null } before])
                {
                    said[^1] = before with { Text = before.Text + text.Text };
                }
            }
            else if (part is not null)
            {
                said.Add(part);
            }
        }

        if (said.Count == 0)
        {
            return;
        }

        if (turns is [.., var last] && last.Role == role)
        {
            last.Parts.AddRange(said);
        }
        else
        {
            turns.Add(new Turn(role, said));
        }
    }

    private void IndexResults()
    {
        var called = _spoken.SelectMany(turn => turn.Parts).OfType<ToolCallPart>().Select(call => call.Id).ToHashSet();
        for (var place = 0; place < _spoken.Count; place++)
        {
            foreach (var result in _spoken[place].Parts.OfType<ToolResultPart>())
            {
                var key = called.Contains(result.CallId) ? result.CallId : Stray;
                if (!_results.TryGetValue(key, out var queue))
                {
                    _results[key] = queue = new();
                }

                queue.Enqueue((place, result));
            }
        }
    }

    private void Place(int place)
    {
        var (role, parts) = _spoken[place];
        switch (role)
        {
            case ChatRole.System:
                _interjection.AddRange(parts);
                break;
            case ChatRole.User:
                Say(Turns, role, parts.SelectMany(part => part is ToolResultPart result ? Orphan(result) : [part]));
                break;
            default:
                Interject();
                var results = new List<ChatPart>();
                Say(Turns, role, parts.Select(part => part is ToolCallPart call ? Pair(call, place, results) : part));
                Say(Turns, ChatRole.User, results);
                break;
        }
    }

    private ToolCallPart Pair(ToolCallPart call, int place, List<ChatPart> results)
    {
        var id = ToolIds.NewOf(call.Id, _ids);
        results.Add((FindResult(call.Id, place) ?? FindResult(Stray, place)) is { } result
            ? result with { CallId = id }
            : new ToolResultPart(id, [new TextPart("The result of this call is missing.")], IsError: true));
        return call with { Id = id };
    }

    private ToolResultPart? FindResult(string key, int place)
    {
        while (_results.TryGetValue(key, out var queue) && queue.TryPeek(out var found))
        {
            if (key == Stray && found.Place > NextUser(place))
            {
                return null;
            }

            queue.Dequeue();
            if (found.Place > place)
            {
                _placed.Add(found.Result);
                return found.Result;
            }
        }

        return null;
    }

    private int NextUser(int place)
    {
        var next = place + 1;
        while (next < _spoken.Count && _spoken[next].Role == ChatRole.System)
        {
            next++;
        }

        return next;
    }

    // A result that no call stands before is refused as such, but what it says still counts.
    private IEnumerable<ChatPart> Orphan(ToolResultPart result) =>
        _placed.Contains(result) || result.Parts.Count == 0 ? [] : [new TextPart("Tool result:"), .. result.Parts];

    // Instructions in the middle may only stand between the user's turn and the assistant's.
    private void Interject()
    {
        if (_interjection.Count > 0 && Turns is [.., { Role: ChatRole.User }])
        {
            Turns.Add(new Turn(ChatRole.System, [.. _interjection]));
            _interjection.Clear();
        }
    }

    private void End()
    {
        var goOn = new TextPart("Continue.");
        if (Turns is not [{ Role: ChatRole.User }, ..])
        {
            Turns.Insert(0, new Turn(ChatRole.User, [goOn]));
        }

        if (Turns[^1] is { Role: ChatRole.Assistant } answer)
        {
            if (!_model.ContinuesAnswer)
            {
                Turns.Add(new Turn(ChatRole.User, [goOn]));
            }
            else if (answer.Parts[^1] is TextPart text)
            {
                answer.Parts[^1] = text with { Text = text.Text.TrimEnd() };
            }
        }

        Interject();
        TakeInstructions(_interjection);
    }
}
