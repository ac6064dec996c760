using System.Buffers;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// Passes a stream on as the bytes that come. A frame with usage waits for the next frame or the end, so that the bill
/// can be written into it.
/// </summary>
internal sealed class ChunkRelay(AnswerHead head, bool showsUsage) : IStreamRelay
{
    private Received? _received;
    private byte[]? _held;
    private bool _heldHasChoices;

    /// <inheritdoc/>
    public bool MayEnd => _received?.HasFinished == true;

    /// <inheritdoc/>
    public FrameKind Take(in EventFrame frame, Received received, IBufferWriter<byte> output)
    {
        _received = received;
        var reading = OpenAiChatDialect.ReadFrame(frame, received);
        switch (reading.Kind)
        {
            case FrameKind.Comment:
                // Nothing of the answer follows, so a held frame may still be the last.
                frame.WriteTo(output);
                break;
            case FrameKind.Piece:
                Release(output);
                Pass(frame, reading, output);
                break;
        }

        return reading.Kind;
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output)
    {
        WriteUsage(ending, output);
        output.Write(OpenAiChatDialect.DoneFrame.Span);
    }

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output)
    {
        WriteUsage(ending, output);
        output.Write(OpenAiChatDialect.WriteErrorFrame(error, hasIntegerCode));
    }

    private void Pass(in EventFrame frame, FrameReading reading, IBufferWriter<byte> output)
    {
        if (reading.HasUsage)
        {
            (_held, _heldHasChoices) = (frame.Data.ToArray(), reading.HasChoices);
        }
        else
        {
            frame.WriteTo(output);
        }
    }

    // Another frame follows, so the held one was not the last: it leaves without a bill.
    private void Release(IBufferWriter<byte> output)
    {
        if (_held is { } held && showsUsage)
        {
            EventStreamWriter.WriteEvent(output, held);
        }
        else
        {
            WriteHeldChoices(output);
        }

        _held = null;
    }

    private void WriteHeldChoices(IBufferWriter<byte> output)
    {
        if (_held is { } held && _heldHasChoices)
        {
            output.Write(OpenAiChatDialect.CutUsage(held));
        }
    }

    private void WriteUsage(AnswerEnding ending, IBufferWriter<byte> output)
    {
        if (!ending.ShowsUsage)
        {
            WriteHeldChoices(output);
        }
        else if (_held is null)
        {
            var own = head with { Id = _received?.UpstreamId ?? head.Id, Model = _received?.Model ?? head.Model };
            output.Write(OpenAiChatDialect.WriteUsageFrame(own, ending.Usage, ending.Cost));
        }
        else if (ending.Cost is { } cost)
        {
            output.Write(OpenAiChatDialect.WriteUsageFrame(_held, cost, ending.Usage));
        }
        else
        {
            EventStreamWriter.WriteEvent(output, _held);
        }
    }
}
