using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// Remembers sealed reasoning by its host and the id of the tool call that followed it (hosts give the same ids), for callers whose dialect or client has no
/// place to carry it; and who minted the seals that callers of the host's own dialect got bare. Only in this node's
/// memory and for an hour: a host that misses its reasoning still answers, with less insight, as the dialects know what
/// to send in its place.
/// </summary>
internal sealed class ReasoningMemory : IDisposable
{
    private const long MaxChars = 64L << 20;
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(1);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MaxChars });

    public void Remember(GatewayCall call, string provider, ReasoningTrail trail)
    {
        foreach (var (callId, thoughts) in trail.ByCall())
        {
            _cache.Set((call.Caller.AccountId, provider, callId), thoughts, new MemoryCacheEntryOptions
            {
                Size = thoughts.Sum(thought => thought.Text.Length + (thought.Seal?.Value.Length ?? 0)) + 64,
                AbsoluteExpirationRelativeToNow = Lasts,
            });
        }
    }

    /// <summary>Notes that this host minted the seals.</summary>
    public void Remember(string provider, IReadOnlyList<Seal> seals)
    {
        foreach (var seal in seals)
        {
            _cache.Set(KeyOf(seal), provider, new MemoryCacheEntryOptions
            {
                Size = 64,
                AbsoluteExpirationRelativeToNow = Lasts,
            });
        }
    }

    /// <summary>Whether the conversation carries bare seals that another host is known to have minted.</summary>
    public bool HasForeignSeals(ChatRequest? chat, string provider) =>
        chat is not null && BareSeals(chat).Any(seal => MinterOf(seal) is { } minter && minter != provider);

    /// <summary>The conversation with the host's own lost reasoning put back, and bare seals under their minters' names.</summary>
    public ChatRequest Restore(GatewayCall call, string provider, ChatRequest chat)
    {
        var restored = ReasoningTrail.Restore(chat, callId =>
            _cache.Get<IReadOnlyList<ReasoningPart>>((call.Caller.AccountId, provider, callId)));
        return BareSeals(restored).Any() ? Attribute(restored) : restored;
    }

    private static IEnumerable<Seal> BareSeals(ChatRequest chat) =>
        chat.Messages.SelectMany(message => message.Parts).OfType<ReasoningPart>()
            .Select(part => part.Seal).OfType<Seal>().Where(seal => seal.Minter is null);

    private ChatRequest Attribute(ChatRequest chat) => chat with
    {
        Messages = [.. chat.Messages.Select(message => message with
        {
            Parts = [.. message.Parts.Select(part => part is ReasoningPart { Seal: { Minter: null } seal } thought
                ? thought with { Seal = seal with { Minter = MinterOf(seal) } }
                : part)],
        })],
    };

    private string? MinterOf(Seal seal) => _cache.Get<string>(KeyOf(seal));

    private static string KeyOf(Seal seal) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(seal.Value)));

    public void Dispose() => _cache.Dispose();
}
