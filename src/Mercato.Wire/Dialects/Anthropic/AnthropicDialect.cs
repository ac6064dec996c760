namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>
/// Anthropic Messages, both as callers speak it to us and as hosts speak it. Pure functions over bytes; a file for
/// each direction.
/// </summary>
public sealed partial class AnthropicDialect : IClientDialect, IUpstreamDialect
{
    /// <summary>The operation's path behind a host's base address.</summary>
    public const string Path = "v1/messages";

    private AnthropicDialect()
    {
    }

    /// <summary>The only instance; it has no state.</summary>
    public static AnthropicDialect Instance { get; } = new();

    /// <inheritdoc cref="IClientDialect.Dialect"/>
    public Dialect Dialect => Dialect.Anthropic;

    /// <inheritdoc/>
    public bool StreamsLines => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } =
        new Dictionary<string, string> { ["anthropic-version"] = "2023-06-01" };

    /// <summary>What a caller asks for by <c>anthropic-beta</c> stands beside the body, and belongs to it.</summary>
    public IReadOnlyList<string> OwnHeaders { get; } = ["anthropic-version", "anthropic-beta"];

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> KeepAliveFrame { get; } = "event: ping\ndata: {\"type\": \"ping\"}\n\n"u8.ToArray();

    /// <inheritdoc/>
    public string PathOf(string model, bool isStream) => Path;
}
