using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SharpFuzz;

namespace Mercato.Fuzz;

/// <summary>The commands that <c>run.sh</c> uses.</summary>
internal static class Program
{
    private const string Usage = """
        Mercato.Fuzz list                               the targets
        Mercato.Fuzz instrument LIBRARY                 makes a copy of Mercato.Wire.dll count its branches
        Mercato.Fuzz run TARGET MINUTES FOLDER [SEED]   looks for trouble; examples and findings go into FOLDER
        Mercato.Fuzz once TARGET FILE                   tries one input again
        """;

    private static int Main(string[] arguments)
    {
        Coverage.Attach();
        switch (arguments)
        {
            case ["list"]:
                Console.WriteLine(string.Join('\n', Target.All.Select(target => target.Name)));
                return 0;
            case ["instrument", var library]:
                Fuzzer.Instrument(library, _ => true, Options.Value);
                return 0;
            case ["run", var target, var minutes, var folder, .. var rest]:
                var time = TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture));
                return Run(Target.Get(target), time, folder, rest is [var seed] ? int.Parse(seed, CultureInfo.InvariantCulture) : 1);
            case ["once", var target, var file]:
                Target.Get(target).Run(File.ReadAllBytes(file));
                Console.WriteLine("Nothing is wrong.");
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static int Run(Target target, TimeSpan time, string folder, int seed)
    {
        var (known, findings) = (Directory.CreateDirectory(Path.Combine(folder, "examples", target.Name)).FullName,
            Directory.CreateDirectory(Path.Combine(folder, "findings", target.Name)).FullName);
        using var last = File.OpenHandle(Path.Combine(findings, "last"), FileMode.Create, FileAccess.Write);
        var run = new FuzzRun(target, seed)
        {
            Begins = input =>
            {
                RandomAccess.SetLength(last, input.Length);
                RandomAccess.Write(last, input, 0);
            },
            Finds = input => File.WriteAllBytes(
                Path.Combine(known, Convert.ToHexString(SHA256.HashData(input))[..16]), input),
        };
        var clock = Stopwatch.StartNew();
        run.Run([.. Directory.GetFiles(known).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)], () => clock.Elapsed < time);
        foreach (var finding in run.Findings)
        {
            finding.Save(findings);
            Console.WriteLine($"{target.Name}: {finding.Cause}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{target.Name}: {clock.Elapsed.TotalMinutes:0.0} min, {run.Executions} executions, {run.Edges} branches, {run.Examples} examples, {run.Findings.Count} findings"));
        return run.Findings.Count == 0 ? 0 : 1;
    }
}
