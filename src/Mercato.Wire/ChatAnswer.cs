using System.Text;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Why an answer ended, in no dialect.</summary>
public enum FinishReason
{
    /// <summary>The model was done.</summary>
    Stop,
    /// <summary>One of the caller's stop texts came.</summary>
    StopSequence,
    /// <summary>The model calls tools and waits for their results.</summary>
    ToolCalls,
    /// <summary>A limit on output or context was reached.</summary>
    Length,
    /// <summary>The host or the model refused.</summary>
    Refused,
    /// <summary>The host paused a long turn; sending it back goes on with it.</summary>
    Paused,
    /// <summary>The host failed, in its own words.</summary>
    Error
}

/// <summary>One step of an answer as it arrives. A whole answer is the same steps at once.</summary>
public abstract record ChatDelta;

/// <summary>The answer begins.</summary>
/// <param name="Id">The host's id; null for none.</param>
/// <param name="Model">The host's name of the model; null for none.</param>
/// <param name="Usage">Usage as far as it is known at the start; null for none.</param>
public sealed record StartDelta(string? Id, string? Model, Usage? Usage = null) : ChatDelta;

/// <summary>A piece of text. A new <see cref="Block"/> begins a new part.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Block">A number that grows with each new text part of the host; 0 when it has only one.</param>
public sealed record TextDelta(string Text, int Block = 0) : ChatDelta;

/// <summary>A piece of a refusal in words.</summary>
public sealed record RefusalDelta(string Text) : ChatDelta;

/// <summary>A piece of reasoning. It belongs to the open thought; <see cref="SealDelta"/> closes a thought.</summary>
public sealed record ReasoningDelta(string Text) : ChatDelta;

/// <summary>
/// A thought ends with what its host wants back. Without reasoning before it, it is a hidden thought, or the seal of
/// the call or text that follows.
/// </summary>
/// <param name="Seal">What to give back; null when the thought just ends.</param>
public sealed record SealDelta(Seal? Seal) : ChatDelta;

/// <summary>A tool call begins.</summary>
/// <param name="Index">0 for the answer's first call, 1 for the second, ...; pieces refer to it.</param>
/// <param name="Id">The host's id, or one that the reader minted where the host has none.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="IsCustom">Whether the arguments are free text.</param>
public sealed record ToolCallDelta(int Index, string Id, string Name, bool IsCustom = false) : ChatDelta;

/// <summary>A piece of a call's arguments.</summary>
/// <param name="Index">Which call.</param>
/// <param name="Text">A piece of JSON text (or of free text).</param>
public sealed record ArgumentsDelta(int Index, string Text) : ChatDelta;

/// <summary>Citations on the text before it, as the host's own JSON array or object.</summary>
public sealed record AnnotationDelta(Dialect Dialect, JsonElement Json) : ChatDelta;

/// <summary>A block that only its own dialect understands, whole.</summary>
public sealed record OpaqueDelta(Dialect Dialect, JsonElement Json) : ChatDelta;

/// <summary>Usage so far; a later one replaces an earlier one.</summary>
public sealed record UsageDelta(Usage Usage) : ChatDelta;

/// <summary>The answer's end.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Native">The host's own word.</param>
/// <param name="StopSequence">The stop text that was met; null when unknown.</param>
public sealed record FinishDelta(FinishReason Reason, string Native, string? StopSequence = null) : ChatDelta;

/// <summary>An error of the host under status 200.</summary>
public sealed record ErrorDelta(UpstreamError Error) : ChatDelta;

/// <summary>A whole answer in no dialect.</summary>
public sealed record ChatAnswer
{
    /// <summary>Text, reasoning, calls and opaque blocks in the order in which they came.</summary>
    public required IReadOnlyList<ChatPart> Parts { get; init; }

    /// <summary>Why it ended.</summary>
    public required FinishDelta Finish { get; init; }

    /// <summary>The tool calls.</summary>
    public IEnumerable<ToolCallPart> Calls => Parts.OfType<ToolCallPart>();

    /// <summary>All text.</summary>
    public string Text => string.Concat(Parts.OfType<TextPart>().Select(part => part.Text));

    /// <summary>All reasoning.</summary>
    public string Reasoning => string.Concat(Parts.OfType<ReasoningPart>().Select(part => part.Text));

