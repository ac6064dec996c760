using Mercato.Accounts;
using Mercato.Catalog;
using Mercato.Catalog.Api;
using Mercato.Hosting;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Gateway;

/// <summary>`GET /v1/models` and `/v1/models/{id}`: what this caller can call now.</summary>
internal static class Models
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/v1/models").Is(EndpointClass.Public).WithTags("Inference")
            .WithMetadata(CallerErrors.In(OpenAiChatDialect.Instance)).RequireCors(Cors.AnyOrigin);
        // The other kinds cannot be called through this gateway, whoever has a key for them.
        models.MapGet("", (HttpContext http, CatalogView view) =>
            ModelLists.List(http, view, onlyCallable: true, ModelKind.Chat, ModelKind.Embedding, ModelKind.Image));
        models.MapGet("/{**id}", GetModel);
    }

    private static IResult GetModel(string id, CatalogView view)
    {
        var name = id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return view.Catalog.Resolve(name) is ModelResolution found && found.Model.Status != ListingStatus.Disabled
            ? Results.Json(ModelItem.Of(view.View(found.Model), view.Catalog), Json.Options)
            : new Refusal(404, "model_not_found", $"The model '{name}' does not exist. GET /v1/models lists what you can call.")
            { Param = "model" }.ToResult();
    }
}
