using Mercato.Data;
using Mercato.Hosting;

namespace Mercato.Accounts;

/// <summary>`/api/v1/keys`, for programs that manage keys.</summary>
internal static class KeyEndpoints
{
    private sealed record One(KeyView Data);

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/v1/keys").WithTags("Keys").Is(EndpointClass.OwnObject)
            .RequireCors(Cors.AnyOrigin);
        keys.MapGet("", ListKeysAsync).Tells<KeyPage>("Your API keys, newest first.");
        keys.MapPost("", CreateKeyAsync)
            .Tells<CreatedKey>("Makes an API key. Its secret is in this answer and never again.", 201);
        keys.MapGet("/{hash}", GetKeyAsync).Tells<One>("One API key with what it has spent.");
        keys.MapPatch("/{hash}", PatchKeyAsync).Tells<One>("Changes what is given of an API key; null clears it.");
        keys.MapDelete("/{hash}", DeleteKeyAsync).Tells("Deletes an API key; calls with it fail at once.");

        var own = routes.MapGroup("/api/v1").WithTags("Keys").Is(EndpointClass.OwnObject).Needs(KeyScopes.None)
            .RequireCors(Cors.AnyOrigin);
        own.MapGet("/key", CallingKey.GetCallingKeyAsync)
            .Tells<CallingKey.Answer>("The API key of this call, with its limit and what is left of it.");
        own.MapGet("/auth/key", CallingKey.GetCallingKeyAsync).Tells<CallingKey.Answer>("The same as `/api/v1/key`.");
    }

    private static async Task<IResult> ListKeysAsync(
        CurrentAccount current, AccountKeys keys, CancellationToken cancellationToken, string? cursor = null,
        int limit = 50) =>
        Results.Json(await keys.ListAsync(current.AccountId, cursor, limit, cancellationToken));

    private static async Task<IResult> CreateKeyAsync(
        CreateKeyRequest request, CurrentAccount current, AccountKeys keys, CancellationToken cancellationToken)
    {
        var created = await keys.CreateAsync(current.Require(), request, cancellationToken);
        return created.Succeeded
            ? Results.Json(created.Value, statusCode: StatusCodes.Status201Created)
            : created.Refusal.ToResult();
    }

    private static async Task<IResult> GetKeyAsync(
        string hash, CurrentAccount current, AccountKeys keys, CancellationToken cancellationToken) =>
        Answer(await keys.FindAsync(current.AccountId, hash, cancellationToken));

    private static async Task<IResult> PatchKeyAsync(
        string hash, PatchKeyRequest change, CurrentAccount current, AccountKeys keys,
        CancellationToken cancellationToken) =>
        Answer(await keys.PatchAsync(current.Require(), hash, change, cancellationToken));

    private static async Task<IResult> DeleteKeyAsync(
        string hash, CurrentAccount current, AccountKeys keys, CancellationToken cancellationToken) =>
        await keys.DeleteAsync(current.AccountId, hash, cancellationToken) is { } refusal
            ? refusal.ToResult()
            : Results.NoContent();

    private static IResult Answer(Outcome<KeyView> outcome) =>
        outcome.Succeeded ? Results.Json(new One(outcome.Value)) : outcome.Refusal.ToResult();
}
