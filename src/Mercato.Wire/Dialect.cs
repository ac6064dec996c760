using System.Buffers;
using System.Text.Json.Serialization;

namespace Mercato.Wire;

/// <summary>The wire formats that a host can speak.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Dialect>))]
public enum Dialect
{
    /// <summary>The host is known, but it can't be called for chat.</summary>
    [JsonStringEnumMemberName("none")]
    None,
    /// <summary>OpenAI Chat Completions and its many compatible hosts.</summary>
    [JsonStringEnumMemberName("openai-chat")]
    OpenAiChat,
    /// <summary>OpenAI Responses.</summary>
    [JsonStringEnumMemberName("openai-responses")]
    OpenAiResponses,
    /// <summary>Anthropic Messages.</summary>
    [JsonStringEnumMemberName("anthropic")]
    Anthropic,
    /// <summary>Google Gemini.</summary>
    [JsonStringEnumMemberName("gemini")]
    Gemini,
    /// <summary>Cohere v2.</summary>
    [JsonStringEnumMemberName("cohere")]
    Cohere,
    /// <summary>Ollama's native chat.</summary>
    [JsonStringEnumMemberName("ollama")]
    Ollama
}

/// <summary>A wire format as callers speak it to us. Stateless; what lasts over a stream is in the objects that it
/// gives out.</summary>
public interface IClientDialect
{
    /// <summary>Which format it is.</summary>
    Dialect Dialect { get; }

    /// <summary>Request headers that a host of the same dialect is to see as the caller sent them.</summary>
    IReadOnlyList<string> OwnHeaders => [];

    /// <summary>
    /// Reads what admission needs from a request body. What is malformed, of the wrong type or out of range is a
    /// refusal that names the member; nothing is thrown.
    /// </summary>
    RequestReading ReadRequest(ReadOnlyMemory<byte> body);

    /// <summary>Reads the whole request into the neutral form, for a host of another dialect.</summary>
    ChatReading ReadChat(RequestFacts facts);

    /// <summary>The caller's own bytes for a host of the same dialect, changed only where <paramref name="edits"/>
    /// say so.</summary>
    UpstreamRequest EditRequest(RequestFacts facts, RequestEdits edits);

    /// <summary>
    /// Reads the whole 200 body of a host of the same dialect into <paramref name="received"/>. What can't be an
    /// answer sets <see cref="Received.Error"/>.
    /// </summary>
    void ReadAnswer(ReadOnlyMemory<byte> body, Received received);

    /// <summary>A host's whole answer of the same dialect with the cost put in; every other byte stays. An answer
    /// without usage gets <paramref name="usage"/>.</summary>
    byte[] EditAnswer(ReadOnlyMemory<byte> body, AnswerCost cost, Usage? usage);

    /// <summary>Writes a whole answer from the neutral form.</summary>
    byte[] WriteAnswer(AnswerHead head, ChatAnswer answer, Usage usage, AnswerCost? cost);

    /// <summary>Passes on the stream of a host of the same dialect, as the bytes that come.</summary>
    /// <param name="head">What frames of our own begin with.</param>
    /// <param name="showsUsage">Whether the caller wants usage where its dialect makes that a choice.</param>
    IStreamRelay RelayStream(AnswerHead head, bool showsUsage);

    /// <summary>Writes a stream from the neutral form.</summary>
    IStreamWriter WriteStream(AnswerHead head);

    /// <summary>An error as a whole body.</summary>
    /// <param name="error">What to say.</param>
    /// <param name="hasIntegerCode">True under <c>/api/v1</c>, where OpenRouter's clients read the status as
    /// code.</param>
    byte[] WriteError(ErrorAnswer error, bool hasIntegerCode);

    /// <summary>An error inside a stream of which nothing but keep-alives may have left.</summary>
    byte[] WriteErrorFrame(ErrorAnswer error, bool hasIntegerCode);

    /// <summary>What keeps a stream's connection open while the host thinks.</summary>
    ReadOnlyMemory<byte> KeepAliveFrame { get; }
}

/// <summary>A wire format as hosts speak it. Stateless, as <see cref="IClientDialect"/>.</summary>
public interface IUpstreamDialect
{
    /// <summary>Which format it is.</summary>
    Dialect Dialect { get; }

    /// <summary>Whether a stream is lines of JSON instead of server-sent events.</summary>
    bool StreamsLines { get; }

    /// <summary>The path behind a host's base address, with its query.</summary>
    string PathOf(string model, bool isStream);

    /// <summary>Headers that every request of this dialect carries, beside the key.</summary>
    IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>Writes the host's body. What the host can't take is left out and named.</summary>
    UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target);

    /// <summary>Reads a whole 200 body as the steps of an answer; what can't be one is an
    /// <see cref="ErrorDelta"/>.</summary>
    /// <param name="body">The host's body.</param>
    /// <param name="provider">The host's id: the minter of the seals in it.</param>
    IReadOnlyList<ChatDelta> ReadAnswer(ReadOnlyMemory<byte> body, string provider);

    /// <summary>A reader of one stream of this host.</summary>
    IStreamReader ReadStream(string provider);
}

