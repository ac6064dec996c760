namespace Mercato.Wire;

/// <summary>A request that is refused before anybody is called, in words for the caller.</summary>
/// <param name="Message">What is wrong and what would be right.</param>
/// <param name="Param">The member at fault, such as <c>messages[0].content</c>; null when it is the whole body.</param>
/// <param name="Code">A stable code: <c>invalid_json</c>, <c>missing_required_parameter</c>, <c>invalid_type</c>,
/// <c>invalid_value</c>, <c>duplicate_parameter</c>, <c>too_large</c>.</param>
public sealed record RequestRefusal(string Message, string? Param, string Code);

/// <summary>The outcome of reading a caller's request: facts, or a refusal; exactly one of them.</summary>
public readonly record struct RequestReading(RequestFacts? Facts, RequestRefusal? Refusal);

/// <summary>
/// What admission, routing and the ledger need to know of a caller's request, whatever its dialect. The body itself
/// stays as it came; <see cref="Members"/> says where its top-level members stand.
/// </summary>
public sealed record RequestFacts
{
    /// <summary>The body's top-level members; editing starts from them without reading the body again.</summary>
    public required JsonMembers Members { get; init; }

    /// <summary>The request in neutral form where the dialect reads it at once; null where it is read only for a
    /// host of another dialect.</summary>
    public ChatRequest? Chat { get; init; }

    /// <summary>The model asked for; null only when <see cref="Models"/> has some.</summary>
    public string? Model { get; init; }

    /// <summary>Fallback models in order, from <c>models[]</c>.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Whether the answer is wanted as a stream.</summary>
    public bool IsStream { get; init; }

    /// <summary>Whether the caller asked for usage in its stream.</summary>
    public bool WantsUsage { get; init; }

    /// <summary>The caller's limit on output tokens for one choice, 1 to 2^31-1; null when there is none.</summary>
    public long? OutputLimit { get; init; }

    /// <summary>The number of choices asked for; 1 unless <c>n</c> says otherwise (1 to 128).</summary>
    public int Choices { get; init; } = 1;

    /// <summary>The size of the input by kind, for the input bound.</summary>
    public required InputSize Input { get; init; }

    /// <summary>The number of tools offered to the model.</summary>
    public int Tools { get; init; }

    /// <summary>Types of tools that the provider runs itself and bills (<see cref="PaidTools"/>).</summary>
    public IReadOnlyList<string> ServerTools { get; init; } = [];

    /// <summary>Members that can cost money beyond token prices and are to be priced or refused by name.</summary>
    public IReadOnlyList<string> CostMembers { get; init; } = [];

    /// <summary>The service tier asked for; null when none.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>What keeps a conversation on one offer: <c>session_id</c>, else <c>prompt_cache_key</c>, else a hash
    /// of the system messages and the first user message (hex). Never shown to an upstream.</summary>
    public required string Stickiness { get; init; }

    /// <summary>The caller's wishes about providers; null when it has none.</summary>
    public ProviderWishes? Provider { get; init; }

    /// <summary>The caller's <c>reasoning{}</c>; null when it has none.</summary>
    public ReasoningWishes? Reasoning { get; init; }

    /// <summary>Names of the extension list's members that stand in the body, in its order.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];
}

/// <summary>The size of a request's input, by kind. All figures add up over the whole conversation.</summary>
/// <param name="TextBytes">UTF-8 bytes of the whole body but for base64 payloads.</param>
/// <param name="Messages">Messages.</param>
/// <param name="Images">Images, inline or by address.</param>
/// <param name="Pages">Pages counted in inline PDFs.</param>
/// <param name="UncountedFileBytes">Decoded bytes of inline files and videos whose pages can't be counted.</param>
/// <param name="RemoteFiles">Files and videos named by address or id, of unknown size.</param>
/// <param name="AudioParts">Pieces of audio.</param>
/// <param name="AudioBytes">Decoded bytes of audio.</param>
public readonly record struct InputSize(
    long TextBytes, int Messages, int Images, long Pages, long UncountedFileBytes, int RemoteFiles, int AudioParts,
    long AudioBytes);

/// <summary>A caller's wishes about providers (<c>provider{}</c>); null or empty means no wish.</summary>
public sealed record ProviderWishes
{
    /// <summary>Providers to try, in this order.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>The only providers allowed.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Providers not to use.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Quantizations allowed, such as <c>fp8</c>.</summary>
    public IReadOnlyList<string> Quantizations { get; init; } = [];

    /// <summary>Whether another provider may be tried after the first.</summary>
    public bool? AllowFallbacks { get; init; }

    /// <summary>Whether only offers that know every parameter may be used.</summary>
    public bool? RequireParameters { get; init; }

    /// <summary><c>allow</c> or <c>deny</c>.</summary>
    public string? DataCollection { get; init; }

    /// <summary>Whether only hosts that keep nothing may be used.</summary>
    public bool? ZeroRetention { get; init; }

    /// <summary><c>price</c>, <c>throughput</c> or <c>latency</c>.</summary>
    public string? Sort { get; init; }

    /// <summary>Highest price by kind (<c>prompt</c>, <c>completion</c>, <c>request</c>, <c>image</c>), in pico-dollars
    /// as the caller's unit has it: per million tokens, or per request or image.</summary>
    public IReadOnlyDictionary<string, long> MaxPricePico { get; init; } = new Dictionary<string, long>();
}

/// <summary>A caller's <c>reasoning{}</c>.</summary>
/// <param name="Effort">Such as <c>low</c>, <c>medium</c>, <c>high</c>; null when not given.</param>
/// <param name="MaxTokens">A budget in tokens; null when not given.</param>
/// <param name="Exclude">Whether reasoning is to be kept out of the answer.</param>
/// <param name="Enabled">Whether reasoning is wanted at all.</param>
public sealed record ReasoningWishes(string? Effort, long? MaxTokens, bool? Exclude, bool? Enabled);
