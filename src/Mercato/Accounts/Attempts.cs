using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mercato.Accounts;

/// <summary>How often something failed in the current window.</summary>
internal sealed class Attempt
{
    public required string Bucket { get; init; }

    public long WindowAt { get; set; }

    public long Failures { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Attempt>
    {
        public void Configure(EntityTypeBuilder<Attempt> entity)
        {
            entity.ToTable("attempts");
            entity.HasKey(attempt => attempt.Bucket);
            entity.HasIndex(attempt => attempt.WindowAt);
        }
    }
}

/// <summary>A counter and the most that it may reach in a window.</summary>
internal readonly record struct Limit(string Bucket, int Most);

/// <summary>
/// Slows guessing down. Counters stand in the database, so every node counts together. An attempt is counted before it
/// is tried and given back when it succeeds: of a hundred guesses sent at once, no more than allowed are looked at.
/// </summary>
internal sealed class Attempts(MercatoContext context, AccountsOptions options, TimeProvider time)
{
    /// <summary>
    /// Three counters. The first slows one guesser; the second one who tries many accounts; the third, much higher,
    /// one who guesses from many networks. A stranger who reaches the first locks nobody else out.
    /// </summary>
    public Limit[] ForLogin(HttpContext http, string email)
    {
        var network = NetworkOf(http.Connection.RemoteIpAddress);
        var account = email.Trim().ToUpperInvariant();
        return
        [
            new($"login {account} from {network}", options.LoginFailuresPerAccountAndNetwork),
            new($"login from {network}", options.LoginFailuresPerNetwork),
            new($"login {account}", options.LoginFailuresPerAccount),
        ];
    }

    public Limit[] ForRegistration(HttpContext http) =>
        [new($"register from {NetworkOf(http.Connection.RemoteIpAddress)}", options.RegistrationFailuresPerNetwork)];

    public Limit[] ForReset(HttpContext http) =>
        [new($"reset from {NetworkOf(http.Connection.RemoteIpAddress)}", options.ResetRequestsPerNetwork)];

    /// <summary>Counts an attempt; a refusal when it is one too many.</summary>
    public async Task<Refusal?> TakeAsync(Limit[] limits, CancellationToken cancellationToken)
    {
        var now = Instant.ToMicros(time.GetUtcNow());
        var over = now - Instant.ToMicros(DateTimeOffset.UnixEpoch + options.FailureWindow);
        long? until = null;
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        foreach (var (bucket, most) in limits)
        {
            var key = KeyOf(bucket);
            var counted = await context.Set<Attempt>().FromSql(
                $"""
                INSERT INTO attempts (bucket, window_at, failures) VALUES ({key}, {now}, 1)
                ON CONFLICT (bucket) DO UPDATE SET
                    failures = CASE WHEN attempts.window_at <= {over} THEN 1 ELSE attempts.failures + 1 END,
                    window_at = CASE WHEN attempts.window_at <= {over} THEN {now} ELSE attempts.window_at END
                RETURNING bucket, window_at, failures
                """).AsNoTracking().ToListAsync(cancellationToken);
            if (counted[0].Failures > most)
            {
                until = Math.Max(until ?? 0, counted[0].WindowAt + (now - over));
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return until is { } end
            ? new Refusal(429, "too-many-attempts", "Too many failed attempts. Wait, then try again.")
            {
                RetryAfterSeconds = (int)Math.Max(1, (end - now) / 1_000_000),
            }
            : null;
    }

    /// <summary>The attempt succeeded, so it was no failure.</summary>
    public Task GiveBackAsync(Limit[] limits, CancellationToken cancellationToken)
    {
        var keys = limits.Select(limit => KeyOf(limit.Bucket)).ToArray();
        return context.Set<Attempt>().Where(attempt => keys.Contains(attempt.Bucket) && attempt.Failures > 0)
            .ExecuteUpdateAsync(attempt => attempt.SetProperty(it => it.Failures, it => it.Failures - 1),
                cancellationToken);
    }

    public Task SweepAsync(CancellationToken cancellationToken)
    {
        var over = Instant.ToMicros(time.GetUtcNow() - options.FailureWindow);
        return context.Set<Attempt>().Where(attempt => attempt.WindowAt < over).ExecuteDeleteAsync(cancellationToken);
    }

    /// <summary>
    /// The /24 or /64 of an address: a household or an office, and what one person can vary for free.
    /// </summary>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return "nowhere";
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var kept = plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 8;
        return Convert.ToHexString(plain.GetAddressBytes().AsSpan(0, kept));
    }

    // Hashed for a fixed length, and so that the table does not list who tried to sign in.
    private static string KeyOf(string bucket) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bucket)));
}
