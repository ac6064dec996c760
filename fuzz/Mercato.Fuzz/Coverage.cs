using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Mercato.Fuzz;

/// <summary>
/// Which branches of the instrumented library ran, and about how often. Nothing is ever new when the library is not
/// instrumented. One at a time.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 65_536;

    private static readonly ulong* Map = (ulong*)NativeMemory.AllocZeroed(Size);
    private readonly ulong[] _seen = new ulong[Size / sizeof(ulong)];

    public Coverage() => Attach();

    /// <summary>Kinds of branches seen so far.</summary>
    public int Edges { get; private set; }

    /// <summary>The instrumented library writes from its first instruction on, so this comes before.</summary>
    public static void Attach() => Trace.SharedMem = (byte*)Map;

    public static void Reset()
    {
        new Span<byte>(Map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Notes what ran since the reset; true when some of it never did before.</summary>
    public bool TakeNews()
    {
        var isNew = false;
        for (var index = 0; index < _seen.Length; index++)
        {
            if (Map[index] != 0)
            {
                isNew |= Take(index);
            }
        }

        return isNew;
    }

    /// <summary>Counts matter by their order of magnitude only, or every loop would be news.</summary>
    private bool Take(int index)
    {
        ulong classes = 0;
        for (var shift = 0; shift < 64; shift += 8)
        {
            var count = (byte)(Map[index] >> shift);
            classes |= (ulong)Class(count) << shift;
        }

        var isNew = (classes & ~_seen[index]) != 0;
        for (var shift = 0; isNew && shift < 64; shift += 8)
        {
            Edges += (byte)(_seen[index] >> shift) == 0 && (byte)(classes >> shift) != 0 ? 1 : 0;
        }

        _seen[index] |= classes;
        return isNew;
    }

    private static byte Class(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
