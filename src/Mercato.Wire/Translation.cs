using System.Buffers;

namespace Mercato.Wire;

/// <summary>Passes a host's stream on in another dialect: frames become steps of the neutral form, and those become
/// the caller's frames.</summary>
public sealed class StreamTranslation(IStreamReader reader, IStreamWriter writer) : IStreamRelay
{
    private readonly List<ChatDelta> _deltas = [];

    /// <summary>The sealed reasoning before each call, for callers that can't carry it.</summary>
    public ReasoningTrail Trail { get; } = new();

    /// <inheritdoc/>
    public bool MayEnd => reader.MayEnd;

    /// <inheritdoc/>
    public FrameKind Take(in EventFrame frame, Received received, IBufferWriter<byte> output)
    {
        _deltas.Clear();
        var kind = reader.Read(frame, _deltas);
        foreach (var delta in _deltas)
        {
            received.Take(delta);
            Trail.Add(delta);
            if (delta is ErrorDelta)
            {
                return FrameKind.Error;
            }

            if (delta is not (FinishDelta or UsageDelta))
            {
                writer.Write(delta, output);
            }
        }

        received.IsEnded |= kind == FrameKind.End;
        return kind;
    }

    /// <inheritdoc/>
    public void Finish(AnswerEnding ending, IBufferWriter<byte> output) => writer.Finish(ending, output);

    /// <inheritdoc/>
    public void Fail(ErrorAnswer error, bool hasIntegerCode, AnswerEnding ending, IBufferWriter<byte> output) =>
        writer.Fail(error, hasIntegerCode, ending, output);
}
