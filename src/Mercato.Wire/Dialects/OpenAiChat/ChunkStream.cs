using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Writes a stream for a caller of this dialect: the role, pieces of the answer, why it ended, usage where it
/// is wanted, the end marker.</summary>
internal sealed class ChunkStream(AnswerHead head) : IStreamWriter
{
    private readonly UniqueIds _ids = new();
    private readonly Dictionary<int, Call> _calls = [];
    private readonly bool _hidesReasoning = head.Request?.Reasoning?.IsHidden == true;
    private bool _hasBegun;
    private Seal? _pendingSeal;
    private bool _isThinking;
    private int _thoughts;
    private int _textLength;
    private int _textStart;
    private int _textBlock;

    private sealed class Call
    {
        public required int Index { get; init; }

        /// <summary>Arguments that wait to be unwrapped; null for calls whose pieces go out as they come.</summary>
        public StringBuilder? Wrapped { get; init; }
        public required bool IsCustom { get; init; }
        public bool HasInput { get; set; }
    }

    /// <inheritdoc/>
    public void Write(ChatDelta delta, IBufferWriter<byte> output)
    {
        Begin(output);
        if (delta is not (ToolCallDelta or StartDelta))
        {
            FlushSeal(output, null);
        }

        switch (delta)
        {
            case TextDelta { Text.Length: > 0 } text:
                EndThought();
                NoteText(text);
                WriteChunk(output, json => json.WriteString("content", text.Text));
                break;
            case RefusalDelta { Text.Length: > 0 } refusal:
                EndThought();
                WriteChunk(output, json => json.WriteString("refusal", refusal.Text));
                break;
            case ReasoningDelta { Text.Length: > 0 } reasoning:
                WriteReasoning(reasoning.Text, output);
                break;
            case SealDelta { Seal: { } seal }:
                TakeSeal(seal, output);
                break;
            case SealDelta:
                EndThought();
                break;
            case ToolCallDelta call:
                BeginCall(call, output);
                break;
            case ArgumentsDelta { Text.Length: > 0 } piece when _calls.TryGetValue(piece.Index, out var call):
                WriteInput(call, piece.Text, output);
                break;
            case AnnotationDelta note when UrlCitations.Write(note.Json, _textStart, _textLength) is { } citations:
                WriteChunk(output, json => json.WriteRaw("annotations", citations));
                break;
            case OpaqueDelta opaque:
                WriteMedia(opaque, output);
                break;
        }
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        Begin(output);
        FlushSeal(output, null);
        foreach (var call in _calls.Values)
        {
            EndCall(call, output);
        }

        var reason = ending.Finish?.Reason ?? FinishReason.Stop;
        output.Write(OpenAiChatDialect.WriteFinishFrame(head, FinishWords.Write(reason, _calls.Count > 0)));
        WriteUsage(ending, output);
        output.Write(OpenAiChatDialect.DoneFrame.Span);
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output)
    {
        WriteUsage(ending, output);
        output.Write(OpenAiChatDialect.WriteErrorFrame(error, hasIntegerCode));
    }

    private void WriteUsage(AnswerEnding ending, IBufferWriter<byte> output)
    {
        if (ending.ShowsUsage)
        {
            output.Write(OpenAiChatDialect.WriteUsageFrame(head, ending.Usage, ending.Cost));
        }
    }

