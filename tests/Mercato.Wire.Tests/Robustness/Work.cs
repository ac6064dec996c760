using System.Diagnostics;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>How work grows with its input, by what it allocates and by processor time. Nothing else may run beside it.</summary>
internal static class Work
{
    private const int Attempts = 6;
    private const double MaxRatio = 15;

    /// <summary>The collector's share grows with all that is alive, so that honest work came to 16; what is quadratic comes
    /// to 100.</summary>
    private const double MaxTimeRatio = 25;

    /// <summary>Below this, pools and tables of fixed size are all that is measured.</summary>
    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(10);

    /// <summary>Fails when ten times the input makes far more than ten times the work.</summary>
    public static void ShouldGrowWithItsInput(byte[] small, byte[] large, Action<byte[]> work)
    {
        work(small);
        var (less, more) = (Measure(small, work), Measure(large, work));
        // Others use the machine too, and the collector runs when it likes: the best of some attempts counts.
        for (var attempt = 1; attempt < Attempts && Ratio(more.Time, less.Time) > MaxTimeRatio; attempt++)
        {
            less = Best(less, Measure(small, work));
            more = Best(more, Measure(large, work));
        }

        // Buffers that double hold a few copies of the input at each step of the way, and small ones come from pools.
        ((double)more.Memory / Math.Max(less.Memory, 16L * small.Length)).ShouldBeLessThan(MaxRatio, "memory");
        Ratio(more.Time, less.Time).ShouldBeLessThan(MaxTimeRatio, $"time: {more.Time} after {less.Time}");
    }

    private static double Ratio(TimeSpan more, TimeSpan less) => more / (less > LeastTime ? less : LeastTime);

    private static (TimeSpan Time, long Memory) Best((TimeSpan Time, long Memory) one, (TimeSpan Time, long Memory) other) =>
        (one.Time < other.Time ? one.Time : other.Time, Math.Min(one.Memory, other.Memory));

    private static (TimeSpan Time, long Memory) Measure(byte[] input, Action<byte[]> work)
    {
        using var process = Process.GetCurrentProcess();
        var (time, memory) = (process.TotalProcessorTime, GC.GetAllocatedBytesForCurrentThread());
        work(input);
        memory = GC.GetAllocatedBytesForCurrentThread() - memory;
        process.Refresh();
        return (process.TotalProcessorTime - time, memory);
    }
}
