using System.Buffers;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

public sealed partial class OpenAiResponsesDialect
{
    /// <inheritdoc/>
    public IStreamRelay RelayStream(AnswerHead head, bool showsUsage) => new ResponsesRelay(head);
}

/// <summary>
/// Passes a host's events on as they are. Two things wait: the events that only say that an answer begins, until
/// something comes of it, so that another host can be tried when nothing does; and the terminal event, for the bill.
/// </summary>
internal sealed class ResponsesRelay(AnswerHead head) : IStreamRelay
{
    private readonly ResponsesReader _reader = new("");
    private readonly List<ChatDelta> _deltas = [];
    private readonly ArrayBufferWriter<byte> _opening = new();
    private byte[]? _response;
    private byte[]? _last;
    private byte[]? _lastEvent;

    /// <inheritdoc/>
    public bool MayEnd => _reader.MayEnd;

    /// <inheritdoc/>
    public FrameKind Take(in EventFrame frame, Received received, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(received);
        if (_last is not null)
        {
            // Nothing that comes behind the end is part of the answer.
            return FrameKind.Comment;
        }

        _deltas.Clear();
        var kind = _reader.Read(frame, _deltas);
        foreach (var delta in _deltas)
        {
            received.Take(delta);
        }

        switch (kind)
        {
            case FrameKind.End:
                received.IsEnded = true;
                (_last, _lastEvent) = (frame.Data.ToArray(), frame.Event.ToArray());
                break;
            case FrameKind.Error:
                _response = ResponseOf(frame.Data) ?? _response;
                return kind;
            case FrameKind.Piece when _reader.IsOpening && _opening.WrittenCount < MaxOpening:
                _response ??= ResponseOf(frame.Data);
                frame.WriteTo(_opening);
                return kind;
            case FrameKind.Piece:
                Open(output);
                frame.WriteTo(output);
                break;
            case FrameKind.Comment when frame.HasData:
            case FrameKind.Garbage:
                break;
            default:
                frame.WriteTo(output);
                break;
        }

        return kind;
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(ending);
        Open(output);
        if (_last is null)
        {
            return;
        }

        var last = _last;
        if (ending.Cost is { } cost && JsonSplice.Read(last) is { } splice
            && splice.FindValue("response") is { } response && JsonSplice.Read(response) is { } inner)
        {
            CostMembers.Set(inner, cost, ResponseObject.WriteUsage(ending.Usage));
            OpenAiResponsesDialect.NameConversation(inner, head.Members);
            last = splice.Set("response", inner.ToBytes()).ToBytes();
        }

        EventStreamWriter.WriteEvent(output, last, _lastEvent);
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(error);
        ArgumentNullException.ThrowIfNull(ending);
        var next = _opening.WrittenCount > 0 ? 0 : (_reader.Sequence ?? -1) + 1;
        new ResponseEvents(next).WriteFailure(output, error, Failed(error, ending));
    }

    private const int MaxOpening = 1024 * 1024;

    private void Open(IBufferWriter<byte> output)
    {
        output.Write(_opening.WrittenSpan);
        _opening.ResetWrittenCount();
    }

    /// <summary>The response as the host showed it last, with our words for the error: the host's may tell what is
    /// not the caller's.</summary>
    private byte[] Failed(ErrorAnswer error, AnswerEnding ending)
    {
        if (_response is null || JsonSplice.Read(_response) is not { } splice)
        {
            return ResponseObject.Write(
                head, new("failed", null, error), [], ending.Cost is null ? null : ending.Usage, ending.Cost);
        }

        splice.SetText("status", "failed").Set("error", JsonWriting.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("code", ResponseObject.CodeOf(error));
            json.WriteString("message", error.Message);
            json.WriteEndObject();
        }));
        if (ending.Cost is { } cost)
        {
            CostMembers.Set(splice, cost, ResponseObject.WriteUsage(ending.Usage));
        }

        return splice.ToBytes();
    }

    private static byte[]? ResponseOf(ReadOnlyMemory<byte> data) =>
        JsonMembers.Read(data)?.FindValue("response")?.ToArray();
}
