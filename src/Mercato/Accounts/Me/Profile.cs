using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Mercato.Accounts;

internal sealed record PreferencesView(
    IReadOnlyList<string> PreferredProviders, Budget? Budget, string? DefaultModel, DataCollection DataCollection)
{
    public static PreferencesView Of(AccountPreferences preferences) =>
        new(preferences.PreferredProviders, preferences.Budget, preferences.DefaultModel, preferences.DataCollection);
}

internal sealed record ProfileView(
    Guid Id, string Email, string Username, bool IsAdmin, DateTimeOffset CreatedAt, Guid AccountId,
    bool TwoFactorEnabled, PreferencesView Preferences);

internal sealed record PatchPreferences
{
    public Optional<string[]?> PreferredProviders { get; init; }

    public Optional<Budget?> Budget { get; init; }

    public Optional<string?> DefaultModel { get; init; }

    public Optional<DataCollection> DataCollection { get; init; }
}

internal sealed record PatchProfileRequest(string? Username, PatchPreferences? Preferences);

/// <summary>The caller's own name and preferences, for the API and the settings page.</summary>
internal sealed class Profile(MercatoContext context, UserManager<User> users)
{
    private const int MostProviders = 50, LongestName = 200;

    public async Task<ProfileView> GetAsync(Caller caller, CancellationToken cancellationToken)
    {
        var user = await context.Set<User>().AsNoTracking()
            .SingleAsync(user => user.Id == caller.UserId, cancellationToken);
        return new ProfileView(user.Id, user.Email!, user.UserName!, user.IsAdmin, user.CreatedAt, caller.AccountId,
            user.TwoFactorEnabled, PreferencesView.Of(await PreferencesAsync(caller.AccountId, cancellationToken)));
    }

    public async Task<Outcome<ProfileView>> PatchAsync(
        Caller caller, PatchProfileRequest change, CancellationToken cancellationToken)
    {
        if (change.Preferences is { } preferences)
        {
            if (Check(preferences) is { } refusal)
            {
                return refusal;
            }

            await ApplyAsync(caller.AccountId, preferences, cancellationToken);
        }

        // One save: both changes or neither.
        if ((change.Username is { } name ? await RenameAsync(caller.UserId, name) : null) is { } taken)
        {
            return taken;
        }

        await context.SaveChangesAsync(cancellationToken);
        return await GetAsync(caller, cancellationToken);
    }

    private static Refusal? Check(PatchPreferences change)
    {
        if (change.PreferredProviders.Value is { } providers
            && (providers.Length > MostProviders || providers.Any(id => id is not { Length: > 0 and <= LongestName })))
        {
            return Refusal.Invalid("preferences.preferred_providers", $"Give at most {MostProviders} provider ids.");
        }

        return change.DefaultModel.Value is { } model && model.Length is 0 or > LongestName
            ? Refusal.Invalid("preferences.default_model", "Give a model id, or null for none.")
            : null;
    }

    private async Task ApplyAsync(Guid accountId, PatchPreferences change, CancellationToken cancellationToken)
    {
        var preferences = await PreferencesAsync(accountId, cancellationToken);
        preferences.PreferredProviders = change.PreferredProviders.Or(preferences.PreferredProviders) ?? [];
        preferences.Budget = change.Budget.Or(preferences.Budget);
        preferences.DefaultModel = change.DefaultModel.Or(preferences.DefaultModel);
        preferences.DataCollection = change.DataCollection.Or(preferences.DataCollection);
    }

    private async Task<Refusal?> RenameAsync(Guid userId, string username)
    {
        if (!RegisterRules.IsUsername(username))
        {
            return Refusal.Invalid("username", RegisterRules.UsernameRule);
        }

        var user = await users.FindByIdAsync(userId.ToString());
        try
        {
            return (await users.SetUserNameAsync(user!, username)).Succeeded ? null : Registration.UsernameTaken;
        }
        catch (DbUpdateException problem) when (UniqueViolation.Of(problem) is { } what
            && what.Contains("user_name", StringComparison.Ordinal))
        {
            return Registration.UsernameTaken;
        }
    }

    private Task<AccountPreferences> PreferencesAsync(Guid accountId, CancellationToken cancellationToken) =>
        context.Set<AccountPreferences>()
            .SingleAsync(preferences => preferences.AccountId == accountId, cancellationToken);
}
