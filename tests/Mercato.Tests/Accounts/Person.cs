using System.Net.Http.Json;
using System.Text.Json;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Accounts;

/// <summary>Somebody who has signed up, with a client that carries their access token.</summary>
public sealed record Person(
    string Email, string Username, Guid Id, string AccessToken, string RefreshToken, HttpClient Client)
{
    public const string Password = "correct horse battery";

    public static async Task<Person> SignUpAsync(MercatoApp app, string? name = null)
    {
        var username = (name ?? "p") + Guid.NewGuid().ToString("N")[..12];
        var email = username + "@example.org";
        var answer = await app.Anonymous.PostAsJsonAsync("/api/v1/auth/register",
            new { email, username, password = Password }, TestContext.Current.CancellationToken);
        return Of(app, await answer.ReadAsync(201));
    }

    public static async Task<Person> SignInAsync(MercatoApp app, string email, string password = Password)
    {
        var answer = await app.Anonymous.PostAsJsonAsync("/api/v1/auth/login", new { email, password },
            TestContext.Current.CancellationToken);
        return Of(app, await answer.ReadAsync(200));
    }

    public static Person Of(MercatoApp app, JsonElement signedIn)
    {
        var user = signedIn.GetProperty("user");
        var token = signedIn.GetProperty("access_token").GetString()!;
        return new Person(user.GetProperty("email").GetString()!, user.GetProperty("username").GetString()!,
            user.GetProperty("id").GetGuid(), token, signedIn.GetProperty("refresh_token").GetString()!,
            app.WithBearer(token));
    }
}

public static class Answers
{
    /// <summary>The JSON of an answer that has this status; the body is in the failure's message.</summary>
    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage answer, int status)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status, body);
        return body.Length == 0 ? default : JsonDocument.Parse(body).RootElement.Clone();
    }

    /// <summary>The text of an answer that has this status and need not be JSON.</summary>
    public static async Task<string> ReadAnyAsync(this HttpResponseMessage answer, int status)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status, body);
        return body;
    }

    /// <summary>Expects a refusal, by its stable name.</summary>
    public static async Task<JsonElement> RefusedAsync(this HttpResponseMessage answer, int status, string name)
    {
        var problem = await answer.ReadAsync(status);
        problem.GetProperty("type").GetString().ShouldBe("urn:mercato:problem:" + name);
        return problem;
    }

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, object body) =>
        client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    public static Task<HttpResponseMessage> PatchAsync(this HttpClient client, string path, object body) =>
        client.PatchAsJsonAsync(path, body, TestContext.Current.CancellationToken);

    public static Task<HttpResponseMessage> AskAsync(this HttpClient client, string path) =>
        client.GetAsync(path, TestContext.Current.CancellationToken);
}
