using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Mercato.Accounts;

namespace Mercato.Tests.Accounts;

public sealed class GateTests(GateApp app) : IClassFixture<GateApp>
{
    private const string Root = "root@example.org";

    [Fact]
    public async Task PageCookie_HasEveryProtection()
    {
        var browser = new Browser(app);

        await browser.SignInAsync(Root);

        var cookie = browser.SetCookies.Single();
        cookie.ShouldStartWith("__Host-mercato=");
        foreach (var attribute in new[] { "secure", "httponly", "samesite=lax", "path=/" })
        {
            cookie.ShouldContain(attribute, Case.Insensitive);
        }

        cookie.ShouldNotContain("domain=", Case.Insensitive);
        (await browser.GetAsync("/test/own")).ShouldBe("Cookie");
        (await browser.GetAsync("/test/public")).ShouldBe("Cookie");
        (await browser.GetAsync("/test/admin")).ShouldBe("Cookie");
    }

    [Fact]
    public async Task PlainHttpElsewhere_CookieWithoutTheNameThatBrowsersWouldDrop()
    {
        var browser = new Browser(app);

        await browser.SendAsync(HttpMethod.Post, "/test/sign-in?email=" + Root, ("Host", "mercato.lan:5080"));

        browser.SetCookies.Single().ShouldStartWith("mercato=");
        browser.SetCookies.Single().ShouldNotContain("secure", Case.Insensitive);
    }

    [Theory]
    [InlineData("/v1/test/own", 401)]
    [InlineData("/V1/Test/Own", 401)]
    [InlineData("/test/inference", 401)]
    public async Task CookieOnAProgramsRoute_MeansNothing(string path, int status)
    {
        var browser = new Browser(app);
        await browser.SignInAsync(Root);

        ((int)(await browser.SendAsync(HttpMethod.Get, path)).StatusCode).ShouldBe(status);
        (await browser.GetAsync("/v1/test/public")).ShouldBe("nobody");
    }

    [Fact]
    public async Task ChangeByCookie_NeedsTheTokenOfOurPage()
    {
        var browser = new Browser(app);
        await browser.SignInAsync(Root);
        var token = await browser.GetAsync("/test/forgery");

        await (await browser.SendAsync(HttpMethod.Post, "/test/own")).RefusedAsync(403, "antiforgery-required");
        await (await browser.SendAsync(HttpMethod.Post, "/test/own", (PageForgery.Header, "guess")))
            .RefusedAsync(403, "antiforgery-required");
        (await browser.SendAsync(HttpMethod.Post, "/test/own", (PageForgery.Header, token)))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var (name, value) in new[]
        {
            ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
        })
        {
            await (await browser.SendAsync(HttpMethod.Post, "/test/own", (PageForgery.Header, token), (name, value)))
                .RefusedAsync(403, "antiforgery-required");
        }

        (await browser.SendAsync(HttpMethod.Post, "/test/own", (PageForgery.Header, token), ("Origin", app.Address)))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task TokenOfAnotherPerson_IsNoProofForThisOne()
    {
        var other = await SignUpAsync();
        var theirs = new Browser(app);
        await theirs.SignInAsync(other.Email);
        var token = await theirs.GetAsync("/test/forgery");
        var browser = new Browser(app);
        await browser.SignInAsync(Root);
        await browser.GetAsync("/test/forgery");

        await (await browser.SendAsync(HttpMethod.Post, "/test/own", (PageForgery.Header, token)))
            .RefusedAsync(403, "antiforgery-required");
    }

