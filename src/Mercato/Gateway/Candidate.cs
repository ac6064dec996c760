using Mercato.Catalog;
using Mercato.Providers;
using Mercato.Wire;

namespace Mercato.Gateway;

/// <summary>One way to serve a call: a host, the name it knows the model by, whose key, and the price.</summary>
/// <param name="Model">The model's id in the catalog, or the wildcard id as the caller wrote it.</param>
/// <param name="Host">The host to ask.</param>
/// <param name="UpstreamModel">The host's name for the model.</param>
/// <param name="Offer">The catalog's offer; null for a wildcard model.</param>
/// <param name="CatalogModel">The catalog's model; null for a wildcard model.</param>
/// <param name="Price">The price in force at admission; null only with the caller's own key.</param>
/// <param name="OwnKey">The caller's own key; null when credits pay.</param>
/// <param name="Reason">Why it stands where it stands, for `x-mercato-reason`.</param>
internal sealed record Candidate(
    string Model, UpstreamHost Host, string UpstreamModel, Offer? Offer, Model? CatalogModel, PriceVersion? Price,
    ProviderKey? OwnKey, string Reason)
{
    /// <summary>What is spoken with the host: the caller's own dialect where the host knows it.</summary>
    public Dialect DialectFor(Dialect caller) =>
        Host.Provider.OtherDialects.Contains(caller) ? caller : Host.Provider.Dialect;

    /// <summary>What changes in a body that passes to the host as it came.</summary>
    public RequestEdits Edits() =>
        new(UpstreamModel, Host.Provider.Quirks, null, RemovesExtensions: !IsWildcard, Host.Id);

    public bool IsByok => OwnKey is not null;

    /// <summary>The operator's margin in basis points; none on a caller's own key.</summary>
    public int MarkupBps => IsByok ? 0 : Offer?.MarkupBps ?? 0;

    /// <summary>Everything travels untouched to a wildcard model.</summary>
    public bool IsWildcard => Offer is null;

    /// <summary>Three parts input and one part output, the usual mix, in pico-dollars per million tokens.</summary>
    public Int128 BlendedPico => Price is null
        ? Int128.MaxValue
        : (3 * PerMillion(PriceKind.Input)) + PerMillion(PriceKind.Output);

    private Int128 PerMillion(PriceKind kind) =>
        Price?.Base(kind) is { } line ? (Int128)line.Pico * 1_000_000 / line.Divisor : 0;
}
