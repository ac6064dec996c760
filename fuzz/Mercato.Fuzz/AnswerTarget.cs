using Mercato.Wire;

namespace Mercato.Fuzz;

/// <summary>A host's whole body: read, written for callers of all dialects, passed on to callers of its own.</summary>
public static class AnswerTarget
{
    /// <summary>Reads and writes; errors of the host are fine.</summary>
    public static void Run(IUpstreamDialect host, byte[] bytes)
    {
        var body = WellFormed.ToUtf8(bytes);
        var deltas = host.ReadAnswer(body, Hosts.Id);
        WellFormed.Expect(deltas.Count > 0, "The body became nothing.");
        var received = new Received();
        foreach (var delta in deltas)
        {
            received.Take(delta);
        }

        var answer = ChatAnswer.Of(deltas);
        foreach (var caller in Callers.All)
        {
            var written = caller.WriteAnswer(Callers.Head, answer, received.Usage ?? Callers.Counted, Callers.Cost);
            WellFormed.Json(written, $"The answer for {caller.Dialect}");
            var again = new Received();
            caller.ReadAnswer(written, again);
            // A host that says of itself that it failed is told on as failed.
            WellFormed.Expect(again.Error is null || answer.Finish.Reason == FinishReason.Error,
                $"The answer for {caller.Dialect} is read as an error.");
        }

        if (host is IClientDialect own)
        {
            var passed = new Received();
            own.ReadAnswer(body, passed);
            if (passed.Error is null)
            {
                // A member that the host wrote twice stays so.
                WellFormed.Json(own.EditAnswer(body, Callers.Cost, Callers.Counted), "The answer passed on", mayRepeat: true);
            }
        }
    }
}
