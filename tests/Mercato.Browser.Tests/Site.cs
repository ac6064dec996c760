using Mercato.Browser.Tests;
using Mercato.Fake;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Site))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Mercato.Browser.Tests;

/// <summary>
/// The real application on SQLite, a fake provider behind it, and a real browser in front of it, once for all tests.
/// </summary>
public sealed class Site : IAsyncLifetime
{
    /// <summary>A model that the operator sells; the fake repeats what it is told, as 120 tokens in and some out.</summary>
    public const string Model = "openai/gpt-5.4-mini";

    private readonly string _folder = Directory.CreateTempSubdirectory("mercato-browser-").FullName;
    private WebApplication? _app;
    private FakeUpstream? _upstream;
    private IPlaywright? _playwright;

    public string Address => _app!.Urls.First();

    public FakeUpstream Upstream => _upstream!;

    public IBrowser Browser { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await FakeUpstream.StartAsync();
        _upstream.Alias("gpt-5.4-mini", "fake-echo;in=120;out=1000");
        _app = Program.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Logging:LogLevel:Default"] = "Warning",
                ["ConnectionStrings:Mercato"] = $"Data Source={Path.Combine(_folder, "mercato.db")}",
                ["Mercato:DataDirectory"] = _folder,
                ["Mercato:MasterKeys:1"] = Convert.ToBase64String(new byte[32]),
                ["Mercato:Accounts:PasswordIterations"] = "1",
                ["Mercato:Ledger:WelcomeCredit"] = "1",
                ["Mercato:Recommend:PerMinute"] = "1000",
                ["Mercato:Providers:openai:ApiKey"] = "sk-operator",
                ["Mercato:Providers:openai:BaseUrl"] = _upstream.Address.ToString(),
                ["Mercato:Providers:openai:AllowPrivate"] = "true",
            });
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
        });
        await Program.StartAsync(_app, CancellationToken.None);

        _playwright = await Playwright.CreateAsync();
        string[] sandbox = Environment.UserName == "root" ? ["--no-sandbox"] : [];
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = FindChromium(),
            Args =
            [
                .. sandbox, "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.CloseAsync();
        }

        _playwright?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static string FindChromium() =>
        new[] { "/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser" }.FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            "Chromium is not installed; ./test.sh installs it (Debian: apt-get install chromium).");
}
