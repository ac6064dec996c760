using Mercato.Catalog;
using Names = Mercato.Catalog.Names;

namespace Mercato.Recommend;

/// <summary>The sentences of the assistant, in Markdown.</summary>
internal static class AssistantText
{
    public const string Who =
        "I am Mercato's catalog assistant, not a language model: I look models up and compare their published figures.";

    public const string Examples = """
        Ask me, for instance:

        - cheapest vision model with 200k context?
        - what should I use to refactor Java?
        - price of gpt-4o
        - compare claude sonnet and gpt 5
        - which models are free?
        - who offers llama 3.3 70b?
        """;

    public const string CannotDo = Who + " So I cannot do this task myself, but I can say which models suit it.\n\n";

    public static string Introduction(string remark) => $"{Who}{remark}\n\n{Examples}";

    /// <summary>A list item: name, id, price, context and whether it can be called.</summary>
    public static string Line(CatalogItem item)
    {
        var context = item.ContextWindow is { } tokens && item.Model.IsChat ? $", context {tokens:N0} tokens" : "";
        var price = Price(item.Price, item.Offer, brief: true);
        return $"- {Name(item.Model)}: {price}{At(item.Offer)}{context}; {Ready(item.Availability)}";
    }

    public static string Name(Model model) => $"**{model.Name}** (`{model.Id}`)";

    public static string At(Offer? offer) => offer is null ? "" : $" at {offer.Provider}";

    public static string Ready(Availability availability) => availability switch
    {
        Availability.Ready => "ready to call",
        Availability.NeedsKey => "needs a provider key",
        Availability.LocalMissing => "local, not installed here",
        Availability.Unpriced => "not sold while its price is unknown or disputed",
        _ => "not offered any more",
    };

    /// <summary>
    /// The base prices with the operator's margin; in brief, those of plain input and output where there are any.
    /// </summary>
    public static string Price(PriceVersion? price, Offer? offer, bool brief = false)
    {
        if (price is null || price.Lines.IsEmpty) return "price unknown";
        if (price.IsFree) return "free";
        brief &= price.Base(PriceKind.Input) is not null;
        var lines = price.Lines
            .Where(line => line.TierFrom == 0 && (!brief || line.Kind is PriceKind.Input or PriceKind.Output))
            .OrderBy(line => line.Kind).Select(line =>
        {
            var usd = Stated(line) * (10_000 + (offer?.MarkupBps ?? 0)) / 10_000;
            return $"${usd:0.00####} {Names.Of(line.Kind).Replace('_', ' ')} per {PriceKinds.StatedPer(line.Kind)}";
        }).ToList();
        // Both directions of a chat read best in one breath.
        var text = string.Join(", ", lines).Replace(" per million tokens, ", ", ");
        return price.IsConfirmed ? text : $"{text} ({Names.Of(price.Confidence)} price)";
    }

    private static decimal Stated(PriceLine line) => line.Kind switch
    {
        PriceKind.Image or PriceKind.Request => line.UsdPerUnit,
        PriceKind.MinuteAudio => line.UsdPerUnit * 60,
        PriceKind.ThousandQueries => line.UsdPerUnit * 1_000,
        _ => line.UsdPerMillion,
    };
}
