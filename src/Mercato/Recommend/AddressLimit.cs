using System.Net;
using System.Threading.RateLimiting;
using Mercato.Accounts;
using Mercato.Hosting;
using Microsoft.Extensions.Options;

namespace Mercato.Recommend;

/// <summary>
/// How often one network address may ask. Counted in memory on each node: it protects the processor, not money.
/// </summary>
internal sealed class AddressLimit(IOptions<RecommendOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, string>(address =>
        RateLimitPartition.GetFixedWindowLimiter(Attempts.NetworkOf(address), _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.Value.PerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>Null when the caller may go on.</summary>
    public Refusal? Take(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(http.Connection.RemoteIpAddress ?? IPAddress.None);
        return lease.IsAcquired ? null : new Refusal(429, "too-many-requests",
            $"At most {options.Value.PerMinute} recommendations a minute. Wait, then try again.")
        {
            RetryAfterSeconds = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Ceiling(wait.TotalSeconds) : 60,
        };
    }

    public void Dispose() => _limiter.Dispose();
}
