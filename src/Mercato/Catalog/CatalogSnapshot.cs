using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mercato.Catalog;

/// <summary>
/// A provider whose every model is sold at one price: <c>Id/name</c> reaches the host as <c>name</c>.
/// </summary>
/// <param name="Id">Never the spelling of a catalog author.</param>
/// <param name="DefaultPrice">Null: listed nowhere, sold only on the caller's own key.</param>
public sealed record WildcardProvider(string Id, PriceVersion? DefaultPrice);

/// <summary>
/// The whole catalog at one moment, immutable and indexed. Built anew at each change and swapped whole, so a request
/// that holds one sees one truth. Safe for any number of readers.
/// </summary>
public sealed class CatalogSnapshot
{
    private readonly FrozenDictionary<ModelId, Model> _byId;
    private readonly FrozenDictionary<string, Offer> _offersById;
    private readonly FrozenDictionary<string, WildcardProvider> _wildcards;
    private readonly ModelNames _names;

    /// <summary>Builds the indexes; offers of each model are put in their standing order.</summary>
    public CatalogSnapshot(
        IEnumerable<Model> models,
        IEnumerable<WildcardProvider>? wildcards = null,
        IEnumerable<string>? localProviders = null)
    {
        Models = [.. models.OrderBy(model => model.Id).Select(model => model with
        {
            Offers = [.. model.Offers.OrderByDescending(offer => offer.FirstParty)
                .ThenBy(offer => offer.Id, StringComparer.Ordinal)],
        })];
        LocalProviders = (localProviders ?? ["ollama"]).ToFrozenSet();
        _byId = Models.ToFrozenDictionary(model => model.Id);
        _offersById = Models.SelectMany(model => model.Offers).ToFrozenDictionary(offer => offer.Id);
        _wildcards = (wildcards ?? []).ToFrozenDictionary(provider => provider.Id);
        _names = new ModelNames(Models);
        Authors = Models.Select(model => model.Id.Author).ToFrozenSet();
        Quality = new QualityTable(Models);
        Search = new ModelSearch(this);
    }

    /// <summary>The built-in catalog alone; what a fresh installation starts from.</summary>
    public static CatalogSnapshot Builtin { get; } = new(BuiltinCatalog.Current.Models);

    /// <summary>Every model, sorted by id.</summary>
    public ImmutableArray<Model> Models { get; }

    public FrozenSet<string> Authors { get; }

    /// <summary>Providers that run on the operator's own machines and are found rather than paid for.</summary>
    public FrozenSet<string> LocalProviders { get; }

    public IEnumerable<WildcardProvider> Wildcards => _wildcards.Values;

    /// <summary>Standing of each model per task, from evidence.</summary>
    public QualityTable Quality { get; }

    /// <summary>Text search and filters over these models.</summary>
    public ModelSearch Search { get; }

    public Model? Find(ModelId id) => _byId.GetValueOrDefault(id);

    public Offer? FindOffer(string offerId) => _offersById.GetValueOrDefault(offerId);

    public WildcardProvider? FindWildcard(string providerId) => _wildcards.GetValueOrDefault(providerId);

    /// <summary>True when a wildcard provider may not take this id, because ids that begin so mean an author.</summary>
    public bool IsReservedAuthor(string providerId) =>
        Authors.Contains(providerId) || ModelSpellings.IsAuthorSpelling(providerId)
            || providerId is "mercato" or "openrouter";

    /// <summary>
    /// Finds what an id means, in this order: exact id; alias or other spelling; wildcard provider; a provider's bare
    /// id that names one model; only then a final <c>:floor</c>, <c>:nitro</c> or <c>:free</c> is stripped and all is
    /// tried again. Null when nothing fits.
    /// </summary>
    public Resolution? Resolve(string? id)
    {
        if (string.IsNullOrWhiteSpace(id) || id.Length > ModelId.MaxLength)
        {
            return null;
        }

        if (ResolveWhole(id) is { } found)
        {
            return found;
        }

        return ModelSpellings.SplitSuffix(id) is var (rest, suffix) && Resolve(rest) is { } stripped
            ? stripped with { Suffix = suffix }
            : null;
    }

    private Resolution? ResolveWhole(string id)
    {
        var parsed = ModelId.TryParse(id, out var modelId);
        if (parsed && _byId.TryGetValue(modelId, out var exact))
        {
            return new ModelResolution(exact);
        }

        if (parsed && _names.FindSpelling(modelId) is { } spelled)
        {
            return new ModelResolution(_byId[spelled]);
        }

        if (parsed && _wildcards.TryGetValue(modelId.Author, out var wildcard))
        {
            return new WildcardResolution(wildcard, modelId.Name);
        }

        return _names.FindBare(id) is { } bare ? new ModelResolution(_byId[bare]) : null;
    }
}

/// <summary>What an id turned out to mean: a model of the catalog, or any model of a wildcard provider.</summary>
/// <param name="Suffix">The routing wish that was stripped (<c>:floor</c>, <c>:nitro</c>, <c>:free</c>), or
/// null.</param>
public abstract record Resolution(string? Suffix);

/// <summary>A model of the catalog.</summary>
public sealed record ModelResolution(Model Model, string? Suffix = null) : Resolution(Suffix);

/// <summary>A model that only the host knows; <paramref name="UpstreamName"/> is what the host is asked for.</summary>
public sealed record WildcardResolution(WildcardProvider Provider, string UpstreamName, string? Suffix = null)
    : Resolution(Suffix);
