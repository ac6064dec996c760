using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

public sealed record RegisterRequest(string? Email, string? Username, string? Password, string? Invitation = null);

/// <summary>Signing up: a user, a personal account, and what other modules add to it, in one transaction.</summary>
internal static class Register
{
    public static async Task<IResult> RegisterAsync(
        RegisterRequest request, HttpContext http, Registration registration, SignIn signIn,
        CancellationToken cancellationToken)
    {
        var registered = await registration.RegisterAsync(http, request, cancellationToken);
        if (!registered.Succeeded)
        {
            return registered.Refusal.ToResult();
        }

        var signedIn = await signIn.WithTokensAsync(registered.Value, cancellationToken);
        return signedIn.Succeeded
            ? Results.Json(signedIn.Value, statusCode: StatusCodes.Status201Created)
            : signedIn.Refusal.ToResult();
    }
}

/// <summary>Makes users. The sign-up page and the API share it.</summary>
internal sealed class Registration(
    MercatoContext context, UserManager<User> users, IEnumerable<AccountCreated> created, Passwords passwords,
    Attempts attempts, AccountsOptions options, TimeProvider time)
{
    private static readonly Refusal EmailTaken = new(409, "email-already-registered",
        "Somebody has signed up with this e-mail address. If it was you, sign in or reset your password.");

    public static Refusal UsernameTaken { get; } = new(409, "username-already-taken",
        "This user name is taken. Choose another.");

    /// <summary>
    /// A sign-up by a visitor: open only when the settings say so, and slowed down when it keeps failing.
    /// </summary>
    public async Task<Outcome<User>> RegisterAsync(
        HttpContext http, RegisterRequest request, CancellationToken cancellationToken)
    {
        if (!options.AllowRegistration)
        {
            return new Refusal(403, "registration-closed", "This server takes no sign-ups. Ask its operator.");
        }

        if (request.Invitation is not null)
        {
            return Refusal.Invalid("invitation", "This server knows no invitations; leave the member out.");
        }

        if (RegisterRules.Check(request) is { } invalid)
        {
            return invalid;
        }

        var limits = attempts.ForRegistration(http);
        if (await attempts.TakeAsync(limits, cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        var made = await CreateAsync(request, isAdmin: false, cancellationToken);
        if (made.Succeeded)
        {
            await attempts.GiveBackAsync(limits, cancellationToken);
        }

        return made;
    }

    /// <summary>Makes the user, or says why not. Nothing remains of a user that could not be made.</summary>
    /// <param name="request">What the person gave.</param>
    /// <param name="isAdmin">Makes an administrator.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <param name="first">Runs first in the transaction and may refuse.</param>
    public async Task<Outcome<User>> CreateAsync(
        RegisterRequest request, bool isAdmin, CancellationToken cancellationToken,
        Func<Task<Refusal?>>? first = null)
    {
        if (RegisterRules.Check(request) is { } invalid)
        {
            return invalid;
        }

        var now = time.GetUtcNow();
        var user = new User
        {
            Email = request.Email,
            UserName = request.Username,
            CreatedAt = now,
            IsAdmin = isAdmin,
            // Hashed before the transaction: SQLite has one writer, who must not wait for it.
            PasswordHash = await passwords.HashAsync(request.Password!, cancellationToken),
        };
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if ((first is null ? null : await first()) is { } refused)
        {
            return refused;
        }

        try
        {
            var result = await users.CreateAsync(user);
            if (!result.Succeeded)
            {
                return RefusalOf(result);
            }
        }
        catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is { } what)
        {
            // Someone else was faster by a moment; the index decided.
            return what.Contains("email", StringComparison.Ordinal) ? EmailTaken : UsernameTaken;
        }

        await AddAccountAsync(user, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return user;
    }

    private async Task AddAccountAsync(User user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var account = new Account
        {
            Id = Guid.CreateVersion7(now),
            Name = user.UserName!,
            Kind = AccountKind.Personal,
            CreatedAt = now,
        };
        context.Add(account);
        context.Add(new AccountMember { AccountId = account.Id, UserId = user.Id, Role = AccountRole.Owner });
        context.Add(new AccountPreferences { AccountId = account.Id });
        await context.SaveChangesAsync(cancellationToken);
        foreach (var run in created)
        {
            await run(context, account.Id, cancellationToken);
        }
    }

    private static Refusal RefusalOf(IdentityResult result)
    {
        var codes = result.Errors.Select(error => error.Code).ToHashSet();
        return codes.Contains(nameof(IdentityErrorDescriber.DuplicateEmail)) ? EmailTaken
            : codes.Contains(nameof(IdentityErrorDescriber.DuplicateUserName)) ? UsernameTaken
            : Refusal.Invalid(
                codes.Any(code => code.Contains("Email", StringComparison.Ordinal)) ? "email" : "username",
                string.Join(" ", result.Errors.Select(error => error.Description)));
    }
}
