using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>How a call ended.</summary>
public enum Ending
{
    /// <summary>Not yet.</summary>
    Running,

    /// <summary>Everything that the script says was sent.</summary>
    Answered,

    /// <summary>The request was refused with an error of ours: a strict check, or a wrong key.</summary>
    Rejected,

    /// <summary>The script ended the body early but cleanly.</summary>
    Cut,

    /// <summary>The script closed the connection in mid-answer.</summary>
    Closed,

    /// <summary>The script reset the connection.</summary>
    Reset,

    /// <summary>The client went away first.</summary>
    ClientLeft,

    /// <summary>The fake itself was stopped.</summary>
    Stopped,
}

/// <summary>The truth about one call: what was asked, at once; what was sent, as it is sent.</summary>
public sealed record Call
{
    /// <summary>Counts from 1, in the order in which requests were read.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required string Path { get; init; }

    /// <summary>The language it was asked in: openai-chat, openai-responses, anthropic, gemini, cohere, ollama, ...</summary>
    public required string Dialect { get; init; }

    /// <summary>Lower-case names; a secret is replaced by its <see cref="FakeUpstream.Digest"/>.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The body's bytes as received.</summary>
    public required byte[] Raw { get; init; }

    /// <summary>The same, parsed; null when it is not JSON.</summary>
    public JsonElement? Body { get; init; }

    public string? Model { get; init; }

    public bool Streamed { get; init; }

    /// <summary>The HTTP status of the answer; 0 when there was none.</summary>
    public int Status { get; init; }

    /// <summary>Why we refused it, when it ended as <see cref="Ending.Rejected"/>.</summary>
    public string? Complaint { get; init; }

    /// <summary>True counts of the whole answer, sent or not, whatever the usage member claims.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The usage member as sent (with its faults); null when none was.</summary>
    public JsonNode? Reported { get; init; }

    /// <summary>Whole events handed to the network, without a bare end marker; 1 for a plain body.</summary>
    public int EventsSent { get; init; }

    /// <summary>UTF-8 bytes of text, reasoning and call arguments sent.</summary>
    public long ContentSent { get; init; }

    /// <summary>Output tokens sent, reasoning included.</summary>
    public int TokensSent { get; init; }

    /// <summary>Whether the stream's end marker, or a plain answer's last byte, was sent.</summary>
    public bool EndSent { get; init; }

    public Ending Ending { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What this provider would bill: nothing without content, else input and the output sent.</summary>
    public Usage? Bill => Usage is null || (TokensSent == 0 && !EndSent) ? null : Usage with
    {
        Output = Math.Min(TokensSent, Usage.Output),
        Reasoning = Math.Min(TokensSent, Usage.Reasoning),
    };
}
