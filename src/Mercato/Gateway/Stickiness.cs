using Microsoft.Extensions.Caching.Memory;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>
/// Keeps a conversation on the offer that served it last, for ten minutes: a provider's cache read costs a tenth, and
/// only that provider has the cache.
/// </summary>
internal sealed class Stickiness(TimeProvider time) : IDisposable
{
    private const int MaxConversations = 100_000;
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _offers = new(new MemoryCacheOptions
    {
        SizeLimit = MaxConversations,
        Clock = new CacheClock(time),
    });

    /// <summary>The offer that served this conversation last; null when none did.</summary>
    public string? Find(GatewayCall call, string model) => _offers.Get<string>(KeyOf(call, model));

    public void Remember(GatewayCall call, Candidate candidate)
    {
        if (candidate.Offer is { } offer)
        {
            _offers.Set(KeyOf(call, candidate.Model), offer.Id, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Lasts });
        }
    }

    public void Dispose() => _offers.Dispose();

    private static (Guid, string, string) KeyOf(GatewayCall call, string model) =>
        (call.Caller.ApiKey?.Id ?? call.Caller.AccountId, call.Facts.Stickiness, model);

    private sealed class CacheClock(TimeProvider time) : Microsoft.Extensions.Internal.ISystemClock
    {
        public DateTimeOffset UtcNow => time.GetUtcNow();
    }
}
