using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>What this node learns from each call on the wire, for the calls that follow.</summary>
internal sealed class Experience(OfferHealth health, Stickiness stickiness, ReasoningMemory memory)
{
    public void Begin(GatewayCall call, Candidate candidate)
    {
        call.TriedAtMs = call.ElapsedMs;
        health.Tried(candidate);
    }

    public void Learn(GatewayCall call, Candidate candidate, PumpResult result)
    {
        if (result is { End: AnswerEnd.Failed, Error: { } error })
        {
            health.Failed(candidate, error);
        }
        else if (result.End == AnswerEnd.Complete)
        {
            health.Answered(candidate);
            Measure(call, candidate);
            stickiness.Remember(call, candidate);
            memory.Remember(candidate.Host.Id, call.Received.Seals);
            if (TrailOf(call, result) is { } trail)
            {
                memory.Remember(call, candidate.Host.Id, trail);
            }
        }
    }

    /// <summary>A whole answer comes at once, so only a stream tells how fast a host is. What others took before it
    /// is not its own time.</summary>
    private void Measure(GatewayCall call, Candidate candidate)
    {
        if (!call.Facts.IsStream || call.FirstByteMs is not { } firstMs)
        {
            return;
        }

        var rest = TimeSpan.FromMilliseconds(call.ElapsedMs - firstMs);
        health.Measured(candidate, TimeSpan.FromMilliseconds(Math.Max(0, firstMs - call.TriedAtMs)),
            rest > TimeSpan.Zero && call.Received.Usage?.TotalOutput is > 0 and var tokens
                ? tokens / rest.TotalSeconds
                : null);
    }

    private static ReasoningTrail? TrailOf(GatewayCall call, PumpResult result)
    {
        if (result.Deltas is not { } deltas)
        {
            return (call.Relay as StreamTranslation)?.Trail;
        }

        var trail = new ReasoningTrail();
        foreach (var delta in deltas)
        {
            trail.Add(delta);
        }

        return trail;
    }
}
