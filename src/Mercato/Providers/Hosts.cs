using System.Collections.Frozen;
using System.Text.Json;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Wire;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Providers;

/// <summary>A host that calls can go to, with the operator's key when there is one.</summary>
public sealed record UpstreamHost(Provider Provider, string? OperatorKey, bool AllowPrivate, bool IsWildcard)
{
    public string Id => Provider.Id;

    /// <summary>Whether the operator sells this host's models: it has a key, or needs none and was made by an operator.</summary>
    public bool IsSold =>
        IsCallable && (OperatorKey is not null || (IsWildcard && Provider.Auth == AuthStyle.None));

    /// <summary>Whether there is anything that the host can be asked for.</summary>
    public bool IsCallable => Kinds.Any(CanServe);

    /// <summary>Whether the host can be asked for what models of this kind make.</summary>
    public bool CanServe(ModelKind kind) => kind switch
    {
        ModelKind.Chat => Provider.CanChat,
        ModelKind.Embedding => Provider.EmbeddingStyle != EmbeddingStyle.None,
        ModelKind.Image => Provider.ImageStyle != ImageStyle.None,
        _ => false,
    };

    internal static ModelKind[] Kinds { get; } = [ModelKind.Chat, ModelKind.Embedding, ModelKind.Image];

    // The key stays out of everything that prints records.
    public override string ToString() => $"Host {Id}";
}

/// <summary>
/// All hosts. Precedence: built-in data, then the database row of the same id, then the environment (keys and
/// addresses only).
/// </summary>
public sealed class Hosts
{
    public const string Topic = "providers";
    internal const string KeyUse = "operator-key";

    private readonly FrozenDictionary<string, UpstreamHost> _hosts;

    private Hosts(IEnumerable<UpstreamHost> hosts)
    {
        _hosts = hosts.ToFrozenDictionary(host => host.Id, StringComparer.Ordinal);
        Served = _hosts.Values.SelectMany(host => UpstreamHost.Kinds.Where(host.CanServe).Select(kind => (host.Id, kind)))
            .ToFrozenSet();
        Sold = _hosts.Values.Where(host => host.IsSold).Select(host => host.Id).ToFrozenSet();
    }

    public IEnumerable<UpstreamHost> All => _hosts.Values;

    /// <summary>Ids of hosts whose models can be bought with credits.</summary>
    public FrozenSet<string> Sold { get; }

    /// <summary>What each host can be asked for.</summary>
    public FrozenSet<(string Provider, ModelKind Kind)> Served { get; }

    public UpstreamHost? Find(string id) => _hosts.GetValueOrDefault(id);

    internal static async Task<Hosts> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var keyRing = services.GetRequiredService<KeyRing>();
        var rows = await services.GetRequiredService<MercatoContext>().Set<ProviderRow>().AsNoTracking()
            .ToDictionaryAsync(row => row.Id, cancellationToken);
        var hosts = new List<UpstreamHost>();
        foreach (var provider in Provider.BuiltIn.Values)
        {
            if (!rows.Remove(provider.Id, out var row))
            {
                hosts.Add(FromEnvironment(new UpstreamHost(provider, null, provider.IsLocal, false), configuration));
            }
            else if (row.Enabled)
            {
                hosts.Add(FromEnvironment(FromRow(row, keyRing), configuration));
            }
        }

        hosts.AddRange(rows.Values.Where(row => row.Enabled)
            .Select(row => FromEnvironment(FromRow(row, keyRing), configuration)));
        return new Hosts(hosts);
    }

    internal static async Task<IReadOnlyList<WildcardProvider>> LoadWildcardsAsync(
        IServiceProvider services, CancellationToken cancellationToken)
    {
        var rows = await services.GetRequiredService<MercatoContext>().Set<ProviderRow>().AsNoTracking()
            .Where(row => row.Enabled && row.WildcardModels).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new WildcardProvider(row.Id, PriceOf(row)))];
    }

    private static PriceVersion? PriceOf(ProviderRow row) =>
        row.DefaultPrice is null
            ? null
            : JsonSerializer.Deserialize<DefaultPrice>(row.DefaultPrice, Json.Options)!
                .ToPriceVersion(row.Id, row.UpdatedAt);

    private static UpstreamHost FromRow(ProviderRow row, KeyRing keyRing)
    {
        var known = Provider.BuiltIn.GetValueOrDefault(row.Id);
        var provider = new Provider(
            row.Id, row.Name, row.BaseUrl, row.Dialect,
            known?.Dialect == row.Dialect ? known.Auth
                : known is null && row.SealedKey is null ? AuthStyle.None
                : AuthOf(row.Dialect),
            known?.KeyVariables, known?.AddressVariable, known?.IsLocal ?? false,
            row.Quirks is null
                // Servers in people's own network take reasoning back, and the models that think between calls need it.
                ? known?.Quirks ?? new HostQuirks(WantsThoughtsBack: row.AllowPrivate)
                : JsonSerializer.Deserialize<HostQuirks>(row.Quirks, Json.Options)!,
            row.DataPolicy is null
                ? known?.DataPolicy ?? new DataPolicy()
                : JsonSerializer.Deserialize<DataPolicy>(row.DataPolicy, Json.Options)!,
            known?.Dialect == row.Dialect && known.BaseUrl == row.BaseUrl ? known.OtherDialects : [],
            known?.Dialect == row.Dialect ? known.Embeddings : null,
            known?.Dialect == row.Dialect ? known.Images : null);
        var key = row.SealedKey is null ? null : keyRing.OpenText(KeyUse, row.SealedKey);
        return new UpstreamHost(provider, key, row.AllowPrivate, row.WildcardModels);
    }

    /// <summary>How the dialect's own SDK sends a key.</summary>
    private static AuthStyle AuthOf(Dialect dialect) => dialect switch
    {
        Dialect.Anthropic => AuthStyle.XApiKey,
        Dialect.Gemini => AuthStyle.XGoogApiKey,
        _ => AuthStyle.Bearer,
    };

    /// <summary>`Mercato:Providers:ID:{ApiKey,BaseUrl,AllowPrivate}`, or the variables that people already have.</summary>
    private static UpstreamHost FromEnvironment(UpstreamHost host, IConfiguration configuration)
    {
        var section = configuration.GetSection($"Mercato:Providers:{host.Id}");
        var key = section["ApiKey"]
            ?? host.Provider.KeyVariables.Select(name => configuration[name]).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        var address = section["BaseUrl"]
            ?? (host.Provider.IsLocal && host.Provider.AddressVariable is { } name ? Provider.ReadOllamaHost(configuration[name]) : null);
        if (address is not null && !ProviderAddress.TryRead(address, out _))
        {
            throw new StartupException($"Mercato:Providers:{host.Id}:BaseUrl is not an http or https address: {address}");
        }

        return host with
        {
            OperatorKey = string.IsNullOrWhiteSpace(key) ? host.OperatorKey : key.Trim(),
            Provider = address is null ? host.Provider : host.Provider with { BaseUrl = address.TrimEnd('/') },
            AllowPrivate = host.AllowPrivate || section.GetValue<bool>("AllowPrivate"),
        };
    }
}

/// <summary>What a provider address may look like.</summary>
public static class ProviderAddress
{
    public static bool TryRead(string? text, out Uri address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address!)
        && (address.Scheme is "http" or "https")
        && address.UserInfo.Length == 0 && address.Fragment.Length == 0 && address.Query.Length == 0;
}
