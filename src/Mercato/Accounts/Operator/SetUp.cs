using System.Security.Cryptography;
using System.Text;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>A one-time link by which the first administrator signs up; only the hash of its token is kept.</summary>
internal sealed class SetUpLink
{
    public required byte[] TokenHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<SetUpLink>
    {
        public void Configure(EntityTypeBuilder<SetUpLink> entity)
        {
            entity.ToTable("set_up_links");
            entity.HasKey(link => link.TokenHash);
        }
    }
}

/// <summary>
/// How a server gets its first administrator: from the environment, or by a link printed at the start.
/// </summary>
internal sealed class SetUp(
    MercatoContext context, UserManager<User> users, Registration registration, UserChange change,
    IConfiguration configuration, AccountsOptions options, TimeProvider time)
{
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(7);

    private static readonly Refusal Bad = new(403, "invalid-set-up-link",
        "This set-up link is not valid or was used. Start the server again for a new one.");

    /// <summary>The link to print when there is no administrator and the environment names none.</summary>
    public async Task<Uri?> RunAsync(CancellationToken cancellationToken)
    {
        var (email, password) = (configuration["MERCATO_ADMIN_EMAIL"], configuration["MERCATO_ADMIN_PASSWORD"]);
        if (!string.IsNullOrEmpty(email))
        {
            await PromoteAsync(email, password, cancellationToken);
            return null;
        }

        return await IsNeededAsync(cancellationToken) ? await MakeLinkAsync(cancellationToken) : null;
    }

    public async Task<bool> IsNeededAsync(CancellationToken cancellationToken) =>
        !await context.Set<User>().AnyAsync(user => user.IsAdmin && user.DisabledAt == null, cancellationToken);

    /// <summary>Signs the first administrator up. A success uses up the link, whoever else holds it.</summary>
    public Task<Outcome<User>> ClaimAsync(
        string? token, RegisterRequest request, CancellationToken cancellationToken) =>
        registration.CreateAsync(request, isAdmin: true, cancellationToken, first: async () =>
        {
            var (hash, oldest) = (HashOf(token ?? ""), time.GetUtcNow() - LinkLifetime);
            var used = await context.Set<SetUpLink>()
                .Where(link => link.TokenHash == hash && link.CreatedAt > oldest).ExecuteDeleteAsync(cancellationToken);
            if (used != 1 || !await IsNeededAsync(cancellationToken))
            {
                return Bad;
            }

            await context.Set<SetUpLink>().ExecuteDeleteAsync(cancellationToken);
            return null;
        });

    private async Task PromoteAsync(string email, string? password, CancellationToken cancellationToken)
    {
        if (await users.FindByEmailAsync(email) is null)
        {
            var local = new string([.. email.Split('@')[0].Where(RegisterRules.UsernameCharacters.Contains)]);
            var username = $"{local[..Math.Min(local.Length, 20)]}-{RandomNumberGenerator.GetHexString(6, true)}";
            var made = await registration.CreateAsync(
                new RegisterRequest(email, username, password), isAdmin: true, cancellationToken);
            if (made.Succeeded)
            {
                return;
            }

            if (made.Refusal.Status != StatusCodes.Status409Conflict)
            {
                throw new StartupException("The administrator of MERCATO_ADMIN_EMAIL and MERCATO_ADMIN_PASSWORD could "
                    + "not be made: " + made.Refusal.Detail);
            }

            // Another node made them a moment ago.
            context.ChangeTracker.Clear();
        }

        var user = (await users.FindByEmailAsync(email))!;
        if (!user.IsAdmin && await change.EndingAllAsync(user, () => user.IsAdmin = true, cancellationToken) is { } no)
        {
            throw new StartupException("The user of MERCATO_ADMIN_EMAIL could not be promoted: " + no.Detail);
        }
    }

    private async Task<Uri> MakeLinkAsync(CancellationToken cancellationToken)
    {
        var token = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var now = time.GetUtcNow();
        var oldest = now - LinkLifetime;
        await context.Set<SetUpLink>().Where(link => link.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        context.Add(new SetUpLink { TokenHash = HashOf(token), CreatedAt = now });
        await context.SaveChangesAsync(cancellationToken);
        return options.LinkTo("/set-up?token=" + token);
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
