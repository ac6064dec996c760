using System.Collections.Immutable;
using Mercato.Catalog;
using Budget = Mercato.Accounts.Budget;
using Names = Mercato.Catalog.Names;

namespace Mercato.Recommend;

/// <summary>
/// The local model <c>mercato/assistant</c>: it answers questions about the catalog from the catalog, and says so.
/// Pure: the same question over the same catalog at the same moment has the same answer.
/// </summary>
public static class Assistant
{
    private const int Listed = 5;

    /// <summary>The confidence from which a text is taken to describe a task.</summary>
    private const decimal Sure = 0.3m;

    /// <summary>Answers in Markdown, in English; never empty.</summary>
    /// <param name="question">The caller's last message.</param>
    /// <param name="catalog">Where every figure comes from.</param>
    /// <param name="reach">What the caller can call.</param>
    /// <param name="now">Decides which prices are in force.</param>
    public static string Answer(string question, CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var asked = AssistantQuestion.Read(question, catalog);
        var view = asked.Mentions.Select(model => catalog.Search.View(model, reach, now)).ToImmutableArray();
        return asked switch
        {
            _ when string.IsNullOrWhiteSpace(question) || asked.Is("asker") => AssistantText.Introduction(""),
            _ when view.Length > 1 || (view.Length == 1 && asked.Is("compares")) => Compare(asked, view, catalog),
            _ when view.Length == 1 && asked.Is("hosts") => Offers(view[0].Model, catalog, reach, now),
            _ when view.Length == 1 && asked.Is("prices") => PriceOf(view[0]),
            _ when asked.Is("counts") => Counts(catalog, reach, now),
            _ when view.IsEmpty && asked.Is("free") => List(asked, "free", catalog, reach, now),
            _ when view.IsEmpty && asked.Is("superlative") && !asked.Is("purpose") =>
                List(asked, Order(asked), catalog, reach, now),
            _ when asked.Is("wants") || (view.IsEmpty && asked.Is("superlative")) =>
                Suggest(asked, "", catalog, reach, now),
            _ when view.Length == 1 => Card(view[0], catalog),
            _ when asked.Is("lists") || !asked.Authors.IsEmpty || !asked.Providers.IsEmpty =>
                List(asked, "", catalog, reach, now),
            _ when TaskAnalysis.Of(asked.Text).Confidence >= Sure =>
                Suggest(asked, AssistantText.CannotDo, catalog, reach, now),
            _ => AssistantText.Introduction(" I did not find a question about models in your message."),
        };
    }

    private static string Order(AssistantQuestion asked) => asked switch
    {
        _ when asked.Is("fastest") => "fastest",
        _ when asked.Is("newest") => "newest",
        _ when asked.Is("largest") => "largest context",
        _ => "cheapest",
    };

    private static string List(
        AssistantQuestion asked, string order, CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var kind = Needs.KindOf(asked.Needs);
        var query = new CatalogQuery
        {
            Kinds = [kind],
            Authors = asked.Authors,
            Providers = asked.Providers,
            MinContext = asked.MinContext,
            OpenWeights = asked.OpenWeights,
            Free = order == "free" ? true : null,
            Scope = CatalogScope.All,
            Sort = order switch
            {
                "cheapest" or "free" => CatalogSort.PricingLowToHigh,
                "newest" => CatalogSort.Newest,
                "largest context" => CatalogSort.ContextHighToLow,
                "fastest" => CatalogSort.Quality,
                _ => null,
            },
            QualityTask = "speed",
        };
        var found = catalog.Search.List(query, reach, now).Items
            .Where(item => item.Availability is not Availability.Disabled
                && asked.Needs.All(need => Needs.Meets(item.Model, need))
                && (order != "fastest" || catalog.Quality.Of(item.Model.Id, "speed") is not null)
                && (order != "cheapest" || item.Price is { Lines.IsEmpty: false })).ToList();
        var what = Wording(asked, order, kind);
        if (found.Count == 0) return $"The catalog has no {what}, as far as its figures tell.";

        // What nobody here can call is no answer to a wish for something cheap, unless there is nothing else.
        var ready = found.Where(item => item.Availability == Availability.Ready).ToList();
        var local = found.Where(item => item.Availability == Availability.LocalMissing).ToList();
        var shown = ready.Count > 0 ? ready : found.Except(local).ToList();
        var note = ready.Count > 0 ? "that you can call now" : "in the catalog; none of them can be called here yet";
        var text = shown.Count == 0 ? $"No {what} can be called here."
            : $"{(shown.Count > Listed ? $"{Listed} of " : "")}{shown.Count} {what} {note}:\n\n"
                + string.Join('\n', shown.Take(Listed).Select(AssistantText.Line));
        return local.Count == 0 ? text
            : $"{text}\n\n{local.Count} more would run on hardware of your own, but are not installed here.";
    }

    private static string Wording(AssistantQuestion asked, string order, ModelKind kind)
    {
        var parts = new List<string>();
        if (asked.OpenWeights == true) parts.Add("open-weights");
        if (order == "free") parts.Add("free");
        parts.Add($"{Names.Of(kind)} models");
        var needs = asked.Needs.Where(need => kind == ModelKind.Chat).ToList();
        if (needs.Count > 0) parts.Add("with " + string.Join(" and ", needs));
        if (asked.MinContext is { } context) parts.Add($"with a context of at least {context:N0} tokens");
        if (!asked.Authors.IsEmpty) parts.Add("by " + string.Join(" or ", asked.Authors));
        if (!asked.Providers.IsEmpty) parts.Add("at " + string.Join(" or ", asked.Providers));
        if (order.Length > 0 && order != "free") parts.Add($"({order} first)");
        return string.Join(' ', parts);
    }