/// <summary>Reads one stream of a host, frame by frame. Not thread-safe.</summary>
public interface IStreamReader
{
    /// <summary>Reads a frame into steps of the answer and says what it is.</summary>
    FrameKind Read(in EventFrame frame, List<ChatDelta> deltas);

    /// <summary>Whether a stream that ends here has come to its end: the dialect has no end marker, or the host has
    /// sent all that matters.</summary>
    bool MayEnd { get; }
}

/// <summary>Writes one stream for a caller from the steps of an answer. Not thread-safe.</summary>
public interface IStreamWriter
{
    /// <summary>Writes what one step makes visible. <see cref="FinishDelta"/>, <see cref="UsageDelta"/> and
    /// <see cref="ErrorDelta"/> don't come here: they wait for the bill.</summary>
    void Write(ChatDelta delta, IBufferWriter<byte> output);

    /// <summary>Writes the end of a whole answer.</summary>
    void Finish(AnswerEnding ending, IBufferWriter<byte> output);

    /// <summary>Writes the end of an answer that broke off: an error event, with what was billed where the dialect
    /// has room for it.</summary>
    void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output);
}

/// <summary>
/// Passes a host's stream on to a caller, in the same dialect or another. Holds back from the frame on that tells the
/// usage, so that the bill can be written into it. One per call; not thread-safe.
/// </summary>
public interface IStreamRelay
{
    /// <summary>Takes a frame in, notes it in <paramref name="received"/>, writes what may leave at once and says
    /// what the frame is.</summary>
    FrameKind Take(in EventFrame frame, Received received, IBufferWriter<byte> output);

    /// <summary>Whether a stream that ends here has come to its end.</summary>
    bool MayEnd { get; }

    /// <summary>Writes what was held, with the bill, and the end.</summary>
    void Finish(AnswerEnding ending, IBufferWriter<byte> output);

    /// <summary>Writes the end of an answer that broke off.</summary>
    void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output);
}

/// <summary>How an answer ended, once it is settled.</summary>
/// <param name="Finish">The host's end; null when it broke off before.</param>
/// <param name="Usage">What was used, as told or as counted.</param>
/// <param name="Cost">The bill; null to show none.</param>
/// <param name="ShowsUsage">Whether the caller wants usage where its dialect makes that a choice.</param>
public sealed record AnswerEnding(FinishDelta? Finish, Usage Usage, AnswerCost? Cost, bool ShowsUsage);

/// <summary>The host that a request is written for.</summary>
/// <param name="Provider">The host's id; only seals of its own minting may go there.</param>
/// <param name="Model">The host's own name for the model.</param>
/// <param name="Quirks">Where the host departs from its dialect.</param>
/// <param name="MaxOutputTokens">The most that the model can say, for dialects that demand a limit; null when
/// unknown.</param>
/// <param name="OutputLimit">A limit that the balance demands; null leaves the caller's.</param>
/// <param name="Traits">What the model can take.</param>
public sealed record HostTarget(
    string Provider, string Model, HostQuirks Quirks, long? MaxOutputTokens = null, long? OutputLimit = null,
    ModelTraits? Traits = null)
{
    /// <summary>What the model can take.</summary>
    public ModelTraits Traits { get; init; } = Traits ?? new();
}

/// <summary>What a model can take, from the catalog. Null means unknown: then the caller's wish is sent on.</summary>
/// <param name="Reasons">Whether it reasons.</param>
/// <param name="TakesSampling">Whether it takes temperature, top_p and the like.</param>
/// <param name="HasNativeSchema">Whether it takes a JSON schema for its answer.</param>
public sealed record ModelTraits(bool? Reasons = null, bool? TakesSampling = null, bool? HasNativeSchema = null);

/// <summary>What is to be changed in a caller's body on its way to a host of the same dialect.</summary>
/// <param name="Model">The host's own name for the model.</param>
/// <param name="Quirks">Where the host departs from the dialect.</param>
/// <param name="InjectedOutputLimit">A limit on output tokens that the balance demands; null leaves the
/// caller's.</param>
/// <param name="RemovesExtensions">True for catalog models: the extension list is ours. False for wildcard models,
/// where everything travels untouched.</param>
/// <param name="Provider">The host's id: seals that another host minted are taken out.</param>
/// <param name="DropsPaidTools">Whether typed tools that the provider bills by the call are taken out.</param>
public sealed record RequestEdits(
    string Model, HostQuirks Quirks, long? InjectedOutputLimit, bool RemovesExtensions, string Provider = "",
    bool DropsPaidTools = false);

/// <summary>A body ready for a host.</summary>
/// <param name="Body">The bytes to send; the caller's own memory when nothing had to change.</param>
/// <param name="Dropped">Members that the caller sent and nobody honours, for
/// <c>x-mercato-dropped-parameters</c>.</param>
public readonly record struct UpstreamRequest(ReadOnlyMemory<byte> Body, IReadOnlyList<string> Dropped);