    private void Begin(IBufferWriter<byte> output)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            output.Write(OpenAiChatDialect.WriteRoleFrame(head));
        }
    }

    // Citations are told by where their text stands in the whole message.
    private void NoteText(TextDelta text)
    {
        _textStart = text.Block == _textBlock ? _textStart : _textLength;
        _textBlock = text.Block;
        _textLength += text.Text.Length;
    }

    private void WriteReasoning(string text, IBufferWriter<byte> output)
    {
        _isThinking = true;
        if (_hidesReasoning)
        {
            return;
        }

        WriteChunk(output, json =>
        {
            json.WriteString("reasoning_content", text);
            json.WriteStartArray("reasoning_details");
            ReasoningDetail.WriteText(json, text, _thoughts);
            json.WriteEndArray();
        });
    }

    // A seal on a thought belongs to it; one without a thought may belong to the call that follows.
    private void TakeSeal(Seal seal, IBufferWriter<byte> output)
    {
        if (!_isThinking)
        {
            _pendingSeal = seal;
        }
        else if (!_hidesReasoning)
        {
            WriteSeal(output, seal, isHidden: false, null);
        }

        EndThought();
    }

    private void FlushSeal(IBufferWriter<byte> output, string? callId)
    {
        if (_pendingSeal is { } seal)
        {
            WriteSeal(output, seal, isHidden: true, callId);
            _thoughts++;
        }

        _pendingSeal = null;
    }

    private void EndThought()
    {
        _thoughts += _isThinking ? 1 : 0;
        _isThinking = false;
    }

    private void WriteSeal(IBufferWriter<byte> output, Seal seal, bool isHidden, string? callId) =>
        WriteChunk(output, json =>
        {
            json.WriteStartArray("reasoning_details");
            ReasoningDetail.WriteSeal(json, seal, "", isHidden, callId, _thoughts);
            json.WriteEndArray();
        });

    private void BeginCall(ToolCallDelta delta, IBufferWriter<byte> output)
    {
        EndThought();
        var id = _ids.Give(delta.Id);
        var seal = _pendingSeal is { IsRedacted: false } ? _pendingSeal : null;
        FlushSeal(output, id);
        var isWrapped = !delta.IsCustom && AnswerMessage.IsCustom(head, delta.Name);
        var call = new Call
        {
            Index = _calls.Count,
            IsCustom = delta.IsCustom || isWrapped,
            Wrapped = isWrapped ? new StringBuilder() : null,
        };
        _calls[delta.Index] = call;
        WriteChunk(output, json =>
        {
            json.WriteStartArray("tool_calls");
            AnswerMessage.WriteCall(json, call.Index, id, delta.Name, "", call.IsCustom, seal);
            json.WriteEndArray();
        });
    }

    private void WriteInput(Call call, string piece, IBufferWriter<byte> output)
    {
        EndThought();
        if (call.Wrapped is not null)
        {
            call.Wrapped.Append(piece);
            return;
        }

        call.HasInput = true;
        WriteChunk(output, json =>
        {
            json.WriteStartArray("tool_calls");
            json.WriteStartObject();
            json.WriteNumber("index", call.Index);
            json.WriteStartObject(call.IsCustom ? "custom" : "function");
            json.WriteString(call.IsCustom ? "input" : "arguments", piece);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    // Clients parse what they put together, and nothing at all is no JSON.
    private void EndCall(Call call, IBufferWriter<byte> output)
    {
        var input = call.Wrapped is { } wrapped ? CustomTools.Unwrap(wrapped.ToString())
            : call is { IsCustom: false, HasInput: false } ? "{}"
            : "";
        if (input.Length > 0)
        {
            WriteInput(new Call { Index = call.Index, IsCustom = call.IsCustom }, input, output);
        }
    }

    private void WriteMedia(OpaqueDelta opaque, IBufferWriter<byte> output)
    {
        var members = JsonWriting.WriteObject(json => AnswerMessage.WriteMedia(json, [(opaque.Dialect, opaque.Json)]));
        if (JsonMembers.Read(members) is { All: [var member] })
        {
            WriteChunk(output, json => json.WriteRaw(member.Name, members.AsSpan(member.ValueStart..member.End)));
        }
    }

    private void WriteChunk(IBufferWriter<byte> output, Action<Utf8JsonWriter> writeDelta) =>
        output.Write(OpenAiChatDialect.WriteChunk(head, null, writeDelta));
}
