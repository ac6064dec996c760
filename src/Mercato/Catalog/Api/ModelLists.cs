using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mercato.Hosting;
using Microsoft.AspNetCore.WebUtilities;

namespace Mercato.Catalog.Api;

/// <summary>A list of models: OpenAI's and OpenRouter's envelopes together.</summary>
public sealed record ModelListAnswer(
    [property: JsonPropertyName("object")] string Type, IReadOnlyList<ModelItem> Data, int TotalCount, PageLinks Links)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, int>>? Facets { get; init; }
}

/// <param name="Next">Path and query of the next page, or null on the last one.</param>
public sealed record PageLinks(string? Next);

/// <summary>The public lists of models.</summary>
public static class ModelLists
{
    internal static void MapModelLists(this IEndpointRouteBuilder api)
    {
        api.MapGet("/models", ListModelsAsync);
        api.MapGet("/models/user", ListUserModelsAsync);
        api.MapGet("/models/count", CountModelsAsync);
    }

    /// <summary>Everything for visitors; with a credential what the caller can call, unless <c>scope=all</c>.</summary>
    internal static Task<IResult> ListModelsAsync(HttpContext http, CatalogView view, CancellationToken cancellationToken) =>
        ListAsync(http, view, HasCredential(http.Request), cancellationToken);

    internal static Task<IResult> ListUserModelsAsync(HttpContext http, CatalogView view, CancellationToken cancellationToken) =>
        ListAsync(http, view, onlyCallable: true, cancellationToken);

    internal static async Task<IResult> CountModelsAsync(HttpContext http, CatalogView view, CancellationToken cancellationToken)
    {
        var (query, refusal) = new ListQuery(http.Request.Query).Read();
        if (query is null) return refusal!.ToResult();
        var page = view.Catalog.Search.List(query with { Limit = 0 }, await view.ReachAsync(http, cancellationToken), view.Now, view.Figures);
        return new TaggedJson<CountAnswer>(new CountAnswer(new CountData(page.Total)));
    }

    /// <summary>The list in the superset shape. Without a limit it holds everything.</summary>
    public static async Task<IResult> ListAsync(
        HttpContext http, CatalogView view, bool onlyCallable, CancellationToken cancellationToken)
    {
        var (query, refusal) = new ListQuery(http.Request.Query).Read();
        if (query is null) return refusal!.ToResult();
        if (onlyCallable && query.Scope is null && query.Availabilities.IsEmpty) query = query with { Scope = CatalogScope.Callable };

        var page = view.Catalog.Search.List(query, await view.ReachAsync(http, cancellationToken), view.Now, view.Figures);
        var answer = new ModelListAnswer(
            "list", [.. page.Items.Select(item => ModelItem.Of(item, view.Catalog))], page.Total, new PageLinks(Next(http.Request, query, page)))
        {
            Facets = query.Facets ? page.Facets : null,
        };
        return new TaggedJson<ModelListAnswer>(answer);
    }

    private static string? Next(HttpRequest request, CatalogQuery query, CatalogPage page)
    {
        var next = query.Offset + page.Items.Length;
        if (query.Limit is null || next >= page.Total) return null;
        var rest = request.Query.Where(pair => pair.Key != "offset").ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
        return QueryHelpers.AddQueryString(request.PathBase + request.Path, rest.Append(new("offset", next.ToString())));
    }

    private static bool HasCredential(HttpRequest request) =>
        !string.IsNullOrEmpty(request.Headers.Authorization) || !string.IsNullOrEmpty(request.Headers["x-api-key"]);

    internal sealed record CountAnswer(CountData Data);

    internal sealed record CountData(int Count);
}
