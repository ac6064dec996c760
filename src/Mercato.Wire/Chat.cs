using System.Text.Json;

namespace Mercato.Wire;

/// <summary>
/// A chat request in no dialect: what every dialect can be read into and written from. Texts are decoded; whatever is
/// opaque to us (schemas, numbers, foreign tools) stays as the JSON that came, so that no digit changes on the way.
/// </summary>
public sealed record ChatRequest
{
    /// <summary>The conversation, oldest first. System messages stand where the caller put them.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The tools on offer.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether and which tool is to be called; null leaves it to the host.</summary>
    public ToolChoice? ToolChoice { get; init; }

    /// <summary>Whether several calls in one turn are allowed; null leaves it to the host.</summary>
    public bool? AllowsParallelCalls { get; init; }

    /// <summary>The form that the answer's text must have; null for free text.</summary>
    public AnswerFormat? Format { get; init; }

    /// <summary>Wishes about reasoning; null for none.</summary>
    public ReasoningOptions? Reasoning { get; init; }

    /// <summary>The most output tokens, 1 to 2^31-1, reasoning included; null for none.</summary>
    public long? OutputLimit { get; init; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Sampling temperature, as the JSON number that came; null for none.</summary>
    public JsonElement? Temperature { get; init; }

    /// <summary>Nucleus sampling, as the JSON number that came.</summary>
    public JsonElement? TopP { get; init; }

    /// <summary>Top-k sampling, as the JSON number that came.</summary>
    public JsonElement? TopK { get; init; }

    /// <summary>Frequency penalty, as the JSON number that came.</summary>
    public JsonElement? FrequencyPenalty { get; init; }

    /// <summary>Presence penalty, as the JSON number that came.</summary>
    public JsonElement? PresencePenalty { get; init; }

    /// <summary>Seed, as the JSON number that came.</summary>
    public JsonElement? Seed { get; init; }

    /// <summary>How many answers are wanted; 1 unless the caller asked for more.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Whether the answer is wanted as a stream.</summary>
    public bool IsStream { get; init; }

    /// <summary>The caller's name for its own user; null for none.</summary>
    public string? EndUser { get; init; }

    /// <summary>A key that keeps requests with one beginning on one cache; null for none.</summary>
    public string? CacheKey { get; init; }

    /// <summary>How much the caller wants the model to say: <c>low</c>, <c>medium</c>, <c>high</c>; null for
    /// none.</summary>
    public string? Verbosity { get; init; }

    /// <summary>
    /// Top-level members that have no place above, by name: a writer of another dialect drops them, and says so unless
    /// they only concern the caller's side (<see cref="SilentMembers"/>).
    /// </summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Members whose absence changes nothing in the answer: book-keeping of the caller or its provider.</summary>
    public static IReadOnlySet<string> SilentMembers { get; } = new HashSet<string>
    {
        "model", "stream", "stream_options", "store", "metadata", "user", "safety_identifier", "client_metadata",
        "include", "truncation", "prompt_cache_retention", "service_tier", "context_management",
    };
}

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    /// <summary>Instructions of the application.</summary>
    System,
    /// <summary>Instructions of the application's developer; the same to hosts that know only one kind.</summary>
    Developer,
    /// <summary>The user, and the results of tools.</summary>
    User,
    /// <summary>The model.</summary>
    Assistant
}

/// <summary>One message. Neighbours of one role may stand apart; writers merge where their dialect demands it.</summary>
/// <param name="Role">Who speaks. Tool results are parts of a user's message.</param>
/// <param name="Parts">What is said, in order.</param>
/// <param name="Name">A name that tells speakers of one role apart; null for none.</param>
public sealed record ChatMessage(ChatRole Role, IReadOnlyList<ChatPart> Parts, string? Name = null);

/// <summary>One part of a message or of an answer.</summary>
public abstract record ChatPart
{
    /// <summary>Where a host may cut its cache: behind this part, for <c>5m</c> or <c>1h</c>; null for no hint.</summary>
    public string? CacheHint { get; init; }
}

/// <summary>Text.</summary>
/// <param name="Text">The text.</param>
/// <param name="Annotations">Citations as the host's own JSON array; null for none.</param>
public sealed record TextPart(string Text, JsonElement? Annotations = null) : ChatPart;

/// <summary>A refusal in the model's words.</summary>
public sealed record RefusalPart(string Text) : ChatPart;

/// <summary>A picture.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="Detail"><c>low</c>, <c>high</c>, <c>auto</c>; null for none.</param>
public sealed record ImagePart(MediaSource Source, string? Detail = null) : ChatPart;

/// <summary>Recorded sound.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="Format">Such as <c>wav</c> or <c>mp3</c>.</param>
public sealed record AudioPart(MediaSource Source, string Format) : ChatPart;

/// <summary>A document, such as a PDF.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="FileName">Its name; null for none.</param>
/// <param name="WantsCitations">Whether the model is to cite it.</param>
public sealed record FilePart(MediaSource Source, string? FileName = null, bool WantsCitations = false) : ChatPart;

/// <summary>A call of a tool by the model.</summary>
/// <param name="Id">The call's id as the caller knows it.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">JSON text as it came, or free text when <paramref name="IsCustom"/>; may be empty, and in a
/// caller's history may even be broken (see <see cref="ToolArguments"/>).</param>
/// <param name="IsCustom">Whether the tool takes free text instead of JSON.</param>
public sealed record ToolCallPart(string Id, string Name, string Arguments, bool IsCustom = false) : ChatPart;

