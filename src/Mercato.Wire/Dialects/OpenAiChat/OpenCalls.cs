namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>A call that waits for its result.</summary>
/// <param name="HostId">The id under which the host knows it.</param>
/// <param name="Name">The tool's name.</param>
internal sealed record OpenCall(string HostId, string Name);

/// <summary>Calls that wait for their results, and the ids under which a host knows them.</summary>
/// <param name="fit">Makes an id one that the host takes.</param>
internal sealed class OpenCalls(Func<string, string> fit)
{
    private readonly LinkedList<(string Id, OpenCall Call)> _open = [];
    private readonly Dictionary<string, Queue<LinkedListNode<(string Id, OpenCall Call)>>> _byId = [];
    private int _repeated;

    public bool Any => _open.Count > 0;

    /// <summary>The host's id for a call. Two open calls of one id, which some hosts mint, are told apart.</summary>
    public string Open(ToolCallPart call)
    {
        if (!_byId.TryGetValue(call.Id, out var alike))
        {
            _byId[call.Id] = alike = new();
        }

        var isTaken = call.Id.Length == 0 || alike.Count > 0;
        var hostId = fit(isTaken ? $"{call.Id}_{_repeated++}" : call.Id);
        alike.Enqueue(_open.AddLast((call.Id, new OpenCall(hostId, call.Name))));
        return hostId;
    }

    /// <summary>The call that a result belongs to; null when there is none.</summary>
    public OpenCall? Close(string id)
    {
        if (!_byId.TryGetValue(id, out var alike) || !alike.TryDequeue(out var first))
        {
            return null;
        }

        _open.Remove(first);
        return first.Value.Call;
    }

    /// <summary>The host's ids of the calls without results.</summary>
    public IReadOnlyList<string> CloseAll()
    {
        string[] ids = [.. _open.Select(open => open.Call.HostId)];
        _open.Clear();
        _byId.Clear();
        return ids;
    }
}
