using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Mercato.Catalog.Pages;

/// <summary>
/// The marketplace's state, which is its address: a link shows everybody the same list. A value that means nothing is
/// left out, so that an old or mistyped link still shows a list.
/// </summary>
public sealed class MarketplaceQuery
{
    public const int PageSize = 24;

    private static readonly string[] Known =
    [
        "q", "kind", "availability", "capability", "provider", "author", "context", "max_price", "open_weights", "free",
        "sort",
    ];

    private readonly ImmutableDictionary<string, StringValues> _values;

    public MarketplaceQuery(IQueryCollection query)
    {
        _values = query.Where(pair => Known.Contains(pair.Key) && !string.IsNullOrWhiteSpace(pair.Value))
            .ToImmutableDictionary(pair => pair.Key, pair => pair.Value);
        var offset = Number(query["offset"]) ?? 0;
        Listing = new CatalogQuery
        {
            Text = First("q"),
            Kinds = Enums<ModelKind>("kind"),
            Availabilities = Enums<Availability>("availability"),
            Capabilities = Many("capability"),
            Providers = Many("provider"),
            Authors = Many("author"),
            MinContext = Number(First("context")),
            MaxPrice = Amount(First("max_price")),
            OpenWeights = First("open_weights") == "true" ? true : null,
            Free = First("free") == "true" ? true : null,
            Sort = First("sort") is { } sort && Names.TryParse<CatalogSort>(sort, out var order) ? order : null,
            // An offset far beyond the end would overflow nothing, but it is no page either.
            Offset = Math.Clamp(offset, 0, 100_000),
            Limit = PageSize,
            Facets = true,
        };
    }

    public CatalogQuery Listing { get; }

    /// <summary>How many filters are set, the text and the order aside.</summary>
    public int FilterCount => _values.Where(pair => pair.Key is not ("q" or "sort")).Sum(pair => pair.Value.Count);

    public string? First(string name) => _values.TryGetValue(name, out var values) ? values[0] : null;

    public bool Has(string name, string value) => _values.TryGetValue(name, out var values) && values.Contains(value);

    /// <summary>The same list from another place on.</summary>
    public string From(int offset) => Address(_values, offset);

    /// <summary>The same list without one filter.</summary>
    public string Without(string name, string value) => Address(
        _values[name].Where(other => other != value).ToArray() is { Length: > 0 } rest
            ? _values.SetItem(name, rest)
            : _values.Remove(name), 0);

    /// <summary>Every filter that is set, for the list of chips.</summary>
    public IEnumerable<(string Name, string Value)> Chosen() =>
        Known.Where(name => name is not ("q" or "sort") && _values.ContainsKey(name))
            .SelectMany(name => _values[name].Select(value => (name, value!)));

    private static string Address(ImmutableDictionary<string, StringValues> values, int offset)
    {
        var pairs = Known.Where(values.ContainsKey).SelectMany(name =>
            values[name].Select(value => KeyValuePair.Create(name, value)));
        var from = KeyValuePair.Create("offset", (string?)offset.ToString(CultureInfo.InvariantCulture));
        return QueryHelpers.AddQueryString("/", offset > 0 ? pairs.Append(from) : pairs);
    }

    private ImmutableArray<string> Many(string name) =>
        _values.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : [];

    private ImmutableArray<T> Enums<T>(string name) where T : struct, Enum =>
        [.. Many(name).Where(text => Names.TryParse<T>(text, out _)).Select(Names.Parse<T>)];

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static decimal? Amount(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
            ? amount
            : null;
}
