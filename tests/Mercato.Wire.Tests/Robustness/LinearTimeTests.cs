using System.Buffers;
using Mercato.Fuzz;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>Runs after all others, because it measures the whole process.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

/// <summary>
/// Ten times the bytes are about ten times the work, whatever their shape. The nightly lane
/// (<c>MERCATO_TEST_LANE=long</c>) does it with 10 MB for all; with each commit it is 1 MB, and 10 MB where the reader of
/// frames itself has to keep much.
/// </summary>
[Collection<Alone>]
public sealed class LinearTimeTests
{
    private const int Large = 10_000_000;
    private const int Piece = 64 * 1024;

    private static readonly int Usual = Environment.GetEnvironmentVariable("MERCATO_TEST_LANE") == "long" ? Large : Large / 10;

    public static MatrixTheoryData<string, string> Streams() => new(WireFormats.Names, Shapes.Streams.Keys);

    public static MatrixTheoryData<string, string> Answers() => new(WireFormats.Names, Shapes.Answers.Keys);

    public static MatrixTheoryData<string, string> Requests() =>
        new(Callers.All.Select(caller => WireFormats.NameOf(caller.Dialect)), LargeRequests.Shapes.Keys);

    [Theory]
    [MemberData(nameof(Streams))]
    public void Stream_inLinearTime(string name, string shape) => TryStream(name, shape, Usual);

    [Theory]
    [InlineData("one line")]
    [InlineData("one comment")]
    [InlineData("lines of data")]
    public void FrameOfTenMegabytes_inLinearTime(string shape) => TryStream("openai-chat", shape, Large);

    private static void TryStream(string name, string shape, int bytes)
    {
        var dialect = WireFormats.Find(name)!.Value;
        var host = WireFormats.Upstream(dialect);

        Work.ShouldGrowWithItsInput(Shapes.Streams[shape](dialect, bytes / 10), Shapes.Streams[shape](dialect, bytes), stream =>
        {
            foreach (var caller in Callers.All)
            {
                Read(host, new StreamTranslation(host.ReadStream(Hosts.Id), caller.WriteStream(Callers.Head)), stream);
            }

            if (host is IClientDialect own)
            {
                Read(host, own.RelayStream(Callers.Head, showsUsage: true), stream);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Request_inLinearTime(string name, string shape)
    {
        var caller = Callers.All.Single(caller => WireFormats.NameOf(caller.Dialect) == name);

        Work.ShouldGrowWithItsInput(
            LargeRequests.Shapes[shape](caller.Dialect, Usual / 10), LargeRequests.Shapes[shape](caller.Dialect, Usual),
            body => Translate(caller, body));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answer_inLinearTime(string name, string shape)
    {
        var dialect = WireFormats.Find(name)!.Value;

        Work.ShouldGrowWithItsInput(
            Shapes.Answers[shape](dialect, Usual / 10), Shapes.Answers[shape](dialect, Usual),
            body => AnswerTarget.Run(WireFormats.Upstream(dialect), body));
    }

    /// <summary>Read, edited for a host of the same dialect, written for one host of each other.</summary>
    private static void Translate(IClientDialect caller, byte[] body)
    {
        if (caller.ReadRequest(body).Facts is not { } facts)
        {
            return;
        }

        caller.EditRequest(facts, new RequestEdits("its-model", new HostQuirks(), 50, true, Hosts.Id));
        if (caller.ReadChat(facts).Chat is { } chat)
        {
            foreach (var host in Hosts.All)
            {
                host.WriteRequest(chat, new HostTarget(Hosts.Id, "large", new HostQuirks(), 8_000));
            }
        }
    }

    /// <summary>As the gateway does: what is written leaves with every frame.</summary>
    private static void Read(IUpstreamDialect host, IStreamRelay relay, byte[] stream)
    {
        var (output, received) = (new ArrayBufferWriter<byte>(), new Received());
        using var reader = host.StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();
        for (var start = 0; start < stream.Length; start += Piece)
        {
            reader.Push(stream.AsSpan(start, Math.Min(Piece, stream.Length - start)));
            while (reader.TryRead(out var frame))
            {
                relay.Take(frame.ToUtf8(), received, output);
                output.ResetWrittenCount();
            }
        }

        relay.Finish(new AnswerEnding(received.Finish, received.Usage ?? Callers.Counted, Callers.Cost, true), output);
    }
}
