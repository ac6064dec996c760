using Microsoft.Playwright;

namespace Mercato.Browser.Tests;

/// <summary>
/// Somebody with a fresh browser profile. Whatever the pages complain about, a refused script or style above all, is
/// collected, and <see cref="ShouldHaveNoComplaints"/> fails on it.
/// </summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly List<string> _complaints = [];
    private readonly IBrowserContext _context;
    private readonly string _address;

    private Visitor(string address, IBrowserContext context, IPage page)
    {
        _address = address;
        _context = context;
        Page = page;
        page.SetDefaultTimeout(15_000);
        page.Console += (_, message) =>
        {
            // A refused status is part of some tests; it says nothing about the page's own code.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
            {
                _complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public static async Task<Visitor> ArriveAsync(Site site, ColorScheme colours = ColorScheme.Light, int width = 1280)
    {
        var context = await site.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = colours,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new Visitor(site.Address, context, await context.NewPageAsync());
    }

    /// <summary>Arrives and signs up under a new name.</summary>
    public static async Task<Visitor> SignUpAsync(Site site, ColorScheme colours = ColorScheme.Light, int width = 1280)
    {
        var visitor = await ArriveAsync(site, colours, width);
        await visitor.GoAsync("/sign-up");
        var name = "v" + Guid.NewGuid().ToString("N")[..12];
        await visitor.Page.GetByLabel("E-mail address").FillAsync($"{name}@example.org");
        await visitor.Page.GetByLabel("User name").FillAsync(name);
        await visitor.Page.GetByLabel("Password").FillAsync("a long enough secret");
        await visitor.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).WaitForAsync();
        return visitor;
    }

    public Task GoAsync(string path) => Page.GotoAsync(_address + path);

    public void ShouldHaveNoComplaints() => _complaints.ShouldBeEmpty();

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
