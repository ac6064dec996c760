using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>Puts the candidates of one model in the order in which they are tried.</summary>
internal sealed class OfferOrder(OfferHealth health)
{
    /// <summary>A call goes to no offer dearer than this over the first unless the caller asked for it.</summary>
    private const int PriceGuardPercent = 125;

    /// <summary>
    /// Own keys first, fallback keys last; between them credits, when there is no own key or it allows them. Within
    /// each: the caller's order, then who does not rest after failures, then the measure that the caller sorts by, or
    /// the offer that holds the conversation's cache; then confirmed prices before single-source ones, then the
    /// cheapest.
    /// </summary>
    public List<Candidate> Sort(
        List<Candidate> candidates, ProviderWishes wishes, string? suffix, string? sticky)
    {
        var sort = suffix switch { ":floor" => "price", ":nitro" => "throughput", _ => wishes.Sort };
        var own = candidates.Where(candidate => candidate.OwnKey is { IsFallback: false }).ToList();
        var creditsAllowed = own.Count == 0 || own.Any(candidate => candidate.OwnKey!.FallbackToCredits);
        var sorted = candidates
            .Where(candidate => candidate.IsByok || creditsAllowed)
            .OrderBy(candidate => candidate.OwnKey switch { { IsFallback: false } => 0, null => 1, _ => 2 })
            .ThenBy(candidate => Place(wishes.Order, candidate.Host.Id))
            .ThenBy(health.IsResting)
            .ThenBy(candidate => Measure(candidate, sort))
            .ThenBy(candidate => sort is null && candidate.Offer?.Id != sticky)
            .ThenBy(candidate => sort != "price" && candidate.Price?.IsConfirmed != true)
            .ThenBy(candidate => candidate.BlendedPico)
            .ThenBy(candidate => candidate.Offer?.FirstParty != true)
            .Select((candidate, place) => candidate with { Reason = ReasonFor(candidate, place, wishes, sort, sticky) })
            .ToList();
        if (wishes.AllowFallbacks == false)
        {
            return sorted[..1];
        }

        if (wishes.Order.Count > 0 || sort is not null)
        {
            return sorted;
        }

        var first = sorted.FirstOrDefault(candidate => !candidate.IsByok)?.BlendedPico ?? Int128.MaxValue;
        return [.. sorted.Where(candidate => candidate.IsByok || first == Int128.MaxValue
            || candidate.BlendedPico * 100 <= first * PriceGuardPercent)];
    }

    /// <summary>Why a candidate stands where it stands.</summary>
    private string ReasonFor(Candidate candidate, int place, ProviderWishes wishes, string? sort, string? sticky) =>
        candidate switch
        {
            { IsByok: true } => candidate.Reason,
            _ when wishes.Order.Contains(candidate.Host.Id) => "your order of providers",
            _ when health.IsResting(candidate) => "rests after failures",
            _ when sort == "price" => "your sort by price",
            _ when sort is not null && Measure(candidate, sort) < double.MaxValue => $"your sort by {sort}",
            _ when sort is not null => "not measured lately",
            { Offer.Id: var offer } when offer == sticky => "served this conversation before",
            { Price.IsConfirmed: true } => place == 0 ? "cheapest confirmed offer" : "next cheapest confirmed offer",
            _ => "price from a single source",
        };

    /// <summary>What was never measured comes last.</summary>
    private double Measure(Candidate candidate, string? sort) => sort switch
    {
        "latency" => health.LatencyMs(candidate) ?? double.MaxValue,
        "throughput" => -health.TokensPerSecond(candidate) ?? double.MaxValue,
        _ => 0,
    };

    private static int Place(IReadOnlyList<string> order, string provider)
    {
        for (var i = 0; i < order.Count; i++)
        {
            if (order[i] == provider)
            {
                return i;
            }
        }

        return order.Count;
    }
}
