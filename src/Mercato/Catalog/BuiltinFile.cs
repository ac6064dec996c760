using System.Globalization;
using System.Text.Json.Serialization;

namespace Mercato.Catalog;

/// <summary>What the lines of the built-in files look like. An unknown member is a mistake in the file.</summary>
internal sealed record BuiltinHeader(long BuiltinVersion, string AsOf, int Models, int Offers, int Evidence);

internal sealed record BuiltinModel
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Description { get; init; }
    public required string Kind { get; init; }
    public string? Family { get; init; }
    public string? Released { get; init; }
    public string? Knowledge { get; init; }
    public int? Context { get; init; }
    public int? MaxOutput { get; init; }
    public string[]? Input { get; init; }
    public string[]? Output { get; init; }
    public string[]? Capabilities { get; init; }
    public bool? OpenWeights { get; init; }
    public string? License { get; init; }
    public required string Status { get; init; }
    public string? Retires { get; init; }
    public int? Dimensions { get; init; }
    public string[]? Aliases { get; init; }

    public Model ToModel() => new()
    {
        Id = ModelId.Parse(Id),
        Name = Name,
        Description = Description,
        Kind = Names.Parse<ModelKind>(Kind),
        Family = Family,
        ReleaseDate = BuiltinDates.Parse(Released),
        KnowledgeCutoff = BuiltinDates.Parse(Knowledge),
        ContextWindow = Context,
        MaxOutputTokens = MaxOutput,
        InputModalities = [.. Input ?? []],
        OutputModalities = [.. Output ?? []],
        Capabilities = [.. Capabilities ?? []],
        OpenWeights = OpenWeights,
        License = License,
        Status = Names.Parse<ListingStatus>(Status),
        RetirementDate = BuiltinDates.Parse(Retires),
        Dimensions = Dimensions,
        Aliases = [.. Aliases ?? []],
    };
}

internal sealed record BuiltinOffer
{
    public required string Id { get; init; }
    public required string Model { get; init; }
    public required string Provider { get; init; }
    public required string ProviderModelId { get; init; }
    public bool FirstParty { get; init; }
    public int? Context { get; init; }
    public int? MaxOutput { get; init; }
    public required string Status { get; init; }
    public string? Retires { get; init; }
    public string? SizeGb { get; init; }
    public required BuiltinPrice[] Prices { get; init; }

    public Offer ToOffer() => new()
    {
        Id = Id,
        Model = ModelId.Parse(Model),
        Provider = Provider,
        ProviderModelId = ProviderModelId,
        FirstParty = FirstParty,
        ContextWindow = Context,
        MaxOutputTokens = MaxOutput,
        Status = Names.Parse<ListingStatus>(Status),
        RetirementDate = BuiltinDates.Parse(Retires),
        SizeGb = SizeGb is null ? null : decimal.Parse(SizeGb, CultureInfo.InvariantCulture),
        Prices = [.. Prices.Select(price => price.ToVersion(Id))],
    };
}

internal sealed record BuiltinPrice
{
    public string? EffectiveFrom { get; init; }
    public string? EffectiveTo { get; init; }
    public required string Confidence { get; init; }
    public required string Source { get; init; }
    public string? AsOf { get; init; }
    public string? Check { get; init; }
    public required BuiltinPriceLine[] Lines { get; init; }

    public PriceVersion ToVersion(string offerId) => new()
    {
        Id = $"{offerId}@{EffectiveFrom ?? AsOf ?? "unknown"}",
        EffectiveFrom = BuiltinDates.Parse(EffectiveFrom)?.Start,
        EffectiveTo = BuiltinDates.Parse(EffectiveTo)?.Start,
        Confidence = Names.Parse<PriceConfidence>(Confidence),
        Source = Source,
        AsOf = BuiltinDates.Parse(AsOf),
        Check = Check,
        Origin = PriceOrigin.Builtin,
        Lines = [.. Lines.Select(line => PriceKinds.Line(PriceKinds.Parse(line.Kind), line.Usd, line.Above))],
    };
}

/// <param name="Kind">A name of <see cref="PriceKinds"/>.</param>
/// <param name="Usd">A decimal for the unit that the kind states its price in.</param>
/// <param name="Above">The tier's threshold in input tokens; 0 for the base price.</param>
internal sealed record BuiltinPriceLine(string Kind, string Usd, int Above = 0);

internal sealed record BuiltinEvidence(
    string Model, string Task, string Benchmark, string Score, string Unit, string Metric, string MeasuredAs,
    string Date, string Source, string Licence, string? Variant = null)
{
    public Evidence ToEvidence() => new(
        Task, Benchmark, Variant, decimal.Parse(Score, CultureInfo.InvariantCulture), Unit, Metric, MeasuredAs,
        CatalogDate.Parse(Date), Source, Licence);
}

internal static class BuiltinDates
{
    public static CatalogDate? Parse(string? text) => text is null ? null : CatalogDate.Parse(text);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(BuiltinHeader))]
[JsonSerializable(typeof(BuiltinModel))]
[JsonSerializable(typeof(BuiltinOffer))]
[JsonSerializable(typeof(BuiltinEvidence))]
[JsonSerializable(typeof(ModelSpellings.Table))]
internal sealed partial class BuiltinJson : JsonSerializerContext;
