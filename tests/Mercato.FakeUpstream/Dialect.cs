using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>
/// A provider's language: it reads and strictly checks a request, tells a story in an answer of its own shape, and
/// complains in its own way. Each lives in a folder of its own.
/// </summary>
internal abstract class Dialect
{
    public static readonly IReadOnlyList<Dialect> All =
    [
        new ChatDialect(), new ResponsesDialect(), new AnthropicDialect(), new AnthropicCounting(), new GeminiDialect(),
        new CohereDialect(), new OllamaDialect(), new OpenAiEmbeddings(), new CohereEmbeddings(), new GeminiEmbeddings(),
        new OllamaEmbeddings(), new OpenAiImages(),
    ];

    /// <summary>How the journal names it.</summary>
    public abstract string Name { get; }

    public virtual string CallPrefix => "call_";

    public virtual UsageNames UsageNames => UsageNames.None;

    /// <summary>Whether a Retry-After is told in the error's body, and not in a header.</summary>
    public virtual bool TellsDelayInBody => false;

    public abstract bool Serves(HttpRequest request);

    /// <summary>What the journal should know of a request that may yet turn out wrong.</summary>
    public virtual (string? Model, bool Streamed) Glance(HttpRequest request, JsonElement? body) => (
        body?.Find("model") is { ValueKind: JsonValueKind.String } model ? model.GetString() : null,
        body?.Find("stream") is { ValueKind: JsonValueKind.True });

    public virtual Complaint? FindWrongKey(HttpRequest request, string key) =>
        request.Headers.Authorization == $"Bearer {key}"
            ? null
            : new Complaint(401, "invalid_api_key", "Incorrect API key provided.");

    /// <summary>What the provider would refuse; null when the request may be answered.</summary>
    public abstract Complaint? FindComplaint(HttpRequest request, JsonElement root, Seals seals);

    /// <summary>A place where sealed reasoning had to come back and did not; asked by <c>strict-thoughts</c>.</summary>
    public virtual Complaint? FindForgottenThought(JsonElement root) => null;

    public virtual bool HasMember(JsonElement root, string member) => root.Find(member) is not null;

    public abstract Asked Read(HttpRequest request, JsonElement root);

    public virtual Story Tell(Turn turn) => Story.Tell(turn);

    public abstract Telling Write(Turn turn, Story story);

    public abstract JsonObject ToJson(Complaint complaint, Turn? turn);

    /// <summary>An error in the midst of a stream.</summary>
    public virtual Saying ErrorInStream(Complaint complaint, Turn turn) => new(ToJson(complaint, turn));

    /// <summary>An event that has no business after the end.</summary>
    public virtual Saying Stray(Turn turn) => new([]);
}

/// <summary>One event and its name, where the dialect writes one.</summary>
internal sealed record Saying(JsonObject Data, string? Name = null);

/// <summary>A healthy answer, and the usage member as it claims it; null when it carries none.</summary>
internal sealed record Telling(Answer Answer, JsonNode? Reported);

/// <summary>Where a dialect's usage member keeps its counts, as paths, so that one table of lies serves all.</summary>
internal sealed record UsageNames(string[] Input, string[] Output, string[] Others, string? Cached)
{
    public static readonly UsageNames None = new([], [], [], null);
}
