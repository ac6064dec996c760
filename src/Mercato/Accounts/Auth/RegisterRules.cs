using Mercato.Hosting;

namespace Mercato.Accounts;

/// <summary>What a sign-up must look like; every fault is named at once, by member.</summary>
internal static class RegisterRules
{
    public const string UsernameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    private const int LongestEmail = 254, LongestUsername = 32, ShortestUsername = 2;

    public static Refusal? Check(RegisterRequest request)
    {
        var errors = new Dictionary<string, string[]>();
        if (!IsEmail(request.Email))
        {
            errors["email"] = ["Give an e-mail address such as ada@example.org."];
        }

        if (!IsUsername(request.Username))
        {
            errors["username"] = [UsernameRule];
        }

        if (PasswordRules.Check(request.Password, request.Email, request.Username).ToArray() is { Length: > 0 } faults)
        {
            errors["password"] = faults;
        }

        return errors.Count == 0
            ? null
            : new Refusal(400, "invalid-request", string.Join(" ", errors.Values.SelectMany(messages => messages)))
            {
                Errors = errors,
            };
    }

    public static string UsernameRule =>
        $"A user name has {ShortestUsername} to {LongestUsername} letters (a-z), digits, '.', '_' or '-'.";

    public static bool IsUsername(string? username) =>
        username is { Length: >= ShortestUsername and <= LongestUsername } && username.All(UsernameCharacters.Contains);

    private static bool IsEmail(string? email) =>
        email is { Length: <= LongestEmail } && email.IndexOf('@') is > 0 and var at && at == email.LastIndexOf('@')
        && at < email.Length - 1
        && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or '"');
}
