using System.Collections.Immutable;
using Mercato.Catalog;

namespace Mercato.Recommend;

/// <summary>Puts the figures behind a candidate's score into sentences.</summary>
internal static class Reasons
{
    /// <summary>Quality first, then price, then what else a choice depends on.</summary>
    /// <param name="candidate">The model.</param>
    /// <param name="wish">What it is judged for.</param>
    /// <param name="skills">Where its standing comes from.</param>
    /// <param name="priced">How many models of the ranking have a known price.</param>
    public static ImmutableArray<Reason> Of(Candidate candidate, Wish wish, SkillTable skills, int priced)
    {
        var reasons = new List<Reason> { Quality(candidate, wish.Task.Category, skills), Price(candidate, priced) };
        if (candidate.Speed is { } speed)
        {
            var rank = Ordinal(speed.Score);
            var text = $"{rank} percentile in published call times ({Count(speed.Benchmarks)}, {speed.AsOf})";
            reasons.Add(new Reason("speed", text, Source(skills.Rows(candidate.Item.Model, ["speed"]))));
        }

        if (candidate.Context is { } context && candidate.Item.Model.IsChat)
        {
            var used = wish.Task.ExpectedInputTokens + wish.Task.ExpectedOutputTokens;
            var text = $"Context of {context:N0} tokens; this request takes about {used:N0}";
            reasons.Add(new Reason("context", text, null));
        }

        var needs = wish.Task.Needs.Union(wish.Preferences.Needs ?? [])
            .ToLookup(need => Needs.Meets(candidate.Item.Model, need), need => need.Replace('_', ' '));
        foreach (var group in needs)
        {
            var opening = group.Key ? "Has " : "Not known to have ";
            reasons.Add(new Reason("needs", opening + string.Join(", ", group), null));
        }

        if (candidate.Item.Model.Status != ListingStatus.Active) reasons.Add(Status(candidate.Item.Model));
        if (Missing(candidate) is { } missing) reasons.Add(new Reason("availability", missing, null));
        return [.. reasons];
    }

    public static Band BandOf(Skill? skill) => skill switch
    {
        null => Band.Unknown,
        { Worth: >= 70, Level: not EvidenceLevel.General } => Band.Strong,
        { Worth: >= 55 } => Band.Good,
        _ => Band.Fair,
    };

    /// <summary>3rd, 22nd, 83rd.</summary>
    public static string Ordinal(decimal number)
    {
        var whole = (int)decimal.Round(number);
        if ((whole % 100) is 11 or 12 or 13) return whole + "th";
        return whole + (whole % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
    }

    private static Reason Quality(Candidate candidate, string category, SkillTable skills)
    {
        var task = candidate.Item.Model.IsChat ? category : $"{Catalog.Names.Of(candidate.Item.Model.Kind)} models";
        if (candidate.Skill is not { } skill) return new Reason("quality", $"No evidence yet for {task}", null);
        var rows = skills.Rows(candidate.Item.Model, skill.Tasks).ToList();
        var newest = rows.MaxBy(it => it.Date)!;
        var licences = string.Join(", ", rows.Select(it => it.Licence.Split(" (")[0]).Distinct());
        var what = skill.Level == EvidenceLevel.General && skill.Tasks.Length > 2
            ? $"the {skill.Tasks.Length} measured tasks" : string.Join(" and ", skill.Tasks);
        var from = (skill.Benchmarks == 1 ? "" : $"mean of {skill.Benchmarks} benchmarks, newest ") + newest.Benchmark;
        var text = $"{Ordinal(skill.Percentile)} percentile in {what} ({from}, {newest.Date}, {licences})";
        if (skill.Level != EvidenceLevel.Direct) text += $"; nothing was measured for {task} itself";
        return new Reason("quality", text, Source(rows));
    }

    private static Reason Price(Candidate candidate, int priced)
    {
        var price = candidate.Item.Price;
        var asOf = price?.AsOf is { } day ? $", as of {day}" : "";
        var source = price is null ? null : (price.Source ?? Names.Of(price.Confidence)) + asOf;
        if (candidate.Cost is not { } cost) return new Reason("price", "Price unknown", source);
        var rank = candidate.PriceRank == 1 ? "cheapest" : Ordinal(candidate.PriceRank!.Value) + " cheapest";
        var doubt = price!.IsConfirmed ? "" : $"; the price is {Names.Of(price.Confidence)}";
        var amount = cost.Nano == 0 ? "Free" : $"${cost} for this request";
        return new Reason("price", $"{amount}, {rank} of {priced}{doubt}", source);
    }

    private static Reason Status(Model model)
    {
        var until = model.RetirementDate is { } date ? $"; may be withdrawn from {date}" : "";
        return new Reason("status", $"Listed as {Names.Of(model.Status).Replace('_', ' ')}{until}", null);
    }

    private static string? Missing(Candidate candidate) => candidate.Item.Availability switch
    {
        Availability.NeedsKey => $"Needs a key for {candidate.Item.Offer?.Provider}: add your own, or ask the operator",
        Availability.LocalMissing => $"Runs on {candidate.Item.Offer?.Provider}, where it is not installed",
        Availability.Unpriced => "Not sold while its price is unknown or disputed",
        _ => null,
    };

    private static string Count(int benchmarks) => benchmarks == 1 ? "1 benchmark" : $"{benchmarks} benchmarks";

    private static string Source(IEnumerable<Evidence> rows) =>
        string.Join("; ", rows.Select(row => row.Source).Distinct().Take(3));
}
