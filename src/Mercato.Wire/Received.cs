using System.Buffers;
using System.Text;

namespace Mercato.Wire;

/// <summary>
/// What an upstream has sent so far, whole or streamed, whatever its dialect: enough to bill a call by its usage, or
/// by what came when no usage did. One per call; not thread-safe.
/// </summary>
/// <param name="text">Where received text (answer, reasoning, tool arguments) is appended as UTF-8, for a tokenizer;
/// null when only its size matters.</param>
public sealed class Received(IBufferWriter<byte>? text = null)
{
    private const int MaxFinishReasons = 128;
    private const int MaxSeals = 256;
    private readonly List<string> _finishReasons = [];
    private readonly List<Seal> _seals = [];

    /// <summary>The last usage that came; a later one replaces an earlier one, because hosts report running
    /// totals.</summary>
    public Usage? Usage { get; internal set; }

    /// <summary>The upstream's own id of the answer; null when it sent none.</summary>
    public string? UpstreamId { get; internal set; }

    /// <summary>The model that the upstream says it used.</summary>
    public string? Model { get; internal set; }

    /// <summary>UTF-8 bytes of answer text and refusals.</summary>
    public long TextBytes { get; internal set; }

    /// <summary>UTF-8 bytes of reasoning.</summary>
    public long ReasoningBytes { get; internal set; }

    /// <summary>UTF-8 bytes of tool names and arguments.</summary>
    public long ToolBytes { get; internal set; }

    /// <summary>Tool calls begun.</summary>
    public int ToolCalls { get; internal set; }

    /// <summary>Whether audio, images or vectors came, which have no text to count.</summary>
    public bool HasMedia { get; internal set; }

    /// <summary>Whether the model refused in words.</summary>
    public bool HasRefusal { get; internal set; }

    /// <summary>Finish reasons in the order in which choices ended, in the upstream's spelling.</summary>
    public IReadOnlyList<string> FinishReasons => _finishReasons;

    /// <summary>What the host minted around its reasoning and will want back, at most 256 pieces.</summary>
    public IReadOnlyList<Seal> Seals => _seals;

    /// <summary>An error that came inside a 200; null when there was none.</summary>
    public UpstreamError? Error { get; internal set; }

    /// <summary>Whether the end marker of the dialect has come (always, for a whole body).</summary>
    public bool IsEnded { get; internal set; }

    /// <summary>Whether a choice has said why it ended. Some hosts stop there and never send an end marker.</summary>
    public bool HasFinished => _finishReasons.Count > 0;

    /// <summary>Whether there is anything that a caller could use: text, reasoning, a tool call, audio, an
    /// image.</summary>
    public bool HasOutput => TextBytes > 0 || ReasoningBytes > 0 || ToolBytes > 0 || ToolCalls > 0 || HasMedia;

    /// <summary>All bytes of output that can be counted.</summary>
    public long OutputBytes => TextBytes + ReasoningBytes + ToolBytes;

    /// <summary>How the answer ended, in no dialect; null until it did, and for hosts whose words are only passed
    /// on.</summary>
    public FinishDelta? Finish { get; private set; }

    /// <summary>Notes one step of an answer.</summary>
    public void Take(ChatDelta delta)
    {
        switch (delta)
        {
            case StartDelta start:
                UpstreamId ??= start.Id;
                Model ??= start.Model;
                Usage = start.Usage ?? Usage;
                break;
            case TextDelta piece:
                TextBytes += TakeText(piece.Text);
                break;
            case RefusalDelta refusal:
                TextBytes += TakeText(refusal.Text);
                HasRefusal = true;
                break;
            case ReasoningDelta reasoning:
                ReasoningBytes += TakeText(reasoning.Text);
                break;
            case SealDelta { Seal: { } seal } when _seals.Count < MaxSeals:
                _seals.Add(seal);
                break;
            case ToolCallDelta call:
                ToolCalls++;
                ToolBytes += TakeText(call.Name);
                break;
            case ArgumentsDelta arguments:
                ToolBytes += TakeText(arguments.Text);
                break;
            case OpaqueDelta opaque:
                ToolBytes += TakeText(opaque.Json.ToRaw());
                break;
            case UsageDelta usage:
                Usage = usage.Usage;
                break;
            case FinishDelta finish:
                Finish = finish;
                AddFinishReason(finish.Native);
                break;
            case ErrorDelta error:
                Error ??= error.Error;
                break;
        }
    }

    /// <summary>Notes an answer of vectors.</summary>
    public void Take(EmbeddingAnswer answer)
    {
        (Usage, UpstreamId, Error) = (answer.Usage, answer.Id, answer.Error);
        (HasMedia, IsEnded) = (answer.Error is null, true);
    }

    /// <summary>Notes an answer of pictures.</summary>
    public void Take(ImageAnswer answer)
    {
        (Usage, Error) = (answer.Usage, answer.Error);
        (HasMedia, IsEnded) = (answer.Error is null, true);
    }

    private int TakeText(string decoded)
    {
        if (text is null)
        {
            return Encoding.UTF8.GetByteCount(decoded);
        }

        var span = text.GetSpan(Encoding.UTF8.GetMaxByteCount(decoded.Length));
        var count = Encoding.UTF8.GetBytes(decoded, span);
        text.Advance(count);
        return count;
    }

    internal void AddFinishReason(string reason)
    {
        if (_finishReasons.Count < MaxFinishReasons)
        {
            _finishReasons.Add(reason);
        }
    }

    /// <summary>Takes in text (the inside of a JSON string) and returns its size in UTF-8 bytes.</summary>
    internal int TakeText(ReadOnlySpan<byte> escaped) =>
        text is null ? JsonText.Count(escaped) : JsonText.Append(escaped, text);
}

/// <summary>What one frame of a stream is.</summary>
public enum FrameKind
{
    /// <summary>A piece of the answer, or something harmless that is passed on.</summary>
    Piece,
    /// <summary>A comment or blank line, without data.</summary>
    Comment,
    /// <summary>The end marker.</summary>
    End,
    /// <summary>An error of the upstream under status 200.</summary>
    Error,
    /// <summary>Data that isn't what the dialect allows.</summary>
    Garbage
}

/// <summary>What the gateway must know of a frame to forward, hold or drop it.</summary>
/// <param name="Kind">What the frame is.</param>
/// <param name="HasUsage">Whether it carries usage that is not null, so that it is held back.</param>
/// <param name="HasChoices">Whether it carries a piece of the answer beside the usage.</param>
public readonly record struct FrameReading(FrameKind Kind, bool HasUsage, bool HasChoices);
