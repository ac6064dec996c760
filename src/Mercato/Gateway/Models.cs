using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Catalog.Api;
using Mercato.Hosting;

namespace Mercato.Gateway;

/// <summary>`GET /v1/models` and `/v1/models/{id}`: what this caller can call now, in OpenAI's shape or Anthropic's.</summary>
internal static class Models
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/v1/models").Is(EndpointClass.Public).WithTags("Inference")
            .WithMetadata(CallerErrors.InCallersOwn()).RequireCors(Cors.AnyOrigin);
        // The other kinds cannot be called through this gateway, whoever has a key for them.
        models.MapGet("", (HttpContext http, CatalogView view) => AnthropicModels.IsWanted(http)
            ? AnthropicModels.List(http, view)
            : ModelLists.List(http, view, onlyCallable: true, ModelKind.Chat, ModelKind.Embedding, ModelKind.Image))
            .Tells("The models that you can call, in OpenAI's shape; in Anthropic's with `anthropic-version`.", 200);
        models.MapGet("/{**id}", GetModel).Tells("One model, in the shape of its list.", 200);
    }

    private static IResult GetModel(HttpContext http, string id, CatalogView view)
    {
        var name = id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (view.Catalog.Resolve(name) is ModelResolution { Model: { Status: not ListingStatus.Disabled } model })
        {
            return AnthropicModels.IsWanted(http)
                ? Results.Json(AnthropicModel.Of(model), Json.Options)
                : Results.Json(ModelItem.Of(view.View(model), view.Catalog), Json.Options);
        }

        return new Refusal(404, "model_not_found", $"The model '{name}' does not exist. GET /v1/models lists what you can call.")
        { Param = "model" }.ToResult();
    }
}
