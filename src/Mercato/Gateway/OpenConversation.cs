using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Gateway;

/// <summary>A turn as it is kept.</summary>
/// <param name="Items">Its input, then its output.</param>
/// <param name="Holder">The host that has it too, under the conversation's own name; null for none.</param>
internal sealed record TurnItems(IReadOnlyList<KeptItem> Items, string? Holder);

/// <summary>The conversation that a call goes on with by its name.</summary>
/// <param name="Id">The name.</param>
/// <param name="IsOwn">Whether it was made here, so that no host can know it.</param>
/// <param name="Request">The caller's request, which still has the name.</param>
/// <param name="Turns">What is kept of it, oldest first.</param>
internal sealed record OpenConversation(
    string Id, bool IsOwn, JsonMembers Request, IReadOnlyList<TurnItems> Turns)
{
    public IEnumerable<KeptItem> History => Turns.SelectMany(turn => turn.Items);

    /// <summary>Whether the host is to take up the conversation by its name: it has turns of it already, or the name
    /// is new here, and so it may be the host's own.</summary>
    public bool GoesByName(string host) => !IsOwn && (Turns.Count == 0 || Turns.Any(turn => turn.Holder == host));

    /// <summary>Whether something is missing when the conversation goes out as it is kept here: what was said before
    /// its name came here, or a host holds it.</summary>
    public bool MayLackHistory => !IsOwn && (Turns.Count == 0 || Turns.Any(turn => turn.Holder is not null));

    /// <summary>The request for a host that knows the name: with the turns that others have answered since.</summary>
    public JsonMembers RequestFor(string host)
    {
        var behind = Turns.ToList().FindLastIndex(turn => turn.Holder == host) + 1;
        return OpenAiResponsesDialect.InsertBefore(Request, [.. Turns.Skip(behind).SelectMany(turn => turn.Items)]);
    }
}
