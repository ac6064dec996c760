using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Mercato.Browser.Tests;

/// <summary>
/// Every page in both themes: no complaint of the browser, no fault that axe knows, nothing wider than a phone.
/// </summary>
public sealed class PageTests(Site site)
{
    private static readonly string[] Open =
    [
        "/", "/?q=claude&capability=vision", "/?q=nothing+like+this+anywhere&max_price=0.1", "/models/" + Site.Model,
        "/models/anthropic/claude-sonnet-4-5", "/recommend", "/recommend?q=Refactor+a+Java+service", "/sign-in",
        "/sign-up", "/set-up?token=x", "/reset-password", "/reset-password?token=x", "/privacy", "/docs", "/no/such/page",
    ];

    private static readonly string[] Own = ["/keys", "/provider-keys", "/credits", "/chat"];

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task OpenPages_AreAccessible(ColorScheme colours)
    {
        await using var visitor = await Visitor.ArriveAsync(site, colours);
        foreach (var path in Open)
        {
            await CheckAsync(visitor, path);
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task OwnPages_AreAccessible(ColorScheme colours)
    {
        await using var visitor = await Visitor.SignUpAsync(site, colours);
        foreach (var path in Own)
        {
            await CheckAsync(visitor, path);
        }
    }

    [Fact]
    public async Task Phone_NeedsNoSidewaysScrolling()
    {
        await using var visitor = await Visitor.SignUpAsync(site, width: 360);
        foreach (var path in Open.Concat(Own))
        {
            await visitor.GoAsync(path);
            var overhang = await visitor.Page.EvaluateAsync<int>(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            overhang.ShouldBe(0, path);
        }

        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task ChosenTheme_IsThereBeforeAnyScript()
    {
        await using var visitor = await Visitor.ArriveAsync(site);
        await visitor.GoAsync("/");
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Switch to dark colours" }).ClickAsync();

        var html = await (await visitor.Page.Context.APIRequest.GetAsync(site.Address + "/privacy")).TextAsync();

        html.ShouldContain("data-theme=\"dark\"");
        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task Keyboard_ReachesTheContentWithTheFirstLink()
    {
        await using var visitor = await Visitor.ArriveAsync(site);
        await visitor.GoAsync("/");
        await visitor.Page.Keyboard.PressAsync("Tab");
        await visitor.Page.Keyboard.PressAsync("Enter");

        (await visitor.Page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("main");
        visitor.ShouldHaveNoComplaints();
    }

    private static async Task CheckAsync(Visitor visitor, string path)
    {
        await visitor.GoAsync(path);
        var result = await visitor.Page.RunAxe();
        result.Violations.Select(rule =>
                $"{path}: {rule.Id}: {rule.Help}: {string.Join(" | ", rule.Nodes.Take(3).Select(node => node.Html))}")
            .ShouldBeEmpty();
        visitor.ShouldHaveNoComplaints();
    }
}
