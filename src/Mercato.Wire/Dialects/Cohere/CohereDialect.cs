namespace Mercato.Wire.Dialects.Cohere;

/// <summary>Cohere's chat, version 2. Pure functions over bytes.</summary>
public sealed partial class CohereDialect : IUpstreamDialect
{
    /// <summary>The one instance.</summary>
    public static CohereDialect Instance { get; } = new();

    private CohereDialect()
    {
    }

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.Cohere;

    /// <inheritdoc/>
    public bool StreamsLines => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public string PathOf(string model, bool isStream) => "v2/chat";
}
