using System.ComponentModel.DataAnnotations;

namespace Mercato.Gateway;

/// <summary>Section `Mercato:Gateway`.</summary>
public sealed class GatewayOptions
{
    /// <summary>The largest request body, in bytes.</summary>
    [Range(1024, 1 << 30, ErrorMessage = "Mercato:Gateway:MaxBodyBytes is between 1 KiB and 1 GiB.")]
    public int MaxBodyBytes { get; init; } = 32 << 20;

    /// <summary>Output tokens assumed for a model whose maximum is unknown, when the caller sets no limit.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Mercato:Gateway:DefaultMaxOutput is at least 1.")]
    public int DefaultMaxOutput { get; init; } = 16_384;

    /// <summary>How long turns of the Responses API are kept, sealed, for clients that refer to them; 0 keeps
    /// nothing.</summary>
    public TimeSpan KeepResponses { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time until an upstream's first byte.</summary>
    public TimeSpan FirstByte { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest silence between two bytes of an answer.</summary>
    public TimeSpan BetweenBytes { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest time in which a stream may say that it lives, but nothing of the answer.</summary>
    public TimeSpan OnlyHeartbeats { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest whole call.</summary>
    public TimeSpan Whole { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A comment is sent to streaming callers this often while the upstream thinks.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a plain call goes on after its caller has left.</summary>
    public TimeSpan AfterCallerLeft { get; init; } = TimeSpan.FromMinutes(1);
}
