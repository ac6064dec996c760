using Microsoft.AspNetCore.Identity;

namespace Mercato.Data;

/// <summary>Someone who signs in. What they own belongs to an account of which they are a member.</summary>
public sealed class User : IdentityUser<Guid>
{
    public User()
    {
        Id = Guid.CreateVersion7();
        SecurityStamp = Guid.NewGuid().ToString("N");
    }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool IsAdmin { get; set; }

    /// <summary>Set by an operator: no new sign-in, no call, no key of this user works.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Counts the times when everything issued before stopped being good (disabled, new role, reset).</summary>
    public int SecurityVersion { get; set; }

    public DateTimeOffset? SecurityChangedAt { get; set; }
}
