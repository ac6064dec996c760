using System.Text.Json.Serialization;

namespace Mercato.Catalog.Api;

/// <summary>A model as the lists write it: OpenAI's and OpenRouter's members together, ours after them.</summary>
public sealed record ModelItem(
    string Id, [property: JsonPropertyName("object")] string Type, string OwnedBy, string CanonicalSlug, string Name,
    long Created, string Description,
    int? ContextLength, Architecture Architecture, Prices? Pricing, TopProvider TopProvider, object? PerRequestLimits,
    IReadOnlyList<string> SupportedParameters, string? KnowledgeCutoff, string? ExpirationDate,
    string Kind, string Availability, string Status, IReadOnlyList<string> Capabilities, string? Family,
    bool? OpenWeights, string? License, string? Provider, string? PriceVersion, string PriceConfidence,
    Provenance? Provenance, Rating Rating, Traffic Traffic, IReadOnlyDictionary<string, TaskStanding> Tasks)
{
    /// <summary>
    /// The item for one caller. An unknown release date is written as 0, because clients want a number.
    /// </summary>
    public static ModelItem Of(CatalogItem item, CatalogSnapshot catalog)
    {
        var model = item.Model;
        var parameters = ModelParameters.Of(model);
        return new ModelItem(
            model.Id.ToString(), "model", model.Id.Author, model.Id.ToString(), model.Name,
            model.ReleaseDate?.Start.ToUnixTimeSeconds() ?? 0, model.Description, item.ContextWindow,
            Architecture.Of(model), Prices.Of(item.Price, item.Offer?.MarkupBps ?? 0),
            new TopProvider(item.Offer?.ContextWindow ?? model.ContextWindow,
            item.Offer?.MaxOutputTokens ?? model.MaxOutputTokens, false),
            null, parameters, model.KnowledgeCutoff?.ToString(), model.RetirementDate?.ToString(),
            Names.Of(model.Kind), Names.Of(item.Availability), Names.Of(model.Status), model.Capabilities, model.Family,
            model.OpenWeights, model.License, item.Offer?.Provider, item.Price?.Id,
            Names.Of(item.Price?.Confidence ?? Mercato.Catalog.PriceConfidence.Unknown), Provenance.Of(item.Price),
            new Rating(item.Figures.Rating, item.Figures.RatingCount),
            new Traffic(item.Figures.Requests7d, item.Figures.Tokens7d), catalog.Quality.Of(model.Id));
    }
}

/// <summary>What goes in and out, in OpenRouter's words.</summary>
public sealed record Architecture(
    string Modality, IReadOnlyList<string> InputModalities, IReadOnlyList<string> OutputModalities, string Tokenizer,
    string? InstructType)
{
    public static Architecture Of(Model model) => new(
        $"{string.Join('+', model.InputModalities)}->{string.Join('+', model.OutputModalities)}",
        [.. model.InputModalities.Select(OpenRouterName)], model.OutputModalities, "Other", null);

    /// <summary>OpenRouter says "file" where our facts say "pdf".</summary>
    private static string OpenRouterName(string modality) => modality == "pdf" ? "file" : modality;
}

/// <summary>
/// USD per token or unit with the margin, as decimal text; what is unknown is null or left out, never "0".
/// </summary>
public sealed record Prices(string? Prompt, string? Completion)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Request { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Image { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? InternalReasoning { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? InputCacheRead { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? InputCacheWrite { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Audio { get; init; }

    /// <summary>Prices that replace these when the input exceeds so many tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<TierPrices>? Tiers { get; init; }

    public static Prices? Of(PriceVersion? price, int markupBps)
    {
        if (price is null || price.Lines.IsEmpty)
        {
            return null;
        }

        string? Text(PriceKind kind) => price.Base(kind)?.UsdWithMargin(markupBps);
        var tiers = price.Lines.Where(line => line.TierFrom > 0).GroupBy(line => line.TierFrom)
            .Select(group => TierPrices.Of(group.Key, group, markupBps)).ToList();
        return new Prices(Text(PriceKind.Input), Text(PriceKind.Output))
        {
            Request = Text(PriceKind.Request),
            Image = Text(PriceKind.Image),
            InternalReasoning = Text(PriceKind.Reasoning),
            InputCacheRead = Text(PriceKind.CacheRead),
            InputCacheWrite = Text(PriceKind.CacheWrite5m),
            Audio = Text(PriceKind.AudioInput),
            Tiers = tiers.Count == 0 ? null : tiers,
        };
    }
}

/// <summary>Prices of a long-context tier.</summary>
public sealed record TierPrices(int Above, string? Prompt, string? Completion, string? InputCacheRead)
{
    public static TierPrices Of(int above, IEnumerable<PriceLine> lines, int markupBps)
    {
        var byKind = lines.ToDictionary(line => line.Kind, line => line.UsdWithMargin(markupBps));
        return new TierPrices(above, byKind.GetValueOrDefault(PriceKind.Input),
            byKind.GetValueOrDefault(PriceKind.Output),
            byKind.GetValueOrDefault(PriceKind.CacheRead));
    }
}

public sealed record TopProvider(int? ContextLength, int? MaxCompletionTokens, bool IsModerated);

/// <summary>Where the price comes from and when it was read.</summary>
public sealed record Provenance(string? Source, string? AsOf, string? Check, string Origin)
{
    public static Provenance? Of(PriceVersion? price) =>
        price is null ? null : new Provenance(price.Source, price.AsOf?.ToString(), price.Check,
            Names.Of(price.Origin));
}

public sealed record Rating(decimal? Average, int Count);

[JsonNumberHandling(JsonNumberHandling.Strict)]
public sealed record Traffic(
    [property: JsonPropertyName("requests_7d")] long? Requests7d,
    [property: JsonPropertyName("tokens_7d")] long? Tokens7d);
