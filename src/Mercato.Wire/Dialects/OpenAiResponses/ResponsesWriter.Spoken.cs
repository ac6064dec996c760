using System.Buffers;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

internal sealed partial class ResponsesWriter
{
    private readonly List<byte[]> _parts = [];
    private List<JsonElement> _citations = [];
    private int? _block;
    private bool _isRefusal;

    private void WriteText(string text, bool isRefusal, int block, IBufferWriter<byte> output)
    {
        if (_message is null)
        {
            CloseThought(null, output);
            CloseWholeCalls(output);
            _message = Open(
                output, "msg_", item => json => OutputItems.WriteMessage(json, item.Id, "in_progress", []));
        }

        if (_block is not null && _block != block)
        {
            ClosePart(output);
        }

        if (_block is null)
        {
            (_block, _isRefusal) = (block, isRefusal);
            WritePart(
                output, "response.content_part.added", _message, "content_index", _parts.Count,
                OutputItems.ToPart("", isRefusal, null));
        }

        _text.Append(text);
        WritePiece(
            output, isRefusal ? "response.refusal.delta" : "response.output_text.delta", _message, "content_index",
            _parts.Count, "delta", text);
    }

    private void WriteCitations(JsonElement citations, IBufferWriter<byte> output)
    {
        if (_message is not { } message || _block is null || _isRefusal)
        {
            return;
        }

        foreach (var citation in Citations.Read(citations, _text.Length))
        {
            var index = _citations.Count;
            _citations.Add(citation);
            _events.Write(output, "response.output_text.annotation.added", json =>
            {
                json.WriteString("item_id", message.Id);
                json.WriteNumber("output_index", message.Place);
                json.WriteNumber("content_index", _parts.Count);
                json.WriteNumber("annotation_index", index);
                json.WriteRaw("annotation", citation);
            });
        }
    }

    private void ClosePart(IBufferWriter<byte> output)
    {
        if (_message is not { } message || _block is null)
        {
            return;
        }

        var text = _text.ToString();
        var part = OutputItems.ToPart(text, _isRefusal, _citations.Count == 0 ? null : JsonArrays.Join(_citations));
        WritePiece(
            output, _isRefusal ? "response.refusal.done" : "response.output_text.done", message, "content_index",
            _parts.Count, _isRefusal ? "refusal" : "text", text);
        WritePart(output, "response.content_part.done", message, "content_index", _parts.Count, part);
        _parts.Add(part);
        _text.Clear();
        (_block, _citations) = (null, []);
    }

    private void CloseMessage(string status, IBufferWriter<byte> output)
    {
        ClosePart(output);
        if (_message is { } message)
        {
            Close(message, json => OutputItems.WriteMessage(json, message.Id, status, _parts), output);
            _message = null;
            _parts.Clear();
        }
    }

    private void WriteThought(string text, IBufferWriter<byte> output)
    {
        if (_thought is null)
        {
            _thought = OpenThought(output);
            WritePart(
                output, "response.reasoning_summary_part.added", _thought, "summary_index", 0, OutputItems.ToSummary(""));
        }

        _text.Append(text);
        WritePiece(output, "response.reasoning_summary_text.delta", _thought, "summary_index", 0, "delta", text);
    }

    /// <summary>A seal closes the open thought, or stands for a hidden one or for what follows it.</summary>
    private void WriteSeal(Seal? seal, IBufferWriter<byte> output)
    {
        if (_thought is null && seal is not null)
        {
            _thought = OpenThought(output);
        }

        CloseThought(seal, output);
    }

    private OpenItem OpenThought(IBufferWriter<byte> output)
    {
        CloseMessage("completed", output);
        CloseWholeCalls(output);
        return Open(output, "rs_", item => json => OutputItems.WriteReasoning(json, item.Id, "", null));
    }

    private void CloseThought(Seal? seal, IBufferWriter<byte> output)
    {
        if (_thought is not { } thought)
        {
            return;
        }

        var text = _text.ToString();
        if (text.Length > 0)
        {
            WritePiece(output, "response.reasoning_summary_text.done", thought, "summary_index", 0, "text", text);
            WritePart(
                output, "response.reasoning_summary_part.done", thought, "summary_index", 0, OutputItems.ToSummary(text));
        }

        _thought = null;
        _text.Clear();
        Close(thought, json => OutputItems.WriteReasoning(json, thought.Id, text, seal), output);
    }
}
