namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// OpenAI Chat Completions, both as callers speak it to us and as hosts speak it. Pure functions over bytes; a file
/// for each direction.
/// </summary>
public sealed partial class OpenAiChatDialect : IClientDialect, IUpstreamDialect
{
    /// <summary>The operation's path behind a host's base address.</summary>
    public const string Path = "chat/completions";

    private OpenAiChatDialect()
    {
    }

    /// <summary>The dialect, which has no state.</summary>
    public static OpenAiChatDialect Instance { get; } = new();

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.OpenAiChat;

    /// <inheritdoc/>
    public bool StreamsLines => false;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>();

    ReadOnlyMemory<byte> IClientDialect.KeepAliveFrame => KeepAliveFrame;

    /// <inheritdoc/>
    public string PathOf(string model, bool isStream) => Path;

    /// <inheritdoc/>
    public ChatReading ReadChat(RequestFacts facts) => ChatBody.Read(facts);

    /// <inheritdoc/>
    public UpstreamRequest WriteRequest(ChatRequest chat, HostTarget target) => new HostBody(chat, target).Write();

    /// <inheritdoc/>
    public IStreamReader ReadStream(string provider) => new ChunkReader(provider);

    /// <inheritdoc/>
    public IStreamWriter WriteStream(AnswerHead head) => new ChunkStream(head);

    /// <inheritdoc/>
    public IStreamRelay RelayStream(AnswerHead head, bool showsUsage) => new ChunkRelay(head, showsUsage);

    RequestReading IClientDialect.ReadRequest(ReadOnlyMemory<byte> body) => ReadRequest(body);

    UpstreamRequest IClientDialect.EditRequest(RequestFacts facts, RequestEdits edits) => WriteRequest(facts, edits);

    void IClientDialect.ReadAnswer(ReadOnlyMemory<byte> body, Received received) => ReadAnswer(body, received);

    byte[] IClientDialect.EditAnswer(ReadOnlyMemory<byte> body, AnswerCost cost, Usage? usage) =>
        WriteAnswer(body, cost, usage);

    byte[] IClientDialect.WriteError(ErrorAnswer error, bool hasIntegerCode) => WriteError(error, hasIntegerCode);

    byte[] IClientDialect.WriteErrorFrame(ErrorAnswer error, bool hasIntegerCode) =>
        WriteErrorFrame(error, hasIntegerCode);
}
