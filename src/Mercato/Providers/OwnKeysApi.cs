using Mercato.Accounts;
using Mercato.Hosting;

namespace Mercato.Providers;

/// <summary>`/api/v1/byok`.</summary>
internal static class OwnKeysApi
{
    public static void MapOwnKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/byok").Is(EndpointClass.OwnObject).WithTags("Provider keys");
        group.MapGet("", async (OwnKeyBook book, CancellationToken cancellationToken) =>
            new OwnKeyPage(await book.ListAsync(cancellationToken), NextCursor: null))
            .WithSummary("Your own provider keys; never their secrets.");
        group.MapPost("", async (CreateOwnKey request, OwnKeyBook book, CancellationToken cancellationToken) =>
        {
            var made = await book.CreateAsync(request, cancellationToken);
            return made.Succeeded
                ? Results.Created($"/api/v1/byok/{made.Value.Id}", new { data = made.Value })
                : made.Refusal.ToResult();
        })
            .Tells<Answer<OwnKeyView>>("Keeps a provider key of your own, sealed.", 201);
        group.MapPatch("{id:guid}", async (Guid id, ChangeOwnKey request, OwnKeyBook book, CancellationToken cancellationToken) =>
            ToResult(await book.ChangeAsync(id, request, cancellationToken)))
            .Tells<Answer<OwnKeyView>>("Changes when and for what a provider key is used.");
        group.MapPost("{id:guid}/rotate", async (Guid id, RotateOwnKey request, OwnKeyBook book, CancellationToken cancellationToken) =>
            ToResult(await book.RotateAsync(id, request, cancellationToken)))
            .Tells<Answer<OwnKeyView>>("Replaces a provider key's secret.");
        group.MapPost("{id:guid}/test", async (Guid id, TestOwnKey? request, OwnKeyBook book, CancellationToken cancellationToken) =>
            ToResult(await book.TestAsync(id, request?.Model, cancellationToken)))
            .Tells<Answer<TestResult>>("Calls the provider once with the key and says how that went.");
        group.MapDelete("{id:guid}", async (Guid id, OwnKeyBook book, CancellationToken cancellationToken) =>
            await book.DeleteAsync(id, cancellationToken) ? Results.NoContent() : Refusal.NotFound.ToResult())
            .Tells("Forgets a provider key.");
    }

    private static IResult ToResult<T>(Outcome<T> outcome) where T : class =>
        outcome.Succeeded ? Results.Ok(new { data = outcome.Value }) : outcome.Refusal.ToResult();
}