    [Fact]
    public async Task CookieOfAnEndedSession_IsRefusedAtOnceAndLater()
    {
        var browser = new Browser(app);
        await browser.SignInAsync(Root);
        var token = await browser.GetAsync("/test/forgery");
        var stolen = browser.Cookies.ToDictionary();

        (await browser.SendAsync(HttpMethod.Post, "/api/v1/auth/logout", (PageForgery.Header, token)))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var thief = new Browser(app);
        var cookie = ("Cookie", "__Host-mercato=" + stolen["__Host-mercato"]);
        ((int)(await thief.SendAsync(HttpMethod.Get, "/test/own", cookie)).StatusCode).ShouldBe(401);
        app.Clock.Ahead += TimeSpan.FromHours(1);
        ((int)(await thief.SendAsync(HttpMethod.Get, "/test/own", cookie)).StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task CookieLeftAlone_IsCheckedAndRenewed()
    {
        var browser = new Browser(app);
        await browser.SignInAsync(Root);
        app.Clock.Ahead += TimeSpan.FromDays(20);

        (await browser.GetAsync("/test/own")).ShouldBe("Cookie");

        browser.SetCookies.Count.ShouldBe(2);
        app.Clock.Ahead += TimeSpan.FromDays(20);
        (await browser.GetAsync("/test/own")).ShouldBe("Cookie");
        app.Clock.Ahead += TimeSpan.FromDays(31);
        ((int)(await browser.SendAsync(HttpMethod.Get, "/test/own")).StatusCode).ShouldBe(401);
    }

    [Fact]
    public async Task EachClass_AnswersEachCallerAsDeclared()
    {
        var person = await SignUpAsync();
        var root = await SignInAsync(Root);
        var inference = await KeyAsync(person, "inference");
        var read = await KeyAsync(person, "read");
        var rootManage = await KeyAsync(root, "manage");
        var rootRead = await KeyAsync(root, "read");
        var callers = new[]
        {
            null, "nonsense", person.AccessToken, inference, read, root.AccessToken, rootManage, rootRead,
        };

        // Rows: endpoint classes; columns: the callers above, in their order.
        await ShouldAnswerAsync("/test/public", callers, 200, 200, 200, 200, 200, 200, 200, 200);
        await ShouldAnswerAsync("/test/own", callers, 401, 401, 200, 403, 200, 200, 403, 200);
        await ShouldAnswerAsync("/test/inference", callers, 401, 401, 200, 200, 403, 200, 403, 403);
        await ShouldAnswerAsync("/test/admin", callers, 401, 401, 403, 403, 403, 200, 403, 403);
        await ShouldAnswerAsync("/v1/test/own", callers, 401, 401, 200, 403, 200, 200, 403, 200);
    }

    [Fact]
    public async Task BadCredentialBesideAGoodCookie_IsNotOverlooked()
    {
        var browser = new Browser(app);
        await browser.SignInAsync(Root);

        await (await browser.SendAsync(HttpMethod.Get, "/test/own", ("Authorization", "Bearer nonsense")))
            .RefusedAsync(401, "invalid-access-token");
    }

    [Fact]
    public async Task PersonOnAPage_IsSentToSignInAndBack()
    {
        var answer = await new Browser(app).SendAsync(HttpMethod.Get, "/test/page?q=a%20b");

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.ShouldBe("/sign-in?return=%2Ftest%2Fpage%3Fq%3Da%2520b");
    }

    [Theory]
    [InlineData("/chat", "/chat")]
    [InlineData("/models?q=a%20b&sort=x", "/models?q=a%20b&sort=x")]
    [InlineData(null, "/")]
    [InlineData("", "/")]
    [InlineData("//e", "/")]
    [InlineData("/\\e", "/")]
    [InlineData("\\\\e", "/")]
    [InlineData("https:e", "/")]
    [InlineData("https://e", "/")]
    [InlineData("%2f%2fe", "/")]
    [InlineData("/%2fe", "/")]
    [InlineData("/%5ce", "/")]
    [InlineData("/%09/e", "/")]
    [InlineData("/\t/e", "/")]
    [InlineData("@e", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/a\r\nSet-Cookie: x=y", "/")]
    [InlineData("/a%0d%0aSet-Cookie:%20x", "/")]
    public void ReturnPath_StaysOnThisSite(string? given, string expected) =>
        ReturnPath.Of(given).ShouldBe(expected);

    private async Task ShouldAnswerAsync(string path, string?[] callers, params int[] statuses)
    {
        foreach (var (credential, status) in callers.Zip(statuses))
        {
            foreach (var carrier in new[] { "Authorization", "x-api-key" })
            {
                using var client = app.Client();
                if (credential is not null)
                {
                    client.DefaultRequestHeaders.Add(carrier,
                        carrier == "x-api-key" ? credential : "Bearer " + credential);
                }

                var answer = await client.AskAsync(path);
                ((int)answer.StatusCode).ShouldBe(status, $"{path} for caller {Array.IndexOf(callers, credential)}");
                answer.Headers.WwwAuthenticate.Contains(new AuthenticationHeaderValue("Bearer"))
                    .ShouldBe(status == 401);
            }
        }
    }

    private async Task<(string Email, string AccessToken)> SignUpAsync()
    {
        var name = "p" + Guid.NewGuid().ToString("N")[..12];
        using var client = app.Client();
        var answer = await client.PostAsync("/api/v1/auth/register",
            new { email = name + "@example.org", username = name, password = Person.Password });
        return (name + "@example.org", (await answer.ReadAsync(201)).GetProperty("access_token").GetString()!);
    }

    private async Task<(string Email, string AccessToken)> SignInAsync(string email)
    {
        using var client = app.Client();
        var answer = await client.PostAsync("/api/v1/auth/login", new { email, password = Person.Password });
        return (email, (await answer.ReadAsync(200)).GetProperty("access_token").GetString()!);
    }

    private async Task<string> KeyAsync((string Email, string AccessToken) person, string scope)
    {
        using var client = app.Client();
        client.DefaultRequestHeaders.Add("x-api-key", person.AccessToken);
        var answer = await client.PostAsync("/api/v1/keys", new { name = scope, scopes = new[] { scope } });
        return (await answer.ReadAsync(201)).GetProperty("key").GetString()!;
    }
}