    private static string Suggest(
        AssistantQuestion asked, string opening, CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var task = TaskAnalysis.Of(asked.Text);
        var preferences = new RecommendationPreferences(
            asked.Providers, asked.OpenWeights, asked.MinContext, asked.Needs);
        var budget = asked.Is("cheap") ? Budget.Low : asked.Is("best") ? Budget.High : Budget.Medium;
        var answer = new Recommender(catalog).Recommend(
            new Wish(task, budget, null, preferences, OnlyCallable: false, Limit: 3), reach, now);
        if (answer.Recommendations.IsEmpty)
        {
            var why = string.Join("; ", answer.Excluded.Select(it => $"{it.Count ?? 1} {it.Reason}"));
            return $"{opening}No model of the catalog fits: {why}.";
        }

        var sure = task.Confidence < Sure ? ", but I am not sure of that" : "";
        var lines = answer.Recommendations.Select((it, place) =>
        {
            var reasons = it.Reasons.Where(reason => reason.Kind is "quality" or "price" or "availability");
            return $"{place + 1}. **`{it.Model}`** at {it.Provider}, score {it.Score}: "
                + string.Join(". ", reasons.Select(reason => reason.Text)) + ".";
        });
        var kind = Needs.KindOf(task.Needs.Concat(asked.Needs));
        var reading = kind == ModelKind.Chat
            ? $"{task.Category.Replace('_', ' ')} of complexity {task.Complexity} of 5{sure}"
            : $"a task for models of the kind {Names.Of(kind)}";
        return $"{opening}I read this as {reading}. By published figures:\n\n"
            + string.Join('\n', lines);
    }

    private static string Compare(AssistantQuestion asked, ImmutableArray<CatalogItem> items, CatalogSnapshot catalog)
    {
        var lines = items.Select(AssistantText.Line).ToList();
        var tasks = items.SelectMany(item => catalog.Quality.Of(item.Model.Id).Keys).CountBy(task => task)
            .Where(pair => pair.Value == items.Length).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        var evidence = tasks.Select(task => $"- {task}: " + string.Join(", ", items.Select(item =>
            $"{item.Model.Name} {Reasons.Ordinal(catalog.Quality.Of(item.Model.Id, task)!.Score)} percentile")));
        var text = string.Join('\n', lines) + (tasks.Count == 0
            ? "\n\nNo task has been measured for all of them yet."
            : "\n\nMeasured for all of them (percentile within each benchmark):\n\n" + string.Join('\n', evidence));
        return items.Length == 1 ? $"I found only one of the models to compare.\n\n{text}" : text;
    }

    private static string Offers(Model model, CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var offers = model.Offers.Where(offer => offer.IsListed).Select(offer =>
            $"- {offer.Provider}: {AssistantText.Price(offer.PriceAt(now), offer)}; "
            + AssistantText.Ready(reach.Of(offer, model, catalog, now))).ToList();
        return offers.Count == 0 ? $"Nobody offers {AssistantText.Name(model)} any more."
            : $"{AssistantText.Name(model)} is offered by {offers.Count}:\n\n" + string.Join('\n', offers);
    }

    private static string PriceOf(CatalogItem item)
    {
        var source = item.Price is { AsOf: { } day } ? $" (read on {day})" : "";
        var others = item.Model.Offers.Count(offer => offer.IsListed) - 1;
        var more = others > 0 ? $" {others} more offer{(others > 1 ? "s" : "")} of it: ask who offers it." : "";
        var price = AssistantText.Price(item.Price, item.Offer);
        return $"{AssistantText.Name(item.Model)}: {price}{AssistantText.At(item.Offer)}{source}; "
            + $"{AssistantText.Ready(item.Availability)}.{more}";
    }

    private static string Card(CatalogItem item, CatalogSnapshot catalog)
    {
        var model = item.Model;
        var tasks = catalog.Quality.Of(model.Id)
            .Select(pair => $"{pair.Key} {Reasons.Ordinal(pair.Value.Score)}").ToList();
        var capabilities = model.Capabilities.IsEmpty ? "no capabilities recorded"
            : string.Join(", ", model.Capabilities);
        var released = model.ReleaseDate?.ToString() ?? "on an unknown day";
        return $"""
            {model.Description}

            {AssistantText.Line(item)}
            - Released {released}; {Names.Of(model.Status).Replace('_', ' ')}; {capabilities}
            - {(tasks.Count == 0 ? "No evidence of quality yet" : "Percentiles by task: " + string.Join(", ", tasks))}
            """;
    }

    private static string Counts(CatalogSnapshot catalog, Reach reach, DateTimeOffset now)
    {
        var ready = catalog.Models.Count(model => reach.Of(model, catalog, now) == Availability.Ready);
        var kinds = catalog.Models.CountBy(model => model.Kind).OrderByDescending(pair => pair.Value)
            .Select(pair => $"{pair.Value} {Names.Of(pair.Key)}");
        return $"The catalog lists {catalog.Models.Length} models, of which you can call {ready} now: "
            + $"{string.Join(", ", kinds)}.";
    }
}
