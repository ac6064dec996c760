using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mercato.Wire;

/// <summary>How a host wants to see its key.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuthStyle>))]
public enum AuthStyle
{
    /// <summary>No key at all.</summary>
    [JsonStringEnumMemberName("none")]
    None,
    /// <summary><c>Authorization: Bearer key</c>.</summary>
    [JsonStringEnumMemberName("bearer")]
    Bearer,
    /// <summary><c>x-api-key: key</c>.</summary>
    [JsonStringEnumMemberName("x-api-key")]
    XApiKey,
    /// <summary><c>x-goog-api-key: key</c>.</summary>
    [JsonStringEnumMemberName("x-goog-api-key")]
    XGoogApiKey,
    /// <summary><c>x-key: key</c> (Black Forest Labs).</summary>
    [JsonStringEnumMemberName("x-key")]
    XKey
}

/// <summary>How a host is asked for vectors.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmbeddingStyle>))]
public enum EmbeddingStyle
{
    /// <summary>It makes none, or in a way that nobody speaks here.</summary>
    [JsonStringEnumMemberName("none")]
    None,
    /// <summary>As OpenAI: <c>embeddings</c>.</summary>
    [JsonStringEnumMemberName("openai")]
    OpenAi,
    /// <summary>Cohere's <c>v2/embed</c>.</summary>
    [JsonStringEnumMemberName("cohere")]
    Cohere,
    /// <summary>Google's <c>batchEmbedContents</c>.</summary>
    [JsonStringEnumMemberName("gemini")]
    Gemini,
    /// <summary>Ollama's own <c>api/embed</c>.</summary>
    [JsonStringEnumMemberName("ollama")]
    Ollama
}

/// <summary>How a host is asked for pictures.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageStyle>))]
public enum ImageStyle
{
    /// <summary>It makes none, or in a way that nobody speaks here.</summary>
    [JsonStringEnumMemberName("none")]
    None,
    /// <summary>As OpenAI: <c>images/generations</c>.</summary>
    [JsonStringEnumMemberName("openai")]
    OpenAi
}

/// <summary>Where a host departs from its dialect. A closed set: a quirk that no code reads isn't here.</summary>
/// <param name="OutputLimitName">The name under which the host takes a limit on output tokens.</param>
/// <param name="AcceptsStreamOptions">Whether a stream may ask for usage by <c>stream_options</c>; where not, the host
/// sends it unasked.</param>
/// <param name="AcceptsReasoningEffort">Whether <c>reasoning_effort</c> is understood; where not, a wish for effort is
/// dropped by name.</param>
/// <param name="BillsAfterCancel">Whether the host goes on billing after its caller has hung up.</param>
/// <param name="SeedName">The name under which the host takes a seed.</param>
/// <param name="RequiredChoice">The host's word for "call some tool".</param>
/// <param name="HasNineCharCallIds">Whether ids of tool calls must be nine letters and digits.</param>
/// <param name="NeedsReplyToTools">Whether the model must have spoken between the results of tools and the
/// user.</param>
/// <param name="WantsThoughtsBack">Whether thoughts that led to tool calls must come back as
/// <c>reasoning_content</c>.</param>
/// <param name="AcceptsDeveloperRole">Whether <c>developer</c> is a role; where not, it is <c>system</c>.</param>
/// <param name="AcceptsTextParts">Whether text may come as an array of parts; where not, they are joined.</param>
/// <param name="AcceptsCustomTools">Whether tools of free text are known; where not, they become functions.</param>
/// <param name="AcceptsJsonSchema">Whether an answer may be held to a schema; where not, the schema is told in
/// words.</param>
/// <param name="AcceptsTopK">Whether <c>top_k</c> is known.</param>
/// <param name="AcceptsVerbosity">Whether <c>verbosity</c> is known.</param>
/// <param name="AcceptsCacheKey">Whether <c>prompt_cache_key</c> is known.</param>
/// <param name="AcceptsFullSchema">Whether a Gemini host takes schemas as JSON Schema; where not, they are cut down to
/// the OpenAPI subset that it knows.</param>
/// <param name="AcceptsSchemaWithTools">Whether a form for the answer may stand beside tools; where not, the form is
/// dropped by name.</param>
/// <param name="RefusedMembers">Members that the host answers with 400, left out by name when a request is
/// translated.</param>
/// <param name="DimensionsName">The name under which the host takes the length of vectors.</param>
/// <param name="AcceptsEncodingFormat">Whether <c>encoding_format</c> is understood as OpenAI means it; where not, the
/// host answers vectors as numbers.</param>
public sealed record HostQuirks(
    string OutputLimitName = "max_tokens", bool AcceptsStreamOptions = true, bool AcceptsReasoningEffort = false,
    bool BillsAfterCancel = false, string SeedName = "seed", string RequiredChoice = "required",
    bool HasNineCharCallIds = false, bool NeedsReplyToTools = false, bool WantsThoughtsBack = false,
    bool AcceptsDeveloperRole = false, bool AcceptsTextParts = true, bool AcceptsCustomTools = false,
    bool AcceptsJsonSchema = true, bool AcceptsTopK = false, bool AcceptsVerbosity = false,
    bool AcceptsCacheKey = false, bool AcceptsFullSchema = true,
    bool AcceptsSchemaWithTools = true,
    IReadOnlyList<string>? RefusedMembers = null, string DimensionsName = "dimensions",
    bool AcceptsEncodingFormat = true)
{
    /// <summary>Members that the host answers with 400.</summary>
    public IReadOnlyList<string> RefusedMembers { get; init; } = RefusedMembers ?? [];
}

