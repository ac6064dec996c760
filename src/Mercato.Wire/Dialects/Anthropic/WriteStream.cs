using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public IStreamWriter WriteStream(AnswerHead head) => new AnthropicStreamWriter(head);
}

/// <summary>
/// Writes one stream. Blocks never overlap: while a call's input is unfinished, the steps of anything else wait.
/// </summary>
internal sealed class AnthropicStreamWriter(AnswerHead head) : IStreamWriter
{
    private readonly Queue<ChatDelta> _waiting = new();
    private readonly Dictionary<int, StringBuilder> _waitingInputs = [];
    private readonly HashSet<string> _ids = [];
    private readonly bool _hidesThoughts = head.Request?.Reasoning is { IsHidden: true };
    private bool _hasStarted;
    private int _blocks;
    private OpenCall? _call;
    private OpenKind _open;
    private int _textBlock;
    private bool _hasText;

    // A seal of what comes next. At the end of an answer it seals nothing that a client shows, and clients that take
    // the last block for the answer must find the text there.
    private Seal? _seal;

    private enum OpenKind
    {
        None,
        Text,
        Refusal,
        Thinking,
        Call
    }

    /// <inheritdoc/>
    public void Write(ChatDelta delta, IBufferWriter<byte> output)
    {
        if (delta is ArgumentsDelta piece)
        {
            TakeArguments(piece, output);
        }
        else if (_call is { IsWhole: false })
        {
            _waiting.Enqueue(delta);
            if (delta is ToolCallDelta call)
            {
                _waitingInputs[call.Index] = new StringBuilder();
            }
        }
        else
        {
            WriteNow(delta, output);
        }
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        ServeWaiting(output, isLast: true);
        if (!_hasText)
        {
            WriteHeldSeal(output);
        }

        Close(output);
        Start(null, output);
        WriteEnd(ending, _ids.Count > 0, output);
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output) =>
        EventStreamWriter.WriteEvent(output, AnthropicDialect.WriteError(error, ending), "error"u8);

    /// <summary>The end of a message: why, what it used and cost, and the last event.</summary>
    public static void WriteEnd(AnswerEnding ending, bool hasCalls, IBufferWriter<byte> output)
    {
        var data = JsonWriting.WriteObject(json =>
        {
            json.WriteString("type", "message_delta");
            json.WriteStartObject("delta");
            AnthropicDialect.WriteStop(json, ending.Finish, hasCalls);
            json.WriteEndObject();
            json.WriteRaw("usage", AnthropicDialect.WriteUsage(ending.Usage));
        });
        if (ending.Cost is { } cost)
        {
            data = AnthropicDialect.Instance.EditAnswer(data, cost, ending.Usage);
        }

        EventStreamWriter.WriteEvent(output, data, "message_delta"u8);
        EventStreamWriter.WriteEvent(output, """{"type":"message_stop"}"""u8, "message_stop"u8);
    }

    private void TakeArguments(ArgumentsDelta piece, IBufferWriter<byte> output)
    {
        if (piece.Index == _call?.Index)
        {
            WriteArguments(piece.Text, output);
            ServeWaiting(output, isLast: false);
        }
        else if (_waitingInputs.TryGetValue(piece.Index, out var input))
        {
            input.Append(piece.Text);
        }
    }

    private void ServeWaiting(IBufferWriter<byte> output, bool isLast)
    {
        while ((isLast || _call is not { IsWhole: false }) && _waiting.TryDequeue(out var delta))
        {
            WriteNow(delta, output);
            if (delta is ToolCallDelta call && _waitingInputs.Remove(call.Index, out var input))
            {
                WriteArguments(input.ToString(), output);
            }
        }
    }

    private void WriteNow(ChatDelta delta, IBufferWriter<byte> output)
    {
        switch (delta)
        {
            case StartDelta start:
                Start(start.Usage, output);
                break;
            case TextDelta { Text.Length: > 0 } text:
                WriteText(OpenKind.Text, text.Text, text.Block, output);
                break;
            case RefusalDelta { Text.Length: > 0 } refusal:
                WriteText(OpenKind.Refusal, refusal.Text, 0, output);
                break;
            case ReasoningDelta { Text.Length: > 0 } thought:
                WriteThought(thought.Text, output);
                break;
            case SealDelta seal:
                WriteSeal(seal.Seal, output);
                break;
            case ToolCallDelta call:
                OpenTool(call, output);
                break;
            case AnnotationDelta { Dialect: Dialect.Anthropic } annotation when _open == OpenKind.Text:
                WriteCitations(annotation.Json, output);
                break;
            case OpaqueDelta { Dialect: Dialect.Anthropic } opaque:
                WriteHeldSeal(output);
                Close(output);
                StartBlock(output, json => json.WriteRaw("content_block", opaque.Json));
                StopBlock(output);
                break;
        }
    }

    private void Start(Usage? usage, IBufferWriter<byte> output)
    {
        if (_hasStarted)
        {
            return;
        }

        _hasStarted = true;
        Event(output, "message_start"u8, json =>
        {
            json.WriteStartObject("message");
            AnthropicDialect.WriteHead(json, head);
            json.WriteStartArray("content");
            json.WriteEndArray();
            json.WriteNull("stop_reason");
            json.WriteNull("stop_sequence");
            json.WriteRaw("usage", AnthropicDialect.WriteUsage(usage ?? new Usage()));
            json.WriteEndObject();
        });
    }

