using Mercato.Ledger;
using Microsoft.Playwright;

namespace Mercato.Browser.Tests;

/// <summary>What a person comes for, from the first page to the bill.</summary>
public sealed class JourneyTests(Site site)
{
    [Fact]
    public async Task WholeJourney_CostIsShownAndTheBalanceMovesByExactlyThat()
    {
        await using var visitor = await Visitor.SignUpAsync(site);
        var page = visitor.Page;

        await visitor.GoAsync("/");
        await page.GetByLabel("Search 535 models").Or(page.Locator("#search")).FillAsync("gpt 5.4 mini");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "GPT-5.4 mini", Exact = true }).WaitForAsync();

        await page.GetByLabel("Or describe your task").FillAsync("Summarise a long contract and list its risks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Recommend" }).ClickAsync();
        await page.Locator(".recommend-card").First.WaitForAsync();
        (await page.Locator(".recommend-reasons").First.InnerTextAsync()).ShouldNotBeNullOrWhiteSpace();

        await visitor.GoAsync("/models/" + Site.Model);
        (await page.Locator("#sample-curl").InnerTextAsync()).ShouldContain($"{site.Address}/v1/chat/completions");
        (await page.Locator("#sample-python").InnerTextAsync()).ShouldContain($"model=\"{Site.Model}\"");

        await AddProviderKeyAsync(visitor);

        var before = await BalanceAsync(visitor);
        await visitor.GoAsync("/models/" + Site.Model);
        await page.GetByRole(AriaRole.Link, new() { Name = "Chat with it" }).ClickAsync();
        await page.GetByLabel("Message").FillAsync("Say **this** back\n\n<img src=x onerror=alert(1)>\n\n- one\n- two");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        var reply = page.Locator(".message.assistant");
        await reply.Locator("[data-cost]").WaitForAsync();
        (await reply.Locator("strong").First.InnerTextAsync()).ShouldBe("this");
        (await reply.Locator("li").CountAsync()).ShouldBe(2);
        (await reply.Locator("img").CountAsync()).ShouldBe(0);
        var cost = Read(await reply.Locator("[data-cost-amount]").InnerTextAsync());
        cost.ShouldBeGreaterThan(Money.Zero);

        await reply.GetByRole(AriaRole.Link, new() { Name = "line by line" }).ClickAsync();
        Read(await page.Locator("[data-total]").InnerTextAsync()).ShouldBe(cost);
        (before - await BalanceAsync(visitor)).ShouldBe(cost);
        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task ReloadedConversation_ShowsTheSameReply()
    {
        await using var visitor = await Visitor.SignUpAsync(site);
        var page = visitor.Page;
        await visitor.GoAsync("/chat?model=" + Site.Model);
        await page.GetByLabel("Message").FillAsync("A reply that `stays`");
        await page.GetByLabel("Message").PressAsync("Enter");
        await page.Locator(".message.assistant [data-cost]").WaitForAsync();
        var written = await page.Locator(".message.assistant [data-body]").InnerTextAsync();

        await page.ReloadAsync();

        (await page.Locator(".message.assistant [data-body]").InnerTextAsync()).ShouldBe(written);
        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task StoppedReply_KeepsWhatCameAndIsSettled()
    {
        site.Upstream.Alias("gpt-5.4-nano", "fake-ok;in=10;out=400;events=400;pace=50");
        await using var visitor = await Visitor.SignUpAsync(site);
        var page = visitor.Page;
        await visitor.GoAsync("/chat?model=openai/gpt-5.4-nano");
        await page.GetByLabel("Message").FillAsync("Go on and on");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.Locator(".message.assistant [data-body] p").First.WaitForAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();

        await page.Locator(".message.assistant [data-cost]").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).WaitForAsync();
        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task NewKey_IsShownOnceWithTheUsualLimit()
    {
        await using var visitor = await Visitor.SignUpAsync(site);
        var page = visitor.Page;
        await visitor.GoAsync("/keys");
        await page.GetByLabel("Name").FillAsync("laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        (await page.Locator("#secret").InnerTextAsync()).ShouldStartWith("mk_live_");

        await visitor.GoAsync("/keys");

        (await page.Locator("#secret").CountAsync()).ShouldBe(0);
        (await page.GetByRole(AriaRole.Table).InnerTextAsync()).ShouldContain("$10.00 a month");
        visitor.ShouldHaveNoComplaints();
    }

    [Fact]
    public async Task OwnPageWithoutSignIn_LeadsBackAfterSigningIn()
    {
        await using var visitor = await Visitor.ArriveAsync(site);
        await visitor.GoAsync("/credits");

        new Uri(visitor.Page.Url).PathAndQuery.ShouldBe("/sign-in?return=%2Fcredits");
        visitor.ShouldHaveNoComplaints();
    }

    private static async Task AddProviderKeyAsync(Visitor visitor)
    {
        var page = visitor.Page;
        await visitor.GoAsync("/provider-keys");
        await page.GetByLabel("Provider", new() { Exact = true }).SelectOptionAsync("mistral");
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("a-key-of-my-own-1234");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the key" }).ClickAsync();
        (await page.GetByRole(AriaRole.Table).InnerTextAsync()).ShouldContain("1234");
    }

    private static async Task<Money> BalanceAsync(Visitor visitor)
    {
        await visitor.GoAsync("/credits");
        return Read(await visitor.Page.Locator("[data-balance-exact]").InnerTextAsync());
    }

    private static Money Read(string dollars) =>
        Money.TryParse(dollars.Replace("$", "", StringComparison.Ordinal), out var money)
            ? money
            : throw new FormatException($"'{dollars}' is not an amount.");
}
