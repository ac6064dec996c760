using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>
/// Writes an answer's steps as events. One message or thought is open at a time; calls, whose pieces a host may mix,
/// stay open beside it until their arguments are whole. Nothing is written before there is something to show, so that
/// an answer that fails at once leaves no trace.
/// </summary>
internal sealed partial class ResponsesWriter(AnswerHead head) : IStreamWriter
{
    private readonly ResponseEvents _events = new();
    private readonly SortedList<int, byte[]> _output = [];
    private readonly StringBuilder _text = new();
    private bool _isBegun;
    private int _places;
    private OpenItem? _message;
    private OpenItem? _thought;

    /// <inheritdoc/>
    public void Write(ChatDelta delta, IBufferWriter<byte> output)
    {
        switch (delta)
        {
            case TextDelta { Text.Length: > 0 } text:
                WriteText(text.Text, isRefusal: false, text.Block, output);
                break;
            case RefusalDelta { Text.Length: > 0 } refusal:
                WriteText(refusal.Text, isRefusal: true, -1, output);
                break;
            case ReasoningDelta { Text.Length: > 0 } reasoning when head.Request?.Reasoning is not { IsHidden: true }:
                WriteThought(reasoning.Text, output);
                break;
            case SealDelta seal:
                WriteSeal(seal.Seal, output);
                break;
            case ToolCallDelta call:
                BeginCall(call, output);
                break;
            case ArgumentsDelta arguments:
                WriteArguments(arguments, output);
                break;
            case AnnotationDelta annotation:
                WriteCitations(annotation.Json, output);
                break;
            case OpaqueDelta { Dialect: Dialect.OpenAiResponses } opaque:
                CloseSpoken("completed", output);
                var item = Open(output, "", _ => json => json.WriteRaw(opaque.Json));
                Close(item, json => json.WriteRaw(opaque.Json), output);
                break;
        }
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(ending);
        Begin(output);
        var status = ResponseStatus.Of(ending.Finish);
        var itemStatus = status.Status == "completed" ? "completed" : "incomplete";
        CloseSpoken(itemStatus, output);
        CloseCalls(itemStatus, output);
        _events.WriteResponse(
            output, $"response.{status.Status}",
            ResponseObject.Write(head, status, _output.Values, ending.Usage, ending.Cost));
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(ending);
        // Items that broke off are not shown as if they were whole.
        _events.WriteFailure(output, error, ResponseObject.Write(
            head, new("failed", null, error), _output.Values, ending.Cost is null ? null : ending.Usage, ending.Cost));
    }

    private void Begin(IBufferWriter<byte> output)
    {
        if (_isBegun)
        {
            return;
        }

        _isBegun = true;
        var response = ResponseObject.Write(head, ResponseStatus.InProgress, [], null, null);
        _events.WriteResponse(output, "response.created", response);
        _events.WriteResponse(output, "response.in_progress", response);
    }

    /// <summary>Shows a new item at the next place.</summary>
    private OpenItem Open(
        IBufferWriter<byte> output, string prefix, Func<OpenItem, Action<Utf8JsonWriter>> write)
    {
        Begin(output);
        var place = _places++;
        var item = new OpenItem(place, OpenAiResponsesDialect.ItemId(head, prefix, place));
        _events.Write(output, "response.output_item.added", json =>
        {
            json.WriteNumber("output_index", place);
            json.WritePropertyName("item");
            write(item)(json);
        });
        return item;
    }

    /// <summary>Shows that an item is whole, and keeps it for the end.</summary>
    private void Close(OpenItem item, Action<Utf8JsonWriter> write, IBufferWriter<byte> output)
    {
        var whole = JsonWriting.Write(write);
        _output[item.Place] = whole;
        _events.Write(output, "response.output_item.done", json =>
        {
            json.WriteNumber("output_index", item.Place);
            json.WriteRaw("item", whole);
        });
    }

    private void CloseSpoken(string status, IBufferWriter<byte> output)
    {
        CloseThought(null, output);
        CloseMessage(status, output);
    }

    /// <summary>An event about a piece of an item.</summary>
    private void WritePiece(
        IBufferWriter<byte> output, string type, OpenItem item, string? partName, int part, string name, string text)
    {
        _events.Write(output, type, json =>
        {
            json.WriteString("item_id", item.Id);
            json.WriteNumber("output_index", item.Place);
            if (partName is not null)
            {
                json.WriteNumber(partName, part);
            }

            json.WriteString(name, text);
            if (type.StartsWith("response.output_text.", StringComparison.Ordinal))
            {
                json.WriteRaw("logprobs", "[]"u8);
            }
        });
    }

    private void WritePart(
        IBufferWriter<byte> output, string type, OpenItem item, string partName, int part, byte[] json) =>
        _events.Write(output, type, members =>
        {
            members.WriteString("item_id", item.Id);
            members.WriteNumber("output_index", item.Place);
            members.WriteNumber(partName, part);
            members.WriteRaw("part", json);
        });

    private sealed record OpenItem(int Place, string Id);
}
