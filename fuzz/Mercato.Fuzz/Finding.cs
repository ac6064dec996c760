using System.Diagnostics;
using System.Security.Cryptography;

namespace Mercato.Fuzz;

/// <summary>Bytes with which something went wrong.</summary>
/// <param name="Input">The bytes.</param>
/// <param name="Problem">What was thrown.</param>
public sealed record Finding(byte[] Input, Exception Problem)
{
    /// <summary>The same for findings with one cause: what was thrown, and where in our own code.</summary>
    public string Cause { get; } = Problem is WrongOutputException ? Problem.Message : $"{Problem.GetType().Name} in {Place(Problem)}";

    /// <summary>Writes the bytes and what happened beside each other.</summary>
    public void Save(string folder)
    {
        var name = Path.Combine(folder, Convert.ToHexString(SHA256.HashData(Input))[..12]);
        File.WriteAllBytes(name + ".input", Input);
        File.WriteAllText(name + ".txt", $"{Cause}\n\n{Problem}\n");
    }

    private static string Place(Exception problem) =>
        new StackTrace(problem).GetFrames().Select(frame => frame.GetMethod())
            .FirstOrDefault(method => method?.DeclaringType?.FullName?.StartsWith("Mercato.Wire", StringComparison.Ordinal) == true)
            is { } method ? $"{method.DeclaringType!.FullName}.{method.Name}" : "the harness";
}
