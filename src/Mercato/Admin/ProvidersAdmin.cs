using System.Text.Json;
using System.Text.RegularExpressions;
using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Data;
using Mercato.Hosting;
using Mercato.Providers;
using Mercato.Wire;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Admin;

/// <summary>A provider as an administrator writes it; null leaves a member as it is.</summary>
public sealed record ProviderRequest(
    string? Id, string? Name, string? Dialect, string? BaseUrl, string? ApiKey, bool? Enabled, bool? AllowPrivate,
    bool? WildcardModels, DefaultPrice? DefaultPrice, DataPolicy? DataPolicy, HostQuirks? Quirks);

public sealed record TestProvider(string? Model);

/// <summary>A provider as an administrator sees it: never its key.</summary>
public sealed record ProviderView(
    string Id, string Name, string Dialect, string BaseUrl, bool HasApiKey, bool Enabled, bool AllowPrivate,
    bool WildcardModels, DefaultPrice? DefaultPrice, DataPolicy? DataPolicy, HostQuirks? Quirks, bool BuiltIn)
{
    public static ProviderView Of(ProviderRow row) => new(
        row.Id, row.Name, WireFormats.NameOf(row.Dialect), row.BaseUrl, row.SealedKey is not null, row.Enabled,
        row.AllowPrivate, row.WildcardModels, Read<DefaultPrice>(row.DefaultPrice), Read<DataPolicy>(row.DataPolicy),
        Read<HostQuirks>(row.Quirks), Provider.BuiltIn.ContainsKey(row.Id));

    public static ProviderView Of(UpstreamHost host) => new(
        host.Id, host.Provider.Name, WireFormats.NameOf(host.Provider.Dialect), host.Provider.BaseUrl,
        host.OperatorKey is not null, true, host.AllowPrivate, host.IsWildcard, null, host.Provider.DataPolicy,
        host.Provider.Quirks, true);

    private static T? Read<T>(string? json) where T : class =>
        json is null ? null : JsonSerializer.Deserialize<T>(json, Json.Options);
}

