namespace Mercato.Wire;

/// <summary>The members of a request that a writer could not carry: each once, in the order in which they were
/// missed, without those whose absence changes nothing.</summary>
internal sealed class DroppedMembers
{
    private readonly List<string> _names = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>Begins with what has no place in the neutral form.</summary>
    public DroppedMembers(ChatRequest chat)
    {
        foreach (var name in chat.Others)
        {
            Add(name);
        }
    }

    /// <summary>The names so far.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Notes a name.</summary>
    public void Add(string name)
    {
        if (!ChatRequest.SilentMembers.Contains(name) && _seen.Add(name))
        {
            _names.Add(name);
        }
    }

    /// <summary>Notes a name when its member was sent and could not be carried.</summary>
    public void AddIf(bool isDropped, string name)
    {
        if (isDropped)
        {
            Add(name);
        }
    }
}
