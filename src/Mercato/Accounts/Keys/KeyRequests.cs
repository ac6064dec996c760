using Mercato.Hosting;
using Mercato.Ledger;

namespace Mercato.Accounts;

public sealed record CreateKeyRequest
{
    public string? Name { get; init; }

    public Money? Limit { get; init; }

    public LimitReset? LimitReset { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public string[]? AllowedModels { get; init; }

    /// <summary>Inference and read when left out.</summary>
    public KeyScopes[]? Scopes { get; init; }

    public OnLowBalance? OnLowBalance { get; init; }

    public bool? IncludeByokInLimit { get; init; }
}

public sealed record PatchKeyRequest
{
    public Optional<string?> Name { get; init; }

    public Optional<Money?> Limit { get; init; }

    public Optional<LimitReset?> LimitReset { get; init; }

    public Optional<DateTimeOffset?> ExpiresAt { get; init; }

    public Optional<string[]?> AllowedModels { get; init; }

    public Optional<KeyScopes[]?> Scopes { get; init; }

    public Optional<OnLowBalance> OnLowBalance { get; init; }

    public Optional<bool> IncludeByokInLimit { get; init; }

    public Optional<bool> Disabled { get; init; }
}

/// <summary>What a key must look like, new or changed.</summary>
internal static class KeyRules
{
    public static readonly KeyScopes[] Single = [KeyScopes.Inference, KeyScopes.Read, KeyScopes.Manage];

    private const int LongestName = 100, MostModels = 200, LongestModel = 200;

    /// <summary>
    /// Applies the changes to the row, or says what is wrong with them; then the row must not be saved.
    /// </summary>
    public static Refusal? Apply(PatchKeyRequest change, ApiKeyRow row, ApiKey? maker, DateTimeOffset now)
    {
        var refusal = Check(change, maker, now);
        if (refusal is not null)
        {
            return refusal;
        }

        row.Name = change.Name.Or(row.Name)!.Trim();
        row.LimitNano = change.Limit.IsSet ? change.Limit.Value?.Nano : row.LimitNano;
        row.LimitReset = change.LimitReset.Or(row.LimitReset);
        row.ExpiresAt = change.ExpiresAt.Or(row.ExpiresAt);
        row.AllowedModels = change.AllowedModels.Or(row.AllowedModels) ?? [];
        row.Scopes = change.Scopes.IsSet ? Sum(change.Scopes.Value!) : row.Scopes;
        row.OnLowBalance = change.OnLowBalance.Or(row.OnLowBalance);
        row.IncludeByokInLimit = change.IncludeByokInLimit.Or(row.IncludeByokInLimit);
        row.DisabledAt = !change.Disabled.IsSet ? row.DisabledAt : change.Disabled.Value ? row.DisabledAt ?? now : null;
        return null;
    }

    private static Refusal? Check(PatchKeyRequest change, ApiKey? maker, DateTimeOffset now)
    {
        if (change.Name.IsSet
            && (string.IsNullOrWhiteSpace(change.Name.Value) || change.Name.Value.Length > LongestName))
        {
            return Refusal.Invalid("name", $"Give the key a name of at most {LongestName} characters.");
        }

        if (change.Limit.Value is { } limit && limit < Money.Zero)
        {
            return Refusal.Invalid("limit", "A limit is zero or more dollars, or null for none.");
        }

        if (change.ExpiresAt.Value is { } end && end <= now)
        {
            return Refusal.Invalid("expires_at", "The end must be in the future.");
        }

        if (change.AllowedModels.Value is { } models
            && (models.Length > MostModels || models.Any(model => model is not { Length: > 0 and <= LongestModel })))
        {
            return Refusal.Invalid("allowed_models", $"Give at most {MostModels} model ids.");
        }

        return change.Scopes.IsSet ? CheckScopes(change.Scopes.Value, maker) : null;
    }

    private static Refusal? CheckScopes(KeyScopes[]? scopes, ApiKey? maker)
    {
        if (scopes is not { Length: > 0 } || scopes.Any(scope => !Single.Contains(scope)))
        {
            return Refusal.Invalid("scopes", "Give one or more of inference, read and manage.");
        }

        return maker is not null && (Sum(scopes) & ~maker.Scopes) != KeyScopes.None
            ? new Refusal(403, "missing-scope", "A key cannot give another key a scope that it lacks itself.")
            : null;
    }

    private static KeyScopes Sum(KeyScopes[] scopes) => scopes.Aggregate((sum, scope) => sum | scope);
}