/// <summary>`/api/v1/admin/providers`.</summary>
internal sealed partial class ProvidersAdmin(
    MercatoContext context, KeyRing keyRing, Snapshot<Hosts> hosts, Snapshot<CatalogSnapshot> catalog, AuditLog audit,
    ProviderTest test, TimeProvider time)
{
    public async Task<IReadOnlyList<ProviderView>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = await context.Set<ProviderRow>().AsNoTracking().ToListAsync(cancellationToken);
        var known = rows.Select(row => row.Id).ToHashSet();
        return [.. rows.Select(ProviderView.Of), .. hosts.Current.All.Where(host => !known.Contains(host.Id))
            .Select(ProviderView.Of).OrderBy(view => view.Id)];
    }

    public async Task<ProviderView?> FindAsync(string id, CancellationToken cancellationToken) =>
        await context.Set<ProviderRow>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
            is { } row ? ProviderView.Of(row)
            : hosts.Current.Find(id) is { } host ? ProviderView.Of(host) : null;

    public async Task<Outcome<ProviderView>> CreateAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        if (request.Id is not { } id || !Id().IsMatch(id))
        {
            return Refusal.Invalid("id", "An id has 2 to 64 characters: small letters, digits, '-', '.' and '_'.");
        }

        var builtIn = Provider.BuiltIn.GetValueOrDefault(id);
        if (await context.Set<ProviderRow>().AnyAsync(row => row.Id == id, cancellationToken))
        {
            return new Refusal(409, "provider-exists", $"There is a provider '{id}' already; PATCH changes it.");
        }

        if (request.WildcardModels == true && catalog.Current.IsReservedAuthor(id))
        {
            return new Refusal(409, "id-is-an-author",
                $"'{id}/...' already means models of the catalog; give a wildcard provider another id.");
        }

        var row = new ProviderRow
        {
            Id = id,
            Name = request.Name ?? builtIn?.Name ?? id,
            Dialect = builtIn?.Dialect ?? Dialect.OpenAiChat,
            BaseUrl = builtIn?.BaseUrl ?? "",
            CreatedAt = time.GetUtcNow(),
        };
        if (Apply(row, request) is { } refusal)
        {
            return refusal;
        }

        context.Add(row);
        return await SaveAsync(row, "provider.create", request, cancellationToken);
    }

    public async Task<Outcome<ProviderView>> ChangeAsync(
        string id, ProviderRequest request, CancellationToken cancellationToken)
    {
        if (await context.Set<ProviderRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            // Changing a built-in provider makes its row.
            return Provider.BuiltIn.ContainsKey(id)
                ? await CreateAsync(request with { Id = id }, cancellationToken)
                : Refusal.NotFound;
        }

        if (request.Id is not null && request.Id != id)
        {
            return Refusal.Invalid("id", "The id of a provider cannot change: bills name it.");
        }

        return Apply(row, request) is { } refusal
            ? refusal
            : await SaveAsync(row, "provider.change", request, cancellationToken);
    }

    public async Task<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        if (await context.Set<ProviderRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
        {
            return false;
        }

        context.Remove(row);
        await SaveAsync(row, "provider.delete", null, cancellationToken);
        return true;
    }

    public async Task<Outcome<TestResult>> TestAsync(string id, string? model, CancellationToken cancellationToken) =>
        hosts.Current.Find(id) is { } host
            ? await test.RunAsync(host, null, model, cancellationToken)
            : Refusal.NotFound;

    private Refusal? Apply(ProviderRow row, ProviderRequest request)
    {
        if (request.Dialect is { } name)
        {
            if (WireFormats.Find(name) is not { } dialect)
            {
                return Refusal.Invalid("dialect", $"A dialect is one of {string.Join(", ", WireFormats.Names)}.");
            }

            row.Dialect = dialect;
        }

        row.BaseUrl = (request.BaseUrl ?? row.BaseUrl).TrimEnd('/');
        if (!ProviderAddress.TryRead(row.BaseUrl, out _))
        {
            return Refusal.Invalid("base_url",
                "An http or https address without user, query or fragment, as the provider's own SDK takes it.");
        }

        if (request.DefaultPrice is { } asked && (asked.Prompt is null || asked.Completion is null))
        {
            return Refusal.Invalid("default_price", "A default price needs both prompt and completion: what is not "
                + "priced would be given away.");
        }

        row.Name = request.Name ?? row.Name;
        row.Enabled = request.Enabled ?? row.Enabled;
        row.AllowPrivate = request.AllowPrivate ?? row.AllowPrivate;
        row.WildcardModels = request.WildcardModels ?? row.WildcardModels;
        row.DefaultPrice = request.DefaultPrice is { } price ? JsonSerializer.Serialize(price, Json.Options) : row.DefaultPrice;
        row.DataPolicy = request.DataPolicy is { } policy ? JsonSerializer.Serialize(policy, Json.Options) : row.DataPolicy;
        row.Quirks = request.Quirks is { } quirks ? JsonSerializer.Serialize(quirks, Json.Options) : row.Quirks;
        row.SealedKey = string.IsNullOrWhiteSpace(request.ApiKey)
            ? row.SealedKey
            : keyRing.Seal(Hosts.KeyUse, request.ApiKey.Trim());
        row.UpdatedAt = time.GetUtcNow();
        return row is { WildcardModels: true, DefaultPrice: null }
            ? Refusal.Invalid("default_price", "Wildcard models need a default_price{prompt, completion} in USD per "
                + "token: an unknown price is not zero. Give \"0\" for models that are free.")
            : null;
    }

    private async Task<Outcome<ProviderView>> SaveAsync(
        ProviderRow row, string action, ProviderRequest? request, CancellationToken cancellationToken)
    {
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            audit.Add(action, row.Id, request is null ? null : request with { ApiKey = request.ApiKey is null ? null : "***" });
            await context.SaveChangesAsync(cancellationToken);
            await context.BumpAsync(Hosts.Topic, cancellationToken);
            await context.BumpAsync(CatalogModule.Topic, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await hosts.RefreshAsync(cancellationToken);
        await catalog.RefreshAsync(cancellationToken);
        return ProviderView.Of(row);
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{1,63}$")]
    private static partial Regex Id();
}
