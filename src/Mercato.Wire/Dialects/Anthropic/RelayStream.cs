using System.Buffers;

namespace Mercato.Wire.Dialects.Anthropic;

public sealed partial class AnthropicDialect
{
    /// <inheritdoc/>
    public IStreamRelay RelayStream(AnswerHead head, bool showsUsage) => new AnthropicRelay();
}

/// <summary>
/// Passes a host's events on as the bytes that came. The end, from <c>message_delta</c> on, is held until it is paid
/// for; keep-alives don't wait with it.
/// </summary>
internal sealed class AnthropicRelay : IStreamRelay
{
    private readonly AnthropicStreamReader _reader = new("");
    private readonly List<ChatDelta> _deltas = [];
    private readonly List<HeldFrame> _held = [];
    private bool _hasCalls;

    /// <inheritdoc/>
    public bool MayEnd => _reader.MayEnd;

    /// <inheritdoc/>
    public FrameKind Take(in EventFrame frame, Received received, IBufferWriter<byte> output)
    {
        _deltas.Clear();
        var kind = _reader.Read(frame, _deltas);
        foreach (var delta in _deltas)
        {
            received.Take(delta);
        }

        received.IsEnded |= kind == FrameKind.End;
        if (kind is FrameKind.Error or FrameKind.Garbage)
        {
            return kind;
        }

        _hasCalls = received.ToolCalls > 0;
        if (_reader.Type is "message_delta" or "message_stop")
        {
            var isDelta = _reader.Type == "message_delta";
            if (isDelta)
            {
                // Only the last one waits, or a host that repeats them without end would fill our memory.
                Release(output);
            }

            var raw = new ArrayBufferWriter<byte>(frame.Raw.Length + 2);
            frame.WriteTo(raw);
            _held.Add(new HeldFrame(isDelta, raw.WrittenMemory, frame.Data.ToArray()));
        }
        else if (kind != FrameKind.End)
        {
            if (_reader.Type is "message_start" or "content_block_start")
            {
                // That was not the end after all: some hosts send several messages in one stream.
                Release(output);
            }

            frame.WriteTo(output);
        }

        return kind;
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        var last = _held.FindLastIndex(frame => frame.HasUsage);
        if (last < 0)
        {
            AnthropicStreamWriter.WriteEnd(ending, _hasCalls, output);
            return;
        }

        if (ending.Cost is { } cost)
        {
            var data = AnthropicDialect.Instance.EditAnswer(_held[last].Data, cost, ending.Usage);
            _held[last] = _held[last] with { Raw = EventStreamWriter.ToEvent(data, "message_delta"u8) };
        }

        var hasStop = last < _held.Count - 1;
        Release(output);
        if (!hasStop)
        {
            EventStreamWriter.WriteEvent(output, """{"type":"message_stop"}"""u8, "message_stop"u8);
        }
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output) =>
        EventStreamWriter.WriteEvent(output, AnthropicDialect.WriteError(error, ending), "error"u8);

    private void Release(IBufferWriter<byte> output)
    {
        foreach (var frame in _held)
        {
            output.Write(frame.Raw.Span);
        }

        _held.Clear();
    }

    private readonly record struct HeldFrame(bool HasUsage, ReadOnlyMemory<byte> Raw, byte[] Data);
}
