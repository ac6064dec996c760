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
    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, string>(
        address => RateLimitPartition.GetFixedWindowLimiter(Attempts.NetworkOf(address), _ => new()
        {
            PermitLimit = options.Value.PerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>Null when the caller may go on.</summary>
    public Refusal? Take(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(http.Connection.RemoteIpAddress ?? IPAddress.None);
        if (lease.IsAcquired) return null;
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var told) ? told : TimeSpan.FromMinutes(1);
        return new Refusal(429, "too-many-requests",
            $"At most {options.Value.PerMinute} recommendations a minute. Wait, then try again.")
        {
            RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds),
        };
    }

    public void Dispose() => _limiter.Dispose();
}
