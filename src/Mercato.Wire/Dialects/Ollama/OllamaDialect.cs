namespace Mercato.Wire.Dialects.Ollama;

/// <summary>Ollama's own chat, which streams lines of JSON. Pure functions over bytes.</summary>
public sealed partial class OllamaDialect : IUpstreamDialect
{
    /// <summary>The one instance.</summary>
    public static OllamaDialect Instance { get; } = new();

    private OllamaDialect()
    {
    }

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.Ollama;

    /// <inheritdoc/>
    public bool StreamsLines => true;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public string PathOf(string model, bool isStream) => "api/chat";
}
