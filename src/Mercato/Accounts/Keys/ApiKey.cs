using System.Text.Json.Serialization;
using Mercato.Ledger;

namespace Mercato.Accounts;

/// <summary>What a key may do. A sign-in may do everything.</summary>
[Flags]
public enum KeyScopes
{
    None = 0,

    /// <summary>Calls to models, paid by the account.</summary>
    Inference = 1,

    /// <summary>Reading what the account owns.</summary>
    Read = 2,

    /// <summary>
    /// Changing it: keys, credits, settings; and administration when the key's maker is an administrator.
    /// </summary>
    Manage = 4,
}

/// <summary>When a key's spending limit starts anew (UTC).</summary>
public enum LimitReset
{
    Daily,
    Weekly,
    Monthly,
}

/// <summary>What happens to a call with an explicit output limit that the balance cannot cover.</summary>
public enum OnLowBalance
{
    Refuse,
    Shrink,
}

/// <summary>A key as requests see it: an immutable part of the snapshot, without its secret.</summary>
public sealed record ApiKey
{
    public required Guid Id { get; init; }

    public required Guid AccountId { get; init; }

    /// <summary>Who made it.</summary>
    public required Guid UserId { get; init; }

    public required string Name { get; init; }

    /// <summary>Enough of the key to recognise it.</summary>
    public required string Label { get; init; }

    /// <summary>The most that it may spend per <see cref="LimitReset"/>, or ever when that is null.</summary>
    public Money? Limit { get; init; }

    public LimitReset? LimitReset { get; init; }

    public required bool IncludeByokInLimit { get; init; }

    public required OnLowBalance OnLowBalance { get; init; }

    /// <summary>Model ids that it may call; empty allows all.</summary>
    public required IReadOnlyList<string> AllowedModels { get; init; }

    public required KeyScopes Scopes { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public required bool IsDisabled { get; init; }

    public required bool OwnerIsDisabled { get; init; }

    public required bool OwnerIsAdmin { get; init; }

    /// <summary>The public id in addresses.</summary>
    [JsonIgnore]
    public string Hash => Id.ToString("N");
}
