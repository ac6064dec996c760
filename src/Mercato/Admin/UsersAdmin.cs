using System.Security.Cryptography;
using System.Text;
using Mercato.Accounts;
using Mercato.Hosting;
using Mercato.Ledger;

namespace Mercato.Admin;

public sealed record ChangeUser(bool? Disabled, bool? IsAdmin);

public sealed record ChangeCredits(Money Amount, string Reason, bool Promotional);

/// <summary>`/api/v1/admin/users`.</summary>
internal static class UsersAdmin
{
    public static void MapUsers(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/users", (Users users, CancellationToken cancellationToken, string? q = null,
            string? cursor = null, int limit = 50) => users.ListAsync(q, cursor, limit, cancellationToken))
            .WithSummary("Users, newest first; `q` searches name and address.");
        admin.MapGet("/users/{id:guid}", GetUser).Tells("A user with their balance.", 200);
        admin.MapPatch("/users/{id:guid}", PatchUser)
            .Tells<Answer<UserView>>("Disables or enables a user, or gives and takes the operator's role.");
        admin.MapPost("/users/{id:guid}/reset-link", MakeResetLink)
            .Tells("Makes a one-time link with which a user sets a new password.", 200);
        admin.MapPost("/users/{id:guid}/credits", ChangeCredits)
            .Tells<Answer<EntryView>>("Gives credits, or takes them back; with an Idempotency-Key once.");
    }

    private static async Task<IResult> GetUser(
        Guid id, Users users, Ledger.Ledger ledger, CancellationToken cancellationToken)
    {
        if (await users.FindAsync(id, cancellationToken) is not { } user
            || await users.FindPersonalAccountAsync(id, cancellationToken) is not { } accountId)
        {
            return Refusal.NotFound.ToResult();
        }

        var wallet = await ledger.GetWalletAsync(accountId, cancellationToken);
        return Results.Ok(new
        {
            data = new
            {
                user,
                account_id = accountId,
                balance = new Money(wallet.PostedNano),
                held = new Money(wallet.HeldNano),
                available = wallet.Available,
                receivable = new Money(wallet.ReceivableNano),
            },
        });
    }

    private static async Task<IResult> PatchUser(
        Guid id, ChangeUser request, Users users, AuditLog audit, CancellationToken cancellationToken)
    {
        if (request.Disabled is { } disabled
            && await users.SetDisabledAsync(id, disabled, cancellationToken) is { Succeeded: false } refused)
        {
            return refused.Refusal.ToResult();
        }

        if (request.Disabled is not null)
        {
            // Written at once: the next change may be refused, and this one stands.
            await audit.WriteAsync("user.disable", id.ToString(), new { request.Disabled }, CancellationToken.None);
        }

        if (request.IsAdmin is { } isAdmin
            && await users.SetAdminAsync(id, isAdmin, cancellationToken) is { Succeeded: false } denied)
        {
            return denied.Refusal.ToResult();
        }

        if (request.IsAdmin is not null)
        {
            await audit.WriteAsync("user.role", id.ToString(), new { request.IsAdmin }, CancellationToken.None);
        }

        return await users.FindAsync(id, cancellationToken) is { } user
            ? Results.Ok(new { data = user })
            : Refusal.NotFound.ToResult();
    }

    private static async Task<IResult> MakeResetLink(
        Guid id, Users users, AuditLog audit, CancellationToken cancellationToken)
    {
        if (await users.MakeResetLinkAsync(id) is not { } link)
        {
            return Refusal.NotFound.ToResult();
        }

        await audit.WriteAsync("user.reset-link", id.ToString(), null, CancellationToken.None);
        return Results.Ok(new { data = new { url = link } });
    }

    /// <summary>A negative amount deducts. With an Idempotency-Key, asking again changes nothing.</summary>
    private static async Task<IResult> ChangeCredits(
        Guid id, ChangeCredits request, HttpContext http, Users users, Ledger.Ledger ledger, CurrentAccount actor,
        AuditLog audit, CancellationToken cancellationToken)
    {
        if (request.Amount == Money.Zero || string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > 500)
        {
            return Refusal.Invalid(request.Amount == Money.Zero ? "amount" : "reason",
                "Give an amount other than 0 and a reason of at most 500 characters.").ToResult();
        }

        var key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 255)
        {
            return Refusal.Invalid("Idempotency-Key", "An Idempotency-Key has at most 255 characters.").ToResult();
        }

        if (await users.FindPersonalAccountAsync(id, cancellationToken) is not { } accountId)
        {
            return Refusal.NotFound.ToResult();
        }

        var outcome = await ledger.GrantAsync(new GrantOrder(
            accountId, request.Amount, "admin", Guid.CreateVersion7().ToString("N"), request.Reason)
        {
            Promotional = request.Promotional,
            ActorId = actor.UserId,
            Idempotency = key.Length == 0 ? null : (key, Fingerprint(request)),
        });
        if (outcome is GrantOutcome.Granted { Replayed: false })
        {
            await audit.WriteAsync("user.credits", id.ToString(), request, CancellationToken.None);
        }

        return ToResult(outcome, http);
    }

    private static string Fingerprint(ChangeCredits request) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{request.Amount}\n{request.Promotional}\n{request.Reason}")));

    private static IResult ToResult(GrantOutcome outcome, HttpContext http)
    {
        switch (outcome)
        {
            case GrantOutcome.Granted granted:
                if (granted.Replayed)
                {
                    http.Response.Headers["x-mercato-replayed"] = "true";
                }

                return Results.Ok(new { data = EntryView.Of(granted.Entry) });
            case GrantOutcome.NotEnough notEnough:
                return new Refusal(409, "insufficient-balance",
                    $"Only ${notEnough.Available} can be taken back; the rest is spent or held by running calls.").ToResult();
            case GrantOutcome.KeyReused:
                return new Refusal(422, "idempotency-key-reused",
                    "This Idempotency-Key was used for another request. Use a new one.").ToResult();
            default:
                return new Refusal(503, "ledger-unavailable", "The database does not take writes now. Try again.")
                { RetryAfterSeconds = 2 }.ToResult();
        }
    }
}
