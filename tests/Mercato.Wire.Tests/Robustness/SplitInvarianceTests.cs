using Mercato.Fuzz;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>
/// How a network cuts a stream changes nothing. Of 2 KB there are two million pairs of cuts: the nightly lane
/// (<c>MERCATO_TEST_LANE=long</c>) tries them all. With each commit come those that lie close together, so that all
/// inside one character, line end, escape or end of an event are among them, and a sample of the others.
/// </summary>
public sealed class SplitInvarianceTests
{
    /// <summary>Longer than a pair of surrogate escapes, 12 bytes, and than <c>CR LF CR LF data: {</c>.</summary>
    private const int Close = 13;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("MERCATO_TEST_LANE") == "long";

    /// <summary>Prime, so that the sample walks through all places of an event.</summary>
    private static readonly int PairStride = IsLong ? 1 : 997;

    /// <summary>Equal steps are written alike; what is sampled here is that they were copied out of the bytes.</summary>
    private static readonly int WritingStride = IsLong ? 1 : 7;

    public static TheoryData<string> Dialects() => [.. WireFormats.Names];

    [Theory]
    [MemberData(nameof(Dialects))]
    public void Example_holdsWhatMayNotBeCut(string dialect)
    {
        var stream = new CutStream(dialect);
        var bytes = stream.Bytes;

        bytes.Length.ShouldBeInRange(1_500, 2_500);
        stream.Steps.ShouldBeGreaterThan(8);
        stream.MayEnd.ShouldBeTrue();
        foreach (var needed in (string[])["\r\n", "\\n", "\\\"", "\\ud83d", "日", "🙂"])
        {
            bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(needed)).ShouldBeGreaterThan(0, needed);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void OneCutAnywhereAndByteByByte_sameSteps(string dialect)
    {
        var stream = new CutStream(dialect);

        stream.IsTheSame([.. Enumerable.Range(1, stream.Bytes.Length - 1)]).ShouldBeTrue("byte by byte");
        for (var cut = 1; cut < stream.Bytes.Length; cut++)
        {
            stream.IsTheSame([cut]).ShouldBeTrue($"cut at {cut}");
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void OneCutAndByteByByte_sameBytesForEveryCaller(string dialect)
    {
        var stream = new CutStream(dialect);
        int[] all = [.. Enumerable.Range(1, stream.Bytes.Length - 1)];
        foreach (var caller in Callers.All)
        {
            var whole = stream.Written(caller, []);
            whole.ShouldContain("look");
            stream.Written(caller, all).ShouldBe(whole, $"{caller.Dialect}, byte by byte");
            for (var cut = 1; cut < stream.Bytes.Length; cut += WritingStride)
            {
                AssertSame(stream.Written(caller, [cut]), whole, $"{caller.Dialect}, cut at {cut}");
            }
        }
    }

    [Fact]
    public void OneCutAnywhereAndByteByByte_sameBytesPassedOn()
    {
        foreach (var caller in Callers.All)
        {
            var stream = new CutStream(WireFormats.NameOf(caller.Dialect));
            var whole = stream.PassedOn([]).ShouldNotBeNull();
            stream.PassedOn([.. Enumerable.Range(1, stream.Bytes.Length - 1)]).ShouldBe(whole);
            for (var cut = 1; cut < stream.Bytes.Length; cut++)
            {
                AssertSame(stream.PassedOn([cut]), whole, $"{caller.Dialect}, cut at {cut}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void TwoCutsCloseTogether_sameSteps(string dialect)
    {
        var stream = new CutStream(dialect);
        for (var first = 1; first < stream.Bytes.Length; first++)
        {
            for (var second = first; second < Math.Min(stream.Bytes.Length, first + Close); second++)
            {
                Try(stream, first, second);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public void TwoCutsFarApart_sameSteps(string dialect)
    {
        var stream = new CutStream(dialect);
        var pair = 0;
        for (var first = 1; first < stream.Bytes.Length; first++)
        {
            for (var second = first + Close; second < stream.Bytes.Length; second++)
            {
                if (pair++ % PairStride == 0)
                {
                    Try(stream, first, second);
                }
            }
        }

        pair.ShouldBeGreaterThan(1_000_000);
    }

    private static void Try(CutStream stream, int first, int second)
    {
        if (!stream.IsTheSame([first, second]))
        {
            Assert.Fail($"Cuts at {first} and {second} give other steps.");
        }
    }

    /// <summary>Thousands of equal texts are compared without an assertion's ado.</summary>
    private static void AssertSame(string? written, string whole, string where)
    {
        if (written != whole)
        {
            written.ShouldBe(whole, where);
        }
    }
}
