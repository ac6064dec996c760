using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Mercato.Fake;

/// <summary>The right text in difficult bytes.</summary>
internal static partial class ByteFaults
{
    private static readonly ReadOnlyMemory<byte> Spaces = Encoding.ASCII.GetBytes(new string(' ', 1 << 20));

    public static readonly IReadOnlyList<Term> Terms =
    [
        new("crlf", "", "lines end in CR LF") { Change = (answer, _) => WithLineEnds(answer, "\r\n") },
        new("cr", "", "lines end in CR") { Change = (answer, _) => WithLineEnds(answer, "\r") },
        new("mixed-ends", "", "lines end in LF, CR and CR LF by turns") { Change = (answer, _) => WithMixedLineEnds(answer) },
        new("bom", "", "a byte order mark first")
        {
            Change = (answer, _) => answer with
            {
                Length = answer.Length + 3,
                Steps = answer.Steps.Prepend(new Send(new byte[] { 0xEF, 0xBB, 0xBF })),
            },
        },
        new("bad-utf8", "", "bytes that are not UTF-8 inside the content")
        {
            Change = (answer, _) => answer.Each(send =>
                send.Part is Part.Content or Part.Whole ? [send with { Bytes = Spoil(send.Bytes) }] : [send]),
        },
        new("split-utf8", "", "wide words, each character's bytes sent apart")
        {
            Change = (answer, _) => answer.Each(send =>
                send.SplitAt(Enumerable.Range(1, send.Bytes.Length).Where(i => send.Bytes.Span[i - 1] >= 0x80))),
        },
        new("drip", "", "one byte at a time")
        {
            Change = (answer, _) => answer.Each(send => send.Split(send.Bytes.Length)),
        },
        new("gzip", "", "compressed, asked for or not")
        {
            Change = (answer, _) => Compressed(
                answer, answer.Steps.OfType<Send>().Select(send => send.Bytes), Sum(answer.Steps.OfType<Send>())),
        },
        new("bad-gzip", "", "said to be compressed, but is not")
        {
            Change = (answer, _) => answer.With("content-encoding", "gzip"),
        },
        new("gzip-bomb", "=n", "n MiB of spaces, compressed")
        {
            Change = (answer, size) => Compressed(
                answer, Enumerable.Repeat(Spaces, size.Number), new Send(default)),
        },
        new("long-length", "", "content-length says 100 bytes more than come")
        {
            Change = (answer, _) => Misstated(answer, 100, Ending.Closed),
        },
        new("short-length", "", "content-length says 10 bytes less than come")
        {
            Change = (answer, _) => Misstated(answer, -10, Ending.Closed),
        },
    ];

    // In this order a CR is never followed by a bare LF, which would make one line end of two.
    private static Answer WithMixedLineEnds(Answer answer) => WithLineEnds(answer, "\n", "\r", "\r\n");

    private static Answer WithLineEnds(Answer answer, params string[] ends)
    {
        var line = 0;
        return answer.Streamed
            ? answer.Each(send =>
            [
                send with
                {
                    Bytes = Encoding.UTF8.GetBytes(LineEnd().Replace(
                        Encoding.UTF8.GetString(send.Bytes.Span), _ => ends[line++ % ends.Length])),
                },
            ])
            : answer;
    }

    [GeneratedRegex("\r\n|\n")]
    private static partial Regex LineEnd();

    // Only in JSON text does a space stand in our compact bodies, apart from those before the JSON begins.
    private static byte[] Spoil(ReadOnlyMemory<byte> bytes)
    {
        var spoiled = bytes.ToArray();
        var place = Array.LastIndexOf(spoiled, (byte)' ');
        if (place > Array.IndexOf(spoiled, (byte)'{'))
        {
            spoiled[place] = 0xFF;
        }

        return spoiled;
    }

    private static Send Sum(IEnumerable<Send> sends) =>
        new(default, Part.Whole, sends.Sum(send => send.Tokens), sends.Sum(send => send.Content));

    private static Answer Compressed(Answer answer, IEnumerable<ReadOnlyMemory<byte>> blocks, Send counts)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            foreach (var block in blocks)
            {
                zip.Write(block.Span);
            }
        }

        var whole = counts with { Bytes = packed.ToArray() };
        return (answer with { Length = whole.Bytes.Length, Steps = [whole] }).With("content-encoding", "gzip");
    }

    // The server would not let a body contradict its own header, so head and body go to the socket as they are.
    private static Answer Misstated(Answer answer, int by, Ending ending)
    {
        var steps = answer.Steps.ToList();
        var length = steps.OfType<Send>().Sum(send => send.Bytes.Length) + by;
        var head = $"HTTP/1.1 200 OK\r\ncontent-type: {answer.ContentType}\r\ncontent-length: {length}\r\n\r\n";
        return answer with
        {
            Raw = true,
            Steps = [new Send(Encoding.ASCII.GetBytes(head)), .. steps, new Stop(ending)],
        };
    }
}
