using Mercato.Fuzz;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>A short run of every fuzz target, the same each time; long ones are <c>fuzz/run.sh</c>'s.</summary>
public sealed class FuzzTests
{
    private const int Executions = 300;

    public static TheoryData<string> Names() => [.. Target.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ChangedExamples_findNothing(string target)
    {
        var run = new FuzzRun(Target.Get(target), seed: 1);

        run.Run([], () => run.Executions < Executions);

        run.Findings.Select(finding => $"{finding.Cause}: {Convert.ToBase64String(finding.Input)}").ShouldBeEmpty();
        run.Executions.ShouldBe(Executions);
    }

    [Fact]
    public void ExceptionOutOfATarget_isAFindingWithItsInput()
    {
        var run = new FuzzRun(new Target("gemini.stream", body => Throw(body.Length % 2 == 0)), seed: 1);

        run.Run([], () => run.Executions < 100);

        var finding = run.Findings.ShouldHaveSingleItem();
        finding.Problem.ShouldBeOfType<ArithmeticException>();
        (finding.Input.Length % 2).ShouldBe(0);
    }

    [Fact]
    public void MemoryOutOfProportion_isAFinding()
    {
        var run = new FuzzRun(new Target("images.request", body => GC.KeepAlive(new byte[64 * 1024 * 1024])), seed: 1);

        run.Run([], () => run.Executions < 2);

        run.Findings.ShouldHaveSingleItem().Cause.ShouldBe("It takes memory out of proportion.");
    }

    private static void Throw(bool does)
    {
        if (does)
        {
            throw new ArithmeticException();
        }
    }
}
