using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>What this node learns from each call on the wire, for the calls that follow.</summary>
internal sealed class Experience(OfferHealth health, Stickiness stickiness, ReasoningMemory memory)
{
    public void Begin(Candidate candidate) => health.Tried(candidate);

    public void Learn(GatewayCall call, Candidate candidate, PumpResult result)
    {
        if (result is { End: AnswerEnd.Failed, Error: { } error })
        {
            health.Failed(candidate, error);
        }
        else if (result.End == AnswerEnd.Complete)
        {
            var first = TimeSpan.FromMilliseconds(call.FirstByteMs ?? call.ElapsedMs);
            health.Answered(candidate, first, SpeedOf(call, first));
            stickiness.Remember(call, candidate);
            memory.Remember(candidate.Host.Id, call.Received.Seals);
            if (TrailOf(call, result) is { } trail)
            {
                memory.Remember(call, trail);
            }
        }
    }

    /// <summary>A whole answer comes at once, so only a stream tells how fast tokens are made.</summary>
    private static double? SpeedOf(GatewayCall call, TimeSpan first)
    {
        var rest = TimeSpan.FromMilliseconds(call.ElapsedMs) - first;
        return call.Facts.IsStream && rest > TimeSpan.Zero && call.Received.Usage?.TotalOutput is > 0 and var tokens
            ? tokens / rest.TotalSeconds
            : null;
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
