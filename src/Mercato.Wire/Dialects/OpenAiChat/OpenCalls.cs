namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Calls that wait for their results, and the ids under which a host knows them.</summary>
/// <param name="fit">Makes an id one that the host takes.</param>
internal sealed class OpenCalls(Func<string, string> fit)
{
    private readonly List<(string Id, string HostId)> _open = [];
    private int _repeated;

    public bool Any => _open.Count > 0;

    /// <summary>The host's id for a call. Two open calls of one id, which some hosts mint, are told apart.</summary>
    public string Open(ToolCallPart call)
    {
        var isTaken = call.Id.Length == 0 || _open.Exists(other => other.Id == call.Id);
        var hostId = fit(isTaken ? $"{call.Id}_{_repeated++}" : call.Id);
        _open.Add((call.Id, hostId));
        return hostId;
    }

    /// <summary>The host's id of the call that a result belongs to; null when there is none.</summary>
    public string? Close(string id)
    {
        var place = _open.FindIndex(call => call.Id == id);
        if (place < 0)
        {
            return null;
        }

        var hostId = _open[place].HostId;
        _open.RemoveAt(place);
        return hostId;
    }

    /// <summary>The host's ids of the calls without results.</summary>
    public IReadOnlyList<string> CloseAll()
    {
        string[] ids = [.. _open.Select(call => call.HostId)];
        _open.Clear();
        return ids;
    }
}
