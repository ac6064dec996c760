using System.Diagnostics;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Ledger;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>One call from a caller's bytes to its bill: what the steps of the pipeline know and find out.</summary>
public sealed class GatewayCall(Caller caller, IClientDialect dialect, RequestFacts facts, IAnswerSink sink)
{
    private ChatReading? _chat;

    public Caller Caller => caller;

    /// <summary>What the caller speaks, and is answered in.</summary>
    public IClientDialect Dialect => dialect;

    public RequestFacts Facts => facts;

    public IAnswerSink Sink => sink;

    /// <summary>OpenRouter's face (`/api/v1`): integer error codes, and usage in every stream.</summary>
    public bool IsOpenRouterFace { get; init; }

    /// <summary>What is asked for instead of chat; null for chat.</summary>
    internal IPlainWork? Work { get; init; }

    /// <summary>The conversation that the call goes on with by its name; its turns stand in the input.</summary>
    internal OpenConversation? Conversation { get; init; }

    /// <summary>The host that takes up the conversation by its name, and so holds this turn as well; null when it goes
    /// out written.</summary>
    internal string? ConversationHolder { get; set; }

    /// <summary>The request's members as the caller sent them, but for references.</summary>
    internal JsonMembers Members => Conversation?.Request ?? facts.Members;

    /// <summary>The kind of models that can serve the call.</summary>
    internal ModelKind Kind => Work?.Kind ?? ModelKind.Chat;

    /// <summary>The caller's X-Title and HTTP-Referer.</summary>
    public string? App { get; init; }

    public string? AppUrl { get; init; }

    /// <summary>Headers of the caller that a host of its own dialect gets too.</summary>
    public IReadOnlyDictionary<string, string> OwnHeaders { get; init; } = new Dictionary<string, string>();

    public long StartedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>When a keep-alive was last sent; before the first, when the call began.</summary>
    internal long SentAt { get; set; } = Stopwatch.GetTimestamp();

    /// <summary>The id for the op.</summary>
    internal Guid OpId { get; init; } = Guid.CreateVersion7();

    /// <summary>The op, once something is held.</summary>
    internal Op? Op { get; set; }

    /// <summary>The candidate that answers, or was tried last.</summary>
    internal Candidate? Candidate { get; set; }

    /// <summary>What the upstream has sent.</summary>
    internal Received Received { get; set; } = new();

    /// <summary>The output limit that the balance demanded; null when the caller's own stands.</summary>
    internal long? InjectedLimit { get; set; }

    internal List<Attempt> Attempts { get; } = [];

    internal long? FirstByteMs { get; set; }

    /// <summary>When the candidate that is tried now was first asked, after the start.</summary>
    internal long TriedAtMs { get; set; }

    /// <summary>Whether a part of an answer has gone on to the caller; then nobody else may take over.</summary>
    internal bool HasForwarded { get; set; }

    /// <summary>Whether tools that the provider bills by the call are left out, as nobody here knows their price.</summary>
    internal bool DropsPaidTools { get; set; }

    /// <summary>Whether the sink has all of the answer, or of the refusal.</summary>
    internal bool IsAnswered { get; set; }

    /// <summary>Members that the caller sent and nobody honours.</summary>
    internal IReadOnlyList<string> Dropped { get; set; } = [];

    /// <summary>Whether the usage chunk of a stream is shown.</summary>
    internal bool ShowsUsage => !facts.IsStream || facts.WantsUsage || IsOpenRouterFace;

    /// <summary>What passes the stream on to the caller; null before there is one.</summary>
    internal IStreamRelay? Relay { get; set; }

    /// <summary>The request in neutral form, read once, when a host of another dialect is to get it.</summary>
    internal ChatReading ReadChat() => _chat ??= dialect.ReadChat(facts);

    /// <summary>What an answer that is written here begins with.</summary>
    internal AnswerHead Head() => new(
        Ledger.Op.GenerationId(Op!.Id), Candidate?.Model ?? Op.Model, Op.CreatedAt.ToUnixTimeSeconds())
    {
        Request = _chat?.Chat ?? facts.Chat,
        Members = Members,
    };

    internal long ElapsedMs => (long)Stopwatch.GetElapsedTime(StartedAt).TotalMilliseconds;
}

/// <summary>One call on the wire.</summary>
/// <param name="Provider">The host that was asked.</param>
/// <param name="Status">Its HTTP status; null when none came.</param>
/// <param name="Error">The failure's kind; null when it answered.</param>
/// <param name="Ms">Time to its answer's head or its failure.</param>
internal sealed record Attempt(string Provider, int? Status, string? Error, long Ms);