    /// <summary>Puts the steps of an answer together. Without a finish it counts as done, or as calling its
    /// tools.</summary>
    public static ChatAnswer Of(IEnumerable<ChatDelta> deltas)
    {
        var gathering = new AnswerGathering();
        foreach (var delta in deltas)
        {
            gathering.Add(delta);
        }

        return gathering.ToAnswer();
    }
}

/// <summary>Puts the steps of an answer together as they come. One per answer; not thread-safe.</summary>
public sealed class AnswerGathering
{
    private readonly List<ChatPart> _parts = [];
    private readonly Dictionary<int, (int Place, StringBuilder Arguments)> _calls = [];
    private readonly Dictionary<int, List<JsonElement>> _annotations = [];
    private readonly StringBuilder _open = new();
    private int _lastText = -1;
    private OpenPart _openKind;
    private int _openBlock;
    private FinishDelta? _finish;

    private enum OpenPart
    {
        None,
        Text,
        Reasoning,
        Refusal
    }

    /// <summary>Takes one step in.</summary>
    public void Add(ChatDelta delta)
    {
        switch (delta)
        {
            case TextDelta text:
                Append(OpenPart.Text, text.Text, text.Block);
                break;
            case RefusalDelta refusal:
                Append(OpenPart.Refusal, refusal.Text, 0);
                break;
            case ReasoningDelta reasoning:
                Append(OpenPart.Reasoning, reasoning.Text, 0);
                break;
            case SealDelta seal:
                TakeSeal(seal.Seal);
                break;
            case ToolCallDelta call:
                Close();
                _calls[call.Index] = (_parts.Count, new StringBuilder());
                _parts.Add(new ToolCallPart(call.Id, call.Name, "", call.IsCustom));
                break;
            case ArgumentsDelta piece when _calls.TryGetValue(piece.Index, out var call):
                call.Arguments.Append(piece.Text);
                break;
            case AnnotationDelta annotation:
                Annotate(annotation.Json);
                break;
            case OpaqueDelta opaque:
                Close();
                _parts.Add(new OpaquePart(opaque.Dialect, opaque.Json));
                break;
            case FinishDelta finish:
                _finish = finish;
                break;
        }
    }

    /// <summary>The answer so far.</summary>
    public ChatAnswer ToAnswer()
    {
        Close();
        foreach (var (place, arguments) in _calls.Values)
        {
            _parts[place] = (ToolCallPart)_parts[place] with { Arguments = arguments.ToString() };
        }

        foreach (var (place, annotations) in _annotations)
        {
            _parts[place] = (TextPart)_parts[place] with { Annotations = JsonArrays.Join(annotations) };
        }

        var reason = _calls.Count > 0 ? FinishReason.ToolCalls : FinishReason.Stop;
        return new ChatAnswer { Parts = [.. _parts], Finish = _finish ?? new FinishDelta(reason, "") };
    }

    private void Append(OpenPart kind, string text, int block)
    {
        if (_openKind != kind || _openBlock != block)
        {
            Close();
            (_openKind, _openBlock) = (kind, block);
        }

        _open.Append(text);
    }

    private void TakeSeal(Seal? seal)
    {
        if (_openKind == OpenPart.Reasoning)
        {
            _parts.Add(new ReasoningPart(_open.ToString(), seal));
            _open.Clear();
            _openKind = OpenPart.None;
        }
        else if (seal is not null)
        {
            Close();
            _parts.Add(new ReasoningPart("", seal));
        }
    }

    private void Annotate(JsonElement annotation)
    {
        Close();
        if (_lastText < 0)
        {
            return;
        }

        if (!_annotations.TryGetValue(_lastText, out var known))
        {
            _annotations[_lastText] = known = [];
        }

        known.Add(annotation);
    }

    private void Close()
    {
        ChatPart? part = _openKind switch
        {
            OpenPart.Text when _open.Length > 0 => new TextPart(_open.ToString()),
            OpenPart.Refusal when _open.Length > 0 => new RefusalPart(_open.ToString()),
            OpenPart.Reasoning when _open.Length > 0 => new ReasoningPart(_open.ToString()),
            _ => null,
        };
        if (part is not null)
        {
            _lastText = part is TextPart ? _parts.Count : _lastText;
            _parts.Add(part);
        }

        _open.Clear();
        _openKind = OpenPart.None;
    }
}
