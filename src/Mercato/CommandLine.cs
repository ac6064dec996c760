using System.CommandLine;
using Mercato.Accounts;
using Mercato.Audit;

namespace Mercato;

/// <summary>
/// `mercato` serves; `mercato admin ...` helps an operator who cannot get in, `mercato ledger ...` checks the books.
/// Commands read the database that the settings name and write nothing, so they may run beside the server.
/// </summary>
internal static class CommandLine
{
    /// <summary>Without a command, or with options only, the server starts.</summary>
    public static bool IsServe(string[] args) =>
        args.Length == 0 || args[0] == "serve"
        || (args[0].StartsWith("--", StringComparison.Ordinal) && args[0] is not ("--help" or "--version"));

    public static Task<int> RunAsync(string[] args) => Commands(args).Parse(args).InvokeAsync();

    private static RootCommand Commands(string[] args)
    {
        var email = new Argument<string>("email") { Description = "The user's e-mail address." };
        var reset = new Command("reset-link", "Prints a one-time link with which a user sets a new password.") { email };
        reset.SetAction((parsed, cancellationToken) => MakeResetLinkAsync(args, parsed.GetRequiredValue(email)));
        var json = new Option<bool>("--json") { Description = "Prints the whole result as JSON." };
        var audit = new Command("audit", "Checks the whole ledger. Exit code: 0 clean, 1 findings, 2 could not run.") { json };
        audit.SetAction((parsed, cancellationToken) =>
            AuditCommand.RunAsync(args, parsed.GetValue(json), cancellationToken));
        return new RootCommand("Mercato, an AI model and agent marketplace that you host yourself.")
        {
            new Command("serve", "Serves the site and the API (the default)."),
            new Command("admin", "Help for operators.") { reset },
            new Command("ledger", "The books.") { audit },
        };
    }

    private static async Task<int> MakeResetLinkAsync(string[] args, string email)
    {
        await using var app = Program.Build(args);
        await using var scope = app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<Users>();
        if (await users.FindByEmailAsync(email) is not { } user || await users.MakeResetLinkAsync(user.Id) is not { } link)
        {
            await Console.Error.WriteLineAsync($"There is no user {email}, or the user is disabled.");
            return 1;
        }

        Console.WriteLine(link);
        return 0;
    }
}
