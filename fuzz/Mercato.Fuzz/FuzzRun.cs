using System.Diagnostics;

namespace Mercato.Fuzz;

/// <summary>
/// Throws changed examples at one target: what reaches branches that nothing reached before becomes an example too. It
/// looks for exceptions, wrong output, memory out of proportion and calls that take very long.
/// </summary>
public sealed class FuzzRun(Target target, int seed)
{
    private const int MaxFindings = 50;

    /// <summary>Far more than any way through the library needs for such small inputs.</summary>
    private const long FixedMemory = 16 * 1024 * 1024;
    private const long MemoryPerByte = 10_000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    private readonly Coverage _coverage = new();
    private readonly List<byte[]> _examples = [];
    private readonly Dictionary<string, Finding> _findings = [];

    /// <summary>Inputs tried.</summary>
    public long Executions { get; private set; }

    /// <summary>Examples, those that were found included.</summary>
    public int Examples => _examples.Count;

    /// <summary>Kinds of branches reached.</summary>
    public int Edges => _coverage.Edges;

    /// <summary>What went wrong, one of each cause.</summary>
    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>Called with every input before it is tried, so that one which ends the process is known.</summary>
    public Action<byte[]> Begins { get; init; } = _ => { };

    /// <summary>Called with every example that was found.</summary>
    public Action<byte[]> Finds { get; init; } = _ => { };

    /// <summary>Runs as long as <paramref name="goesOn"/> says.</summary>
    /// <param name="more">Examples of earlier runs.</param>
    /// <param name="goesOn">Whether to try another.</param>
    public void Run(IEnumerable<byte[]> more, Func<bool> goesOn)
    {
        var seeds = target.Seeds();
        var mutation = new Mutation(seed, seeds);
        foreach (var example in seeds.Concat(more))
        {
            Try(example);
            _examples.Add(example);
        }

        while (goesOn() && _findings.Count < MaxFindings)
        {
            var input = mutation.Change(Pick(mutation), Pick(mutation));
            if (Try(input))
            {
                _examples.Add(input);
                Finds(input);
            }
        }
    }

    /// <summary>Every second time one of the newest, which nobody has changed much yet.</summary>
    private byte[] Pick(Mutation mutation) => mutation.Next(2) == 0
        ? _examples[mutation.Next(_examples.Count)]
        : _examples[^(1 + mutation.Next(Math.Min(16, _examples.Count)))];

    /// <summary>Whether the input reached something new.</summary>
    private bool Try(byte[] input)
    {
        Executions++;
        Begins(input);
        Coverage.Reset();
        var (memory, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        try
        {
            target.Run(input);
            memory = GC.GetAllocatedBytesForCurrentThread() - memory;
            WellFormed.Expect(memory <= FixedMemory + (MemoryPerByte * input.Length), "It takes memory out of proportion.");
            WellFormed.Expect(clock.Elapsed <= MaxTime, "It takes very long.");
        }
#pragma warning disable CA1031 // Whatever is thrown is what we are here for.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            var finding = new Finding(input, problem);
            if (!_findings.TryGetValue(finding.Cause, out var known) || known.Input.Length > input.Length)
            {
                _findings[finding.Cause] = finding;
            }

            return false;
        }

        return _coverage.TakeNews();
    }
}
