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
        api.MapGet("/models", ListModels)
            .Tells<ModelListAnswer>("Models of the catalog; with a credential those that you can call.");
        api.MapGet("/models/user", ListUserModels).Tells<ModelListAnswer>("The models that you can call.");
        api.MapGet("/models/count", CountModels).Tells<Answer<ModelCount>>("How many models a list would hold.");
    }

    /// <summary>Everything for visitors; with a credential what the caller can call, unless <c>scope=all</c>.</summary>
    internal static IResult ListModels(HttpContext http, CatalogView view) => List(http, view, view.IsSignedIn);

    internal static IResult ListUserModels(HttpContext http, CatalogView view) => List(http, view, onlyCallable: true);

    internal static IResult CountModels(HttpContext http, CatalogView view)
    {
        var (query, refusal) = new ListQuery(http.Request.Query).Read();
        return query is null
            ? refusal!.ToResult()
            : new TaggedJson<Answer<ModelCount>>(new(new ModelCount(view.List(query with { Limit = 0 }).Total)));
    }

    /// <summary>The list in the superset shape, by the query string. Without a limit it holds everything.</summary>
    /// <param name="http">The request.</param>
    /// <param name="view">The catalog as its caller sees it.</param>
    /// <param name="onlyCallable">Whether only what the caller can call is listed, unless the query says
    /// otherwise.</param>
    /// <param name="kinds">The kinds listed unless the query names some; none lists all.</param>
    public static IResult List(
        HttpContext http, CatalogView view, bool onlyCallable, params ImmutableArray<ModelKind> kinds)
    {
        var (query, refusal) = new ListQuery(http.Request.Query).Read();
        if (query is null)
        {
            return refusal!.ToResult();
        }

        if (onlyCallable && query.Scope is null && query.Availabilities.IsEmpty)
        {
            query = query with { Scope = CatalogScope.Callable };
        }

        if (query.Kinds.IsEmpty)
        {
            query = query with { Kinds = kinds };
        }

        var page = view.List(query);
        var answer = new ModelListAnswer(
            "list", [.. page.Items.Select(item => ModelItem.Of(item, view.Catalog))], page.Total,
            new PageLinks(Next(http.Request, query, page)))
        {
            Facets = query.Facets ? page.Facets : null,
        };
        return new TaggedJson<ModelListAnswer>(answer);
    }

    private static string? Next(HttpRequest request, CatalogQuery query, CatalogPage page)
    {
        var next = query.Offset + page.Items.Length;
        if (query.Limit is null || next >= page.Total)
        {
            return null;
        }

        var rest = request.Query.Where(pair => pair.Key != "offset")
            .ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
        return QueryHelpers.AddQueryString(request.PathBase + request.Path,
            rest.Append(new("offset", next.ToString())));
    }

    internal sealed record ModelCount(int Count);
}
