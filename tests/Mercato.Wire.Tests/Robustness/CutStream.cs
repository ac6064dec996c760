using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Mercato.Fuzz;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>A stream of about 2 KB in one dialect, read as bytes arrive: all at once or in pieces.</summary>
internal sealed partial class CutStream
{
    private readonly IUpstreamDialect _host;
    private readonly (List<ChatDelta> Steps, List<FrameKind> Kinds, bool MayEnd) _whole;

    public CutStream(string dialect)
    {
        _host = WireFormats.Upstream(WireFormats.Find(dialect)!.Value);
        Bytes = Target.Get(dialect + ".stream").Seeds()[0];
        _whole = Read([]);
    }

    public byte[] Bytes { get; }

    public int Steps => _whole.Steps.Count;

    public bool MayEnd => _whole.MayEnd;

    /// <summary>Whether the stream in these pieces makes the same frames and steps as in one.</summary>
    public bool IsTheSame(ReadOnlySpan<int> cuts)
    {
        var (steps, kinds, mayEnd) = Read(cuts);
        return mayEnd == _whole.MayEnd && kinds.SequenceEqual(_whole.Kinds) && steps.Count == _whole.Steps.Count
            && steps.Zip(_whole.Steps).All(pair => Same(pair.First, pair.Second));
    }

    /// <summary>What a caller gets of it. Ids that are minted anew are named alike.</summary>
    public string Written(IClientDialect caller, ReadOnlySpan<int> cuts) =>
        Relayed(new StreamTranslation(_host.ReadStream(Hosts.Id), caller.WriteStream(Callers.Head)), cuts);

    /// <summary>What a caller of the host's own dialect gets; null when there are none.</summary>
    public string? PassedOn(ReadOnlySpan<int> cuts) =>
        _host is IClientDialect own ? Relayed(own.RelayStream(Callers.Head, showsUsage: true), cuts) : null;

    private string Relayed(IStreamRelay relay, ReadOnlySpan<int> cuts)
    {
        var (output, received) = (new ArrayBufferWriter<byte>(), new Received());
        foreach (var frame in Frames(cuts.ToArray()))
        {
            relay.Take(frame, received, output);
        }

        relay.Finish(new AnswerEnding(received.Finish, received.Usage!, Callers.Cost, true), output);
        return Minted().Replace(Encoding.UTF8.GetString(output.WrittenSpan), "call_minted");
    }

    private (List<ChatDelta> Steps, List<FrameKind> Kinds, bool MayEnd) Read(ReadOnlySpan<int> cuts)
    {
        var reader = _host.ReadStream(Hosts.Id);
        var (steps, kinds) = (new List<ChatDelta>(), new List<FrameKind>());
        foreach (var frame in Frames(cuts.ToArray()))
        {
            kinds.Add(reader.Read(frame, steps));
        }

        return (steps, kinds, reader.MayEnd);
    }

    private IEnumerable<EventFrame> Frames(int[] cuts)
    {
        using var reader = _host.StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();
        var start = 0;
        foreach (var end in cuts.Append(Bytes.Length))
        {
            reader.Push(Bytes.AsSpan(start, end - start));
            start = end;
            while (reader.TryRead(out var frame))
            {
                yield return frame;
            }
        }

        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            yield return frame;
        }
    }

    private static bool Same(ChatDelta one, ChatDelta other) => (one, other) switch
    {
        (ToolCallDelta a, ToolCallDelta b) => a with { Id = Minted().Replace(a.Id, "") } == b with { Id = Minted().Replace(b.Id, "") },
        (AnnotationDelta a, AnnotationDelta b) => a.Json.ToRaw() == b.Json.ToRaw(),
        (OpaqueDelta a, OpaqueDelta b) => a.Json.ToRaw() == b.Json.ToRaw(),
        _ => one == other,
    };

    [GeneratedRegex("call_[0-9a-f]{24,32}")]
    private static partial Regex Minted();
}