    private void WriteText(OpenKind kind, string text, int block, IBufferWriter<byte> output)
    {
        WriteHeldSeal(output);
        _hasText = true;
        if (_open != kind || _textBlock != block)
        {
            Close(output);
            StartBlock(output, json => json.WriteRaw("content_block", """{"type":"text","text":""}"""u8));
            (_open, _textBlock) = (kind, block);
        }

        Delta(output, "text_delta", "text", text);
    }

    private void WriteThought(string text, IBufferWriter<byte> output)
    {
        WriteHeldSeal(output);
        if (_open != OpenKind.Thinking)
        {
            OpenThought(output);
        }

        if (!_hidesThoughts)
        {
            Delta(output, "thinking_delta", "thinking", text);
        }
    }

    private void WriteSeal(Seal? seal, IBufferWriter<byte> output)
    {
        if (_open == OpenKind.Thinking)
        {
            CloseThought(seal, output);
            return;
        }

        WriteHeldSeal(output);
        _seal = seal;
    }

    private void WriteHeldSeal(IBufferWriter<byte> output)
    {
        var seal = _seal;
        _seal = null;
        if (seal is { IsRedacted: true })
        {
            Close(output);
            StartBlock(output, json =>
            {
                json.WriteStartObject("content_block");
                json.WriteString("type", "redacted_thinking");
                json.WriteString("data", seal.ToToken());
                json.WriteEndObject();
            });
            StopBlock(output);
        }
        else if (seal is not null)
        {
            OpenThought(output);
            CloseThought(seal, output);
        }
    }

    private void OpenThought(IBufferWriter<byte> output)
    {
        Close(output);
        StartBlock(output, json =>
            json.WriteRaw("content_block", """{"type":"thinking","thinking":"","signature":""}"""u8));
        _open = OpenKind.Thinking;
    }

    private void CloseThought(Seal? seal, IBufferWriter<byte> output)
    {
        Delta(output, "signature_delta", "signature", seal?.ToToken() ?? Seals.None);
        StopBlock(output);
    }

    private void OpenTool(ToolCallDelta call, IBufferWriter<byte> output)
    {
        WriteHeldSeal(output);
        Close(output);
        var id = ToolIds.NewOf(call.Id, _ids);
        StartBlock(output, json =>
        {
            json.WriteStartObject("content_block");
            json.WriteString("type", "tool_use");
            json.WriteString("id", id);
            json.WriteString("name", call.Name);
            json.WriteRaw("input", "{}"u8);
            json.WriteEndObject();
        });
        (_open, _call) = (OpenKind.Call, new OpenCall(call.Index, call.IsCustom));
        if (call.IsCustom)
        {
            Delta(output, "input_json_delta", "partial_json", "{\"input\":\"");
        }
    }

    private void WriteArguments(string piece, IBufferWriter<byte> output)
    {
        if (piece.Length == 0)
        {
            return;
        }

        _call!.Take(piece);
        Delta(
            output, "input_json_delta", "partial_json",
            _call.IsCustom ? Encoding.UTF8.GetString(JsonSplice.Quote(piece).AsSpan()[1..^1]) : piece);
    }

    private void WriteCitations(JsonElement citations, IBufferWriter<byte> output)
    {
        foreach (var citation in citations.ValueKind == JsonValueKind.Array
            ? (IEnumerable<JsonElement>)citations.EnumerateArray() : [citations])
        {
            Delta(output, json =>
            {
                json.WriteString("type", "citations_delta");
                json.WriteRaw("citation", citation);
            });
        }
    }

    private void Close(IBufferWriter<byte> output)
    {
        switch (_open)
        {
            case OpenKind.None:
                return;
            case OpenKind.Thinking:
                CloseThought(null, output);
                return;
            case OpenKind.Call when _call!.IsCustom:
                Delta(output, "input_json_delta", "partial_json", "\"}");
                break;
            case OpenKind.Call when !_call!.HasInput:
                // Without one, clients take the call for one that is still to come.
                Delta(output, "input_json_delta", "partial_json", "{}");
                break;
        }

        StopBlock(output);
    }

    private void StartBlock(IBufferWriter<byte> output, Action<Utf8JsonWriter> writeBlock)
    {
        Start(null, output);
        Event(output, "content_block_start"u8, json =>
        {
            json.WriteNumber("index", _blocks);
            writeBlock(json);
        });
    }

    private void StopBlock(IBufferWriter<byte> output)
    {
        Event(output, "content_block_stop"u8, json => json.WriteNumber("index", _blocks));
        _blocks++;
        (_open, _call) = (OpenKind.None, null);
    }

    private void Delta(IBufferWriter<byte> output, string type, string name, string text) => Delta(output, json =>
    {
        json.WriteString("type", type);
        json.WriteString(name, text);
    });

    private void Delta(IBufferWriter<byte> output, Action<Utf8JsonWriter> writeMembers) =>
        Event(output, "content_block_delta"u8, json =>
        {
            json.WriteNumber("index", _blocks);
            json.WriteStartObject("delta");
            writeMembers(json);
            json.WriteEndObject();
        });

    private static void Event(IBufferWriter<byte> output, ReadOnlySpan<byte> type, Action<Utf8JsonWriter> writeMembers)
    {
        var name = Encoding.ASCII.GetString(type);
        var data = JsonWriting.WriteObject(json =>
        {
            json.WriteString("type", name);
            writeMembers(json);
        });
        EventStreamWriter.WriteEvent(output, data, type);
    }
}