/// <summary>What a host does with the data sent to it. Null means that nobody has looked it up.</summary>
/// <param name="Trains">Whether it trains on what is sent.</param>
/// <param name="RetentionDays">How many days it keeps what is sent.</param>
/// <param name="Zdr">Whether it keeps nothing at all.</param>
/// <param name="Region">Where it computes.</param>
/// <param name="SourceUrl">Where this is written.</param>
/// <param name="AsOf">When it was read, as an ISO date.</param>
public sealed record DataPolicy(
    bool? Trains = null, int? RetentionDays = null, bool? Zdr = null, string? Region = null, string? SourceUrl = null,
    string? AsOf = null);

/// <summary>A host as data. Adding a compatible host is a row in <c>Providers.json</c>.</summary>
/// <param name="Id">The catalog's id, such as <c>groq</c>.</param>
/// <param name="Name">The name for people.</param>
/// <param name="BaseUrl">The address as the SDK of the row's dialect takes it, without a final slash; OpenAI's ends
/// in /v1.</param>
/// <param name="Dialect">What the host speaks at that address.</param>
/// <param name="Auth">How the key travels.</param>
/// <param name="KeyVariables">Environment variables in which people keep the key, the usual one first.</param>
/// <param name="AddressVariable">Environment variable that names the address, for hosts that stand anywhere.</param>
/// <param name="IsLocal">Whether the host runs on the operator's own machine or network and costs nothing.</param>
/// <param name="Quirks">Where the host departs from its dialect.</param>
/// <param name="DataPolicy">What the host does with data.</param>
/// <param name="OtherDialects">Further client dialects that the host speaks at the same address: callers of these are
/// passed on untranslated.</param>
/// <param name="Embeddings">How the host is asked for vectors; null: as hosts of its dialect are.</param>
/// <param name="Images">How the host is asked for pictures; null: as hosts of its dialect are.</param>
public sealed record Provider(
    string Id, string Name, string BaseUrl, Dialect Dialect, AuthStyle Auth = AuthStyle.Bearer,
    IReadOnlyList<string>? KeyVariables = null, string? AddressVariable = null, bool IsLocal = false,
    HostQuirks? Quirks = null, DataPolicy? DataPolicy = null,
    IReadOnlyList<Dialect>? OtherDialects = null, EmbeddingStyle? Embeddings = null, ImageStyle? Images = null)
{
    private static readonly Lazy<FrozenDictionary<string, Provider>> Rows = new(ReadRows);

    /// <summary>Environment variables in which people keep the key; empty when there is no key.</summary>
    public IReadOnlyList<string> KeyVariables { get; init; } = KeyVariables ?? [];

    /// <summary>Further client dialects that the host speaks at the same address.</summary>
    public IReadOnlyList<Dialect> OtherDialects { get; init; } = OtherDialects ?? [];

    /// <summary>Where the host departs from its dialect.</summary>
    public HostQuirks Quirks { get; init; } = Quirks ?? new();

    /// <summary>What the host does with data.</summary>
    public DataPolicy DataPolicy { get; init; } = DataPolicy ?? new();

    /// <summary>Whether chat can be sent to this host.</summary>
    [JsonIgnore]
    public bool CanChat => Dialect != Dialect.None;

    /// <summary>How the host is asked for vectors. A host of OpenAI's dialects is taken at its word until its row says
    /// otherwise: which models it has is the catalog's to say.</summary>
    [JsonIgnore]
    public EmbeddingStyle EmbeddingStyle => Embeddings ?? Dialect switch
    {
        Dialect.OpenAiChat or Dialect.OpenAiResponses => EmbeddingStyle.OpenAi,
        Dialect.Cohere => EmbeddingStyle.Cohere,
        Dialect.Gemini => EmbeddingStyle.Gemini,
        Dialect.Ollama => EmbeddingStyle.Ollama,
        _ => EmbeddingStyle.None,
    };

    /// <summary>How the host is asked for pictures.</summary>
    [JsonIgnore]
    public ImageStyle ImageStyle =>
        Images ?? (Dialect is Dialect.OpenAiChat or Dialect.OpenAiResponses ? ImageStyle.OpenAi : ImageStyle.None);

    /// <summary>The hosts known from the start, by id.</summary>
    public static IReadOnlyDictionary<string, Provider> BuiltIn => Rows.Value;

    /// <summary>The address of one operation, such as <c>chat/completions</c>.</summary>
    public Uri AddressOf(string path) => new(BaseUrl.TrimEnd('/') + "/" + path.TrimStart('/'));

    /// <summary>
    /// Reads <c>OLLAMA_HOST</c> as Ollama does: <c>host</c>, <c>host:port</c> or an address; port 11434 unless given
    /// (80 and 443 for http and https addresses); a listening address (0.0.0.0, ::) means this machine. The result
    /// ends in /v1, where Ollama speaks OpenAI's dialect. Null when it can't be read.
    /// </summary>
    /// <remarks>Source: <c>envconfig.Host</c> of ollama/ollama.</remarks>
    public static string? ReadOllamaHost(string? value)
    {
        value = value?.Trim().Trim('"', '\'');
        if (string.IsNullOrEmpty(value))
        {
            return "http://localhost:11434/v1";
        }

        var hasScheme = value.Contains("://", StringComparison.Ordinal);
        var text = hasScheme ? value : "http://" + (value.StartsWith(':') ? "localhost" + value : value);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        // Uri hides a port that is its scheme's own, so the text is asked whether one was given.
        var authority = text.Split('/')[2];
        var hasPort = authority.LastIndexOf(':') > authority.LastIndexOf(']');
        var port = hasScheme || hasPort ? address.Port : 11434;
        var host = address.Host is "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{port}{address.AbsolutePath.TrimEnd('/')}/v1";
    }

    private static FrozenDictionary<string, Provider> ReadRows()
    {
        using var rows = typeof(Provider).Assembly.GetManifestResourceStream("Mercato.Wire.Providers.json")
            ?? throw new InvalidOperationException("Providers.json is not embedded in Mercato.Wire.");
        return JsonSerializer.Deserialize(rows, ProviderJson.Default.ProviderArray)!.ToFrozenDictionary(row => row.Id);
    }
}

[JsonSerializable(typeof(Provider[]))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class ProviderJson : JsonSerializerContext;
