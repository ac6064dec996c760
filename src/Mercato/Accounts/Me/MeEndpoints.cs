using Mercato.Hosting;

namespace Mercato.Accounts;

/// <summary>`/api/v1/me`.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this IEndpointRouteBuilder routes)
    {
        var me = routes.MapGroup("/api/v1/me").WithTags("Accounts").Is(EndpointClass.OwnObject);
        me.MapGet("", GetMeAsync).Tells<ProfileView>("Your profile.");
        me.MapPatch("", PatchMeAsync).Tells<ProfileView>("Changes your name or preferences.");
        me.MapDelete("", DeleteMeAsync).Tells("Deletes you, your keys and your conversations; bills stay.");
        me.MapPost("/password", ChangePasswordAsync).Tells("Changes your password and ends your other sessions.");
    }

    private static async Task<IResult> GetMeAsync(
        CurrentAccount current, Profile profile, CancellationToken cancellationToken) =>
        Results.Json(await profile.GetAsync(current.Require(), cancellationToken));

    private static async Task<IResult> PatchMeAsync(
        PatchProfileRequest change, CurrentAccount current, Profile profile, CancellationToken cancellationToken)
    {
        var changed = await profile.PatchAsync(current.Require(), change, cancellationToken);
        return changed.Succeeded ? Results.Json(changed.Value) : changed.Refusal.ToResult();
    }

    private static async Task<IResult> DeleteMeAsync(
        HttpContext http, CurrentAccount current, DeleteMe delete, SignIn signIn, CancellationToken cancellationToken)
    {
        if (await delete.RunAsync(current.Require(), cancellationToken) is { } refusal)
        {
            return refusal.ToResult();
        }

        await signIn.OutAsync(http, current.Require(), cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult> ChangePasswordAsync(
        ChangePasswordRequest request, HttpContext http, CurrentAccount current, ChangePassword change,
        CancellationToken cancellationToken) =>
        await change.RunAsync(http, current.Require(), request, cancellationToken) is { } refusal
            ? refusal.ToResult()
            : Results.NoContent();
}