/// <summary>What a tool returned.</summary>
/// <param name="CallId">The id of the call.</param>
/// <param name="Parts">Texts, pictures and files.</param>
/// <param name="IsError">Whether the tool failed.</param>
public sealed record ToolResultPart(string CallId, IReadOnlyList<ChatPart> Parts, bool IsError = false) : ChatPart
{
    /// <summary>The tool's name where the caller gave it; otherwise it is that of the call with this id.</summary>
    public string? Name { get; init; }
}

/// <summary>What the model thought, as far as its host shows it.</summary>
/// <param name="Text">The thought or its summary; empty when the host hides it.</param>
/// <param name="Seal">What the minting host wants back unchanged; null for none. A seal without a text may belong to
/// the part that follows it.</param>
public sealed record ReasoningPart(string Text, Seal? Seal = null) : ChatPart;

/// <summary>A block that only its own dialect understands: a server tool's call or result, a compaction.</summary>
/// <param name="Dialect">Whose block it is.</param>
/// <param name="Json">The block.</param>
public sealed record OpaquePart(Dialect Dialect, JsonElement Json) : ChatPart;

/// <summary>Where a picture, a sound or a document is.</summary>
public abstract record MediaSource;

/// <summary>Inside the request.</summary>
/// <param name="MediaType">Such as <c>image/png</c>.</param>
/// <param name="Base64">The bytes in base64, as they came.</param>
public sealed record InlineMedia(string MediaType, string Base64) : MediaSource;

/// <summary>Inside the request as plain text.</summary>
public sealed record InlineText(string Text) : MediaSource;

/// <summary>At an address that the host can read.</summary>
/// <param name="Url">The address.</param>
/// <param name="MediaType">Its media type; null when unknown.</param>
public sealed record RemoteMedia(string Url, string? MediaType = null) : MediaSource;

/// <summary>A file that the caller keeps at one host.</summary>
/// <param name="Id">The host's id.</param>
public sealed record HostedMedia(string Id) : MediaSource;

/// <summary>A tool on offer.</summary>
public abstract record ChatTool
{
    /// <summary>As <see cref="ChatPart.CacheHint"/>.</summary>
    public string? CacheHint { get; init; }

    /// <summary>Where the caller knows the tool by a namespace and a name in it; its name here holds both in one.
    /// Null for all others.</summary>
    public NamespacedName? Origin { get; init; }
}

/// <summary>A tool's name inside a namespace, as the Responses dialect groups tools.</summary>
public readonly record struct NamespacedName(string Namespace, string Name);

/// <summary>A function that the caller runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; null for none.</param>
/// <param name="Parameters">A JSON schema of its arguments; null for none.</param>
/// <param name="IsStrict">Whether arguments must fit the schema; null leaves it to the host.</param>
public sealed record FunctionTool(string Name, string? Description, JsonElement? Parameters, bool? IsStrict = null)
    : ChatTool;

/// <summary>A tool that takes free text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; null for none.</param>
/// <param name="Format">The grammar of its input as it came; null for none.</param>
public sealed record CustomTool(string Name, string? Description, JsonElement? Format = null) : ChatTool;

/// <summary>A typed tool of one dialect, such as a web search that the provider runs itself.</summary>
/// <param name="Dialect">Whose tool it is.</param>
/// <param name="Type">Its type, for messages and for <c>x-mercato-dropped-parameters</c>.</param>
/// <param name="Json">The tool as it came.</param>
public sealed record OpaqueTool(Dialect Dialect, string Type, JsonElement Json) : ChatTool;

/// <summary>How tools are to be chosen.</summary>
public enum ToolChoiceKind
{
    /// <summary>The model decides.</summary>
    Auto,
    /// <summary>No tool.</summary>
    None,
    /// <summary>At least one tool.</summary>
    Required,
    /// <summary>The named tool.</summary>
    Named
}

/// <summary>Whether and which tool is to be called.</summary>
/// <param name="Kind">How tools are to be chosen.</param>
/// <param name="Name">The tool, when one is named.</param>
/// <param name="Allowed">The only tools allowed, by name; null for all on offer.</param>
public sealed record ToolChoice(ToolChoiceKind Kind, string? Name = null, IReadOnlyList<string>? Allowed = null);

/// <summary>The form of the answer's text.</summary>
/// <param name="Schema">A JSON schema; null for any JSON object.</param>
/// <param name="Name">The schema's name; null for none.</param>
/// <param name="Description">What it describes; null for none.</param>
/// <param name="IsStrict">Whether it must fit; null leaves it to the host.</param>
public sealed record AnswerFormat(
    JsonElement? Schema, string? Name = null, string? Description = null, bool? IsStrict = null);

/// <summary>Wishes about reasoning; null means no wish.</summary>
/// <param name="Effort"><c>none</c>, <c>minimal</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>,
/// <c>max</c>.</param>
/// <param name="BudgetTokens">The most tokens for reasoning.</param>
/// <param name="IsEnabled">Whether to reason at all.</param>
/// <param name="Summary">Whether and how the caller wants to read it: <c>auto</c>, <c>concise</c>,
/// <c>detailed</c>.</param>
/// <param name="IsHidden">Whether reasoning is to be kept out of the answer.</param>
public sealed record ReasoningOptions(
    string? Effort = null, long? BudgetTokens = null, bool? IsEnabled = null, string? Summary = null,
    bool IsHidden = false)
{
    /// <summary>Whether the wish is not to reason.</summary>
    public bool IsOff => IsEnabled == false || Effort == "none" || BudgetTokens == 0;
}

/// <summary>The outcome of reading a caller's request into the neutral form; exactly one of the two.</summary>
public readonly record struct ChatReading(ChatRequest? Chat, RequestRefusal? Refusal);
