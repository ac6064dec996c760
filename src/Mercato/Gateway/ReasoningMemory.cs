using Microsoft.Extensions.Caching.Memory;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// Remembers sealed reasoning by the id of the tool call that followed it, for callers whose dialect or client has no
/// place to carry it. Only in this node's memory and for an hour: a host that misses it still answers, with less
/// insight, as the dialects know what to send in its place.
/// </summary>
internal sealed class ReasoningMemory : IDisposable
{
    private const long MaxChars = 64L << 20;
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(1);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MaxChars });

    public void Remember(GatewayCall call, ReasoningTrail trail)
    {
        foreach (var (callId, thoughts) in trail.ByCall())
        {
            _cache.Set((call.Caller.AccountId, callId), thoughts, new MemoryCacheEntryOptions
            {
                Size = thoughts.Sum(thought => thought.Text.Length + (thought.Seal?.Value.Length ?? 0)) + 64,
                AbsoluteExpirationRelativeToNow = Lasts,
            });
        }
    }

    public ChatRequest Restore(GatewayCall call, ChatRequest chat) =>
        ReasoningTrail.Restore(chat, callId =>
            _cache.Get<IReadOnlyList<ReasoningPart>>((call.Caller.AccountId, callId)));

    public void Dispose() => _cache.Dispose();
}
