namespace Mercato.Wire.Dialects.Gemini;

/// <summary>Google's Gemini as its own API speaks it (<c>generateContent</c>). Pure functions over bytes.</summary>
public sealed partial class GeminiDialect : IUpstreamDialect
{
    /// <summary>The one instance.</summary>
    public static GeminiDialect Instance { get; } = new();

    private GeminiDialect()
    {
    }

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.Gemini;

    /// <inheritdoc/>
    public bool StreamsLines => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    /// <remarks><c>gemini-2.5-pro</c>, <c>models/gemini-2.5-pro</c> and <c>tunedModels/mine</c> are all understood.
    /// A colon inside the name is escaped: behind it the API looks for the operation.</remarks>
    public string PathOf(string model, bool isStream) =>
        $"v1beta/{ResourceOf(model)}:{(isStream ? "streamGenerateContent?alt=sse" : "generateContent")}";

    /// <summary>The model's place in the API, escaped for an address.</summary>
    internal static string ResourceOf(string model)
    {
        // A step upwards would name something else than a model.
        var steps = model.Split('/');
        var name = steps.Contains("..") || steps.Contains(".")
            ? Uri.EscapeDataString(model) : string.Join('/', steps.Select(Uri.EscapeDataString));
        return name.StartsWith("models/", StringComparison.Ordinal)
            || name.StartsWith("tunedModels/", StringComparison.Ordinal) ? name : "models/" + name;
    }
}
