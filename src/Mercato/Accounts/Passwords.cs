using System.Collections.Frozen;
using Mercato.Data;
using Microsoft.AspNetCore.Identity;

namespace Mercato.Accounts;

/// <summary>What a password must not be. There is no rule about kinds of characters: length is what counts.</summary>
internal sealed class PasswordRules : IPasswordValidator<User>
{
    public const int Shortest = 8, Longest = 256;

    private static readonly FrozenSet<string> Common = ReadCommon();

    public static int CommonCount => Common.Count;

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password)
    {
        var errors = Check(password, user.Email, user.UserName)
            .Select(message => new IdentityError { Code = "Password", Description = message }).ToArray();
        return Task.FromResult(errors.Length == 0 ? IdentityResult.Success : IdentityResult.Failed(errors));
    }

    public static IEnumerable<string> Check(string? password, string? email, string? username)
    {
        if (password is null || password.Length < Shortest)
        {
            yield return $"A password has at least {Shortest} characters.";
        }

        if (password?.Length > Longest)
        {
            yield return $"A password has at most {Longest} characters.";
        }

        if (password is not null && (Common.Contains(password) || IsOwnName(password, email, username)))
        {
            yield return "This password is among the first that a guesser tries. Choose another.";
        }
    }

    private static bool IsOwnName(string password, string? email, string? username) =>
        string.Equals(password, email, StringComparison.OrdinalIgnoreCase)
        || string.Equals(password, username, StringComparison.OrdinalIgnoreCase);

    private static FrozenSet<string> ReadCommon()
    {
        using var file = typeof(PasswordRules).Assembly.GetManifestResourceStream("Mercato.CommonPasswords.txt")!;
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>
/// Hashes and checks passwords with the platform's hasher. The work is slow on purpose, so only half of the processors
/// may be at it: a flood of sign-ins makes sign-ins slow, and nothing else.
/// </summary>
internal sealed class Passwords(IPasswordHasher<User> hasher) : IDisposable
{
    private static readonly User Nobody = new() { CreatedAt = DateTimeOffset.UnixEpoch };

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));
    private string? _nobodysHash;

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => hasher.HashPassword(Nobody, password), cancellationToken);

    /// <summary>An unknown user (null) costs as much time as a wrong password.</summary>
    public Task<bool> VerifyAsync(User? user, string password, CancellationToken cancellationToken) =>
        InTurnAsync(() =>
        {
            _nobodysHash ??= hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
            var matches = hasher.VerifyHashedPassword(
                Nobody, user?.PasswordHash ?? _nobodysHash, password) != PasswordVerificationResult.Failed;
            return matches && user?.PasswordHash is not null;
        }, cancellationToken);

    public void Dispose() => _places.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _places.Release();
        }
    }
}
