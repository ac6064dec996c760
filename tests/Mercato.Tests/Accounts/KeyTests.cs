using System.Text.Json;
using Mercato.Accounts;
using Mercato.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Accounts;

public abstract class KeyTests(IClocked clocked)
{
    private readonly MercatoApp _app = clocked.App;

    [Fact]
    public async Task NewKey_WorksAtOnceAndIsShownOnce()
    {
        var person = await Person.SignUpAsync(_app);

        var (key, data) = await MakeAsync(person, new { name = "laptop", limit = 12.5, limit_reset = "monthly" });

        key.ShouldMatch("^mk_live_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}$");
        data.GetProperty("limit").GetRawText().ShouldBe("12.5");
        data.GetProperty("limit_usd").GetString().ShouldBe("12.5");
        data.GetProperty("limit_remaining_usd").GetString().ShouldBe("12.5");
        data.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ShouldBe(["inference", "read"]);
        var list = await (await _app.WithBearer(key).AskAsync("/api/v1/keys")).ReadAsync(200);
        list.GetProperty("data").GetArrayLength().ShouldBe(1);
        list.ToString().ShouldNotContain(key[8..^7]);
    }

    [Fact]
    public async Task EveryCarrier_FollowsTheSameRules()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, data) = await MakeAsync(person, new { name = "carried" });
        foreach (var credential in new[] { key, person.AccessToken })
        {
            foreach (var header in new[] { "Authorization", "x-api-key" })
            {
                await (await SendAsync(header, credential)).ReadAsync(200);
            }
        }

        await (await SendAsync("x-goog-api-key", key)).RefusedAsync(401, "unauthenticated");
        await (await _app.Anonymous.AskAsync("/api/v1/auth/verify?key=" + key)).RefusedAsync(401, "unauthenticated");
        await (await person.Client.PatchAsync("/api/v1/keys/" + HashOf(data), new { disabled = true })).ReadAsync(200);
        await (await SendAsync("Authorization", key)).RefusedAsync(401, "api-key-disabled");
        await (await SendAsync("x-api-key", key)).RefusedAsync(401, "api-key-disabled");
    }

    [Fact]
    public async Task DeletedKey_IsUnknown()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, data) = await MakeAsync(person, new { name = "short-lived" });

        await (await person.Client.DeleteAsync("/api/v1/keys/" + HashOf(data), TestContext.Current.CancellationToken))
            .ReadAsync(204);

        await (await _app.WithBearer(key).AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "invalid-api-key");
        await (await person.Client.AskAsync("/api/v1/keys/" + HashOf(data))).RefusedAsync(404, "not-found");
    }

    [Fact]
    public async Task ExpiredKey_IsRefusedToTheSecond()
    {
        var person = await Person.SignUpAsync(_app);
        var end = clocked.Clock.GetUtcNow().AddMinutes(5);
        var (key, _) = await MakeAsync(person, new { name = "five minutes", expires_at = end });
        await (await _app.WithBearer(key).AskAsync("/api/v1/auth/verify")).ReadAsync(200);

        clocked.Clock.Ahead += TimeSpan.FromMinutes(5);

        await (await _app.WithBearer(key).AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "api-key-expired");
    }

    [Fact]
    public async Task AccessToken_EndsAfterFifteenMinutes()
    {
        var person = await Person.SignUpAsync(_app);
        clocked.Clock.Ahead += TimeSpan.FromMinutes(14);
        await (await person.Client.AskAsync("/api/v1/auth/verify")).ReadAsync(200);

        clocked.Clock.Ahead += TimeSpan.FromMinutes(1);

        await (await person.Client.AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "invalid-access-token");
    }

    [Fact]
    public async Task KeyWithoutManage_ReadsButChangesNothing()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, data) = await MakeAsync(person, new { name = "reader" });
        var client = _app.WithBearer(key);

        await (await client.AskAsync("/api/v1/keys/" + HashOf(data))).ReadAsync(200);
        await (await client.PostAsync("/api/v1/keys", new { name = "more" })).RefusedAsync(403, "missing-scope");
        await (await client.PatchAsync("/api/v1/keys/" + HashOf(data), new { limit = 1 }))
            .RefusedAsync(403, "missing-scope");
    }

    [Fact]
    public async Task KeyWithoutRead_SeesOnlyItself()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, _) = await MakeAsync(person, new { name = "caller", scopes = new[] { "inference" } });
        var client = _app.WithBearer(key);

        await (await client.AskAsync("/api/v1/keys")).RefusedAsync(403, "missing-scope");
        await (await client.AskAsync("/api/v1/me")).RefusedAsync(403, "missing-scope");
        await (await client.AskAsync("/api/v1/key")).ReadAsync(200);
    }

    [Fact]
    public async Task KeyThatMakesKeys_GivesNoScopeThatItLacks()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, data) = await MakeAsync(person, new { name = "maker", scopes = new[] { "manage" } });
        var client = _app.WithBearer(key);

        await (await client.PostAsync("/api/v1/keys", new { name = "wider" })).RefusedAsync(403, "missing-scope");
        await (await client.PatchAsync("/api/v1/keys/" + HashOf(data), new { scopes = new[] { "read" } }))
            .RefusedAsync(403, "missing-scope");
        await (await client.PostAsync("/api/v1/keys", new { name = "same", scopes = new[] { "manage" } }))
            .ReadAsync(201);
    }

    [Fact]
    public async Task KeyIsNoPerson_SessionRoutesRefuseIt()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, _) = await MakeAsync(person, new { name = "all", scopes = new[] { "inference", "read", "manage" } });
        var client = _app.WithBearer(key);

        await (await client.PostAsync("/api/v1/auth/logout", new { })).RefusedAsync(403, "session-required");
        await (await client.DeleteAsync("/api/v1/me", TestContext.Current.CancellationToken))
            .RefusedAsync(403, "session-required");
        await (await client.PostAsync("/api/v1/me/password",
            new { current_password = Person.Password, new_password = "an even longer one" }))
            .RefusedAsync(403, "session-required");
    }

    [Fact]
    public async Task SomebodyElsesKey_IsNotThere()
    {
        var owner = await Person.SignUpAsync(_app);
        var (_, data) = await MakeAsync(owner, new { name = "mine" });
        var other = await Person.SignUpAsync(_app);
        var path = "/api/v1/keys/" + HashOf(data);

        await (await other.Client.AskAsync(path)).RefusedAsync(404, "not-found");
        await (await other.Client.PatchAsync(path, new { disabled = true })).RefusedAsync(404, "not-found");
        await (await other.Client.DeleteAsync(path, TestContext.Current.CancellationToken))
            .RefusedAsync(404, "not-found");
        await (await owner.Client.AskAsync("/api/v1/keys/nonsense")).RefusedAsync(404, "not-found");
        (await (await owner.Client.AskAsync(path)).ReadAsync(200)).GetProperty("data").GetProperty("disabled")
            .GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Patch_ChangesWhatIsGivenAndClearsWhatIsNull()
    {
        var person = await Person.SignUpAsync(_app);
        var (_, data) = await MakeAsync(person, new
        {
            name = "before", limit = "0.000000001", limit_reset = "daily", allowed_models = new[] { "a/b" },
            on_low_balance = "shrink", include_byok_in_limit = true,
        });

        var changed = (await (await person.Client.PatchAsync("/api/v1/keys/" + HashOf(data),
            new { name = "after", limit_reset = (string?)null })).ReadAsync(200)).GetProperty("data");

        changed.GetProperty("name").GetString().ShouldBe("after");
        changed.GetProperty("limit").GetRawText().ShouldBe("0.000000001");
        changed.GetProperty("limit_reset").ValueKind.ShouldBe(JsonValueKind.Null);
        changed.GetProperty("on_low_balance").GetString().ShouldBe("shrink");
        changed.GetProperty("include_byok_in_limit").GetBoolean().ShouldBeTrue();
        changed.GetProperty("allowed_models")[0].GetString().ShouldBe("a/b");
        var cleared = (await (await person.Client.PatchAsync("/api/v1/keys/" + HashOf(data),
            new { limit = (string?)null, allowed_models = (string[]?)null })).ReadAsync(200)).GetProperty("data");
        cleared.GetProperty("limit").ValueKind.ShouldBe(JsonValueKind.Null);
        cleared.GetProperty("allowed_models").GetArrayLength().ShouldBe(0);
    }

    [Theory]
    [InlineData("""{}""", "name")]
    [InlineData("""{"name":" "}""", "name")]
    [InlineData("""{"name":"x","limit":-1}""", "limit")]
    [InlineData("""{"name":"x","limit":1e999}""", "limit")]
    [InlineData("""{"name":"x","limit_reset":"hourly"}""", "limit_reset")]
    [InlineData("""{"name":"x","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"x","scopes":[]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["none"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["inference, manage"]}""", "scopes")]
    [InlineData("""{"name":"x","scopes":["admin"]}""", "scopes[0]")]
    [InlineData("""{"name":"x","allowed_models":[null]}""", "allowed_models")]
    [InlineData("""{"name":"x","account_id":"y"}""", "account_id")]
    [InlineData("""{"name":"x","created_by":"y"}""", "created_by")]
    [InlineData("""{"name":"x","usage":0}""", "usage")]
    public async Task BadMember_IsNamed(string body, string member)
    {
        var person = await Person.SignUpAsync(_app);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        var answer = await person.Client.PostAsync(new Uri("/api/v1/keys", UriKind.Relative), content,
            TestContext.Current.CancellationToken);

        var problem = await answer.RefusedAsync(400, "invalid-request");
        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(member);
    }

    [Fact]
    public async Task List_PagesThroughEveryKeyOnce()
    {
        var person = await Person.SignUpAsync(_app);
        for (var i = 0; i < 5; i++)
        {
            await MakeAsync(person, new { name = "key " + i });
        }

        var names = new List<string?>();
        var cursor = "";
        do
        {
            var page = await (await person.Client.AskAsync("/api/v1/keys?limit=2" + cursor)).ReadAsync(200);
            names.AddRange(page.GetProperty("data").EnumerateArray()
                .Select(key => key.GetProperty("name").GetString()));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? "&cursor=" + next : null;
        }
        while (cursor is not null);

        names.ShouldBe(["key 4", "key 3", "key 2", "key 1", "key 0"]);
    }

    [Fact]
    public async Task UnknownKey_CostsOneReadAndNoneWithABadChecksum()
    {
        var keys = _app.Services.GetRequiredService<ApiKeys>();
        var client = _app.WithBearer(ApiKeySecret.Create());
        var before = keys.Reads;

        await (await client.AskAsync("/api/v1/key")).RefusedAsync(401, "invalid-api-key");
        keys.Reads.ShouldBe(before + 1);
        await (await client.AskAsync("/api/v1/key")).RefusedAsync(401, "invalid-api-key");
        keys.Reads.ShouldBe(before + 1);
        await (await _app.WithBearer("mk_live_" + new string('a', 39)).AskAsync("/api/v1/key"))
            .RefusedAsync(401, "invalid-api-key");
        await (await _app.WithBearer("mk_live_' OR 1=1 --").AskAsync("/api/v1/key"))
            .RefusedAsync(401, "invalid-api-key");
        keys.Reads.ShouldBe(before + 1);

        clocked.Clock.Ahead += TimeSpan.FromSeconds(1);
        await (await client.AskAsync("/api/v1/key")).RefusedAsync(401, "invalid-api-key");
        keys.Reads.ShouldBe(before + 2);
    }

    [Fact]
    public async Task CallingKey_TellsItsLimits()
    {
        var person = await Person.SignUpAsync(_app);
        var (key, data) = await MakeAsync(person, new { name = "asks", limit = 3 });

        foreach (var path in new[] { "/api/v1/key", "/api/v1/auth/key" })
        {
            var answer = (await (await _app.WithBearer(key).AskAsync(path)).ReadAsync(200)).GetProperty("data");
            answer.GetProperty("label").GetString().ShouldBe(data.GetProperty("label").GetString());
            answer.GetProperty("limit").GetRawText().ShouldBe("3");
            answer.GetProperty("limit_remaining").GetRawText().ShouldBe("3");
            answer.GetProperty("usage").GetRawText().ShouldBe("0");
            answer.GetProperty("is_free_tier").GetBoolean().ShouldBeTrue();
            answer.GetProperty("rate_limit").GetProperty("requests").GetInt32().ShouldBe(-1);
        }

        await (await person.Client.AskAsync("/api/v1/key")).RefusedAsync(400, "api-key-required");
    }

    [Fact]
    public async Task PageOfAnotherSite_MayCallWithAKey()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/keys");
        request.Headers.Add("Origin", "https://elsewhere.example");
        request.Headers.Add("Access-Control-Request-Method", "GET");
        request.Headers.Add("Access-Control-Request-Headers", "authorization");

        var answer = await _app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);

        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe(["*"]);
        answer.Headers.Contains("Access-Control-Allow-Credentials").ShouldBeFalse();
    }

    internal static string HashOf(JsonElement data) => data.GetProperty("hash").GetString()!;

    private static async Task<(string Key, JsonElement Data)> MakeAsync(Person person, object request)
    {
        var made = await (await person.Client.PostAsync("/api/v1/keys", request)).ReadAsync(201);
        return (made.GetProperty("key").GetString()!, made.GetProperty("data"));
    }

    private async Task<HttpResponseMessage> SendAsync(string header, string credential)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/verify");
        request.Headers.Add(header, header == "Authorization" ? "Bearer " + credential : credential);
        return await _app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
    }
}

public sealed class KeyOnSqlite(ClockedSqliteApp app) : KeyTests(app), IClassFixture<ClockedSqliteApp>;

public sealed class KeyOnPostgres(ClockedPostgresApp app) : KeyTests(app), IClassFixture<ClockedPostgresApp>;
