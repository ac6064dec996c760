using Mercato.Accounts;
using Mercato.Data;
using Mercato.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mercato.Tests.Accounts;

/// <summary>
/// The application with an endpoint of each class and a stand-in for the sign-in page, for what the gate does to
/// credentials. Which database is below makes no difference there.
/// </summary>
public sealed class GateApp : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mercato-gate-").FullName;
    private WebApplication _app = null!;

    public string Address => _app.Urls.First();

    public IServiceProvider Services => _app.Services;

    public MovedClock Clock { get; } = new();

    public HttpClient Client() => Fake.Loopback.Client(new Uri(Address));

    public async ValueTask InitializeAsync()
    {
        _app = Program.Build([], builder =>
        {
            builder.Configuration.Sources.Clear();
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["urls"] = "http://127.0.0.1:0",
                ["Mercato:DataDirectory"] = _folder,
                ["Mercato:Accounts:PasswordIterations"] = "1",
                ["MERCATO_ADMIN_EMAIL"] = "Root@Example.org",
                ["MERCATO_ADMIN_PASSWORD"] = Person.Password,
            });
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });
        Map(_app);
        await Program.StartAsync(_app, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Map(WebApplication app)
    {
        foreach (var (path, rule) in new[]
        {
            ("/test/public", EndpointClass.Public), ("/test/own", EndpointClass.OwnObject),
            ("/test/inference", EndpointClass.Inference), ("/test/admin", EndpointClass.Admin),
            ("/v1/test/own", EndpointClass.OwnObject), ("/v1/test/public", EndpointClass.Public),
        })
        {
            app.MapMethods(path, ["GET", "POST"], Who).Is(rule);
        }

        app.MapGet("/test/page", () => "page").Is(EndpointClass.OwnObject)
            .WithMetadata(new ComponentTypeMetadata(typeof(GateApp)));
        app.MapPost("/test/sign-in", async (HttpContext http, string email, UserManager<User> users, SignIn signIn) =>
            await signIn.WithCookieAsync(http, (await users.FindByEmailAsync(email))!, CancellationToken.None) is null
                ? Results.NoContent()
                : Results.Unauthorized()).Is(EndpointClass.Public);
        app.MapGet("/test/forgery", (HttpContext http, IAntiforgery antiforgery) =>
            antiforgery.GetAndStoreTokens(http).RequestToken).Is(EndpointClass.OwnObject);
    }

    private static string Who(CurrentAccount current) =>
        current.Caller is { } caller ? caller.Kind.ToString() : "nobody";
}

/// <summary>Keeps cookies as a browser does, Secure ones on loopback included.</summary>
public sealed class Browser(GateApp app)
{
    private readonly Dictionary<string, string> _cookies = [];

    public IReadOnlyDictionary<string, string> Cookies => _cookies;

    public List<string> SetCookies { get; } = [];

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var client = app.Client();
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Cookie",
            string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
        {
            SetCookies.Add(cookie);
            var pair = cookie.Split(';')[0].Split('=', 2);
            _cookies[pair[0]] = pair[1];
        }

        return answer;
    }

    public async Task<string> GetAsync(string path)
    {
        var answer = await SendAsync(HttpMethod.Get, path);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task SignInAsync(string email) =>
        (await SendAsync(HttpMethod.Post, "/test/sign-in?email=" + email)).EnsureSuccessStatusCode();
}
