using System.Text.Json;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Accounts;

public abstract class MeTests(MercatoApp app)
{
    [Fact]
    public async Task Preferences_AreKeptMemberByMember()
    {
        var person = await Person.SignUpAsync(app);

        await (await person.Client.PatchAsync("/api/v1/me", new
        {
            preferences = new { preferred_providers = new[] { "b", "a" }, budget = "low", data_collection = "deny" },
        })).ReadAsync(200);
        await (await person.Client.PatchAsync("/api/v1/me", new { preferences = new { default_model = "x/y" } }))
            .ReadAsync(200);
        var cleared = await (await person.Client.PatchAsync("/api/v1/me",
            new { preferences = new { budget = (string?)null } })).ReadAsync(200);

        cleared.ToString().ShouldBe((await (await person.Client.AskAsync("/api/v1/me")).ReadAsync(200)).ToString());
        var preferences = cleared.GetProperty("preferences");
        preferences.GetProperty("preferred_providers").EnumerateArray()
            .Select(id => id.GetString()).ShouldBe(["b", "a"]);
        preferences.GetProperty("budget").ValueKind.ShouldBe(JsonValueKind.Null);
        preferences.GetProperty("default_model").GetString().ShouldBe("x/y");
        preferences.GetProperty("data_collection").GetString().ShouldBe("deny");
    }

    [Fact]
    public async Task NewUsername_IsTakenOrRefused()
    {
        var person = await Person.SignUpAsync(app);
        var other = await Person.SignUpAsync(app);

        var renamed = await (await person.Client.PatchAsync("/api/v1/me", new { username = person.Username + ".2" }))
            .ReadAsync(200);

        renamed.GetProperty("username").GetString().ShouldBe(person.Username + ".2");
        await (await person.Client.PatchAsync("/api/v1/me", new { username = other.Username.ToUpperInvariant() }))
            .RefusedAsync(409, "username-already-taken");
        await (await person.Client.PatchAsync("/api/v1/me", new { username = "no spaces" }))
            .RefusedAsync(400, "invalid-request");
    }

    [Fact]
    public async Task RefusedUsername_LeavesPreferencesAsTheyWere()
    {
        var person = await Person.SignUpAsync(app);
        var other = await Person.SignUpAsync(app);

        await (await person.Client.PatchAsync("/api/v1/me",
            new { username = other.Username, preferences = new { default_model = "x/y" } }))
            .RefusedAsync(409, "username-already-taken");

        var me = await (await person.Client.AskAsync("/api/v1/me")).ReadAsync(200);
        me.GetProperty("preferences").GetProperty("default_model").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("is_admin")]
    [InlineData("email")]
    [InlineData("role")]
    [InlineData("security_version")]
    [InlineData("account_id")]
    public async Task OtherMember_IsRefusedByName(string member)
    {
        var person = await Person.SignUpAsync(app);

        var answer = await person.Client.PatchAsync("/api/v1/me", new Dictionary<string, object> { [member] = true });

        var problem = await answer.RefusedAsync(400, "invalid-request");
        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(member);
    }

    [Fact]
    public async Task PersonWhoLeaves_IsForgottenAndMayComeBack()
    {
        var person = await Person.SignUpAsync(app);
        var key = (await (await person.Client.PostAsync("/api/v1/keys", new { name = "gone" })).ReadAsync(201))
            .GetProperty("key").GetString()!;

        await (await person.Client.DeleteAsync("/api/v1/me", TestContext.Current.CancellationToken)).ReadAsync(204);

        await (await person.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        await (await app.WithBearer(key).AskAsync("/api/v1/key")).RefusedAsync(401, "invalid-api-key");
        await using var scope = app.Services.CreateAsyncScope();
        var user = await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<User>()
            .SingleAsync(user => user.Id == person.Id, TestContext.Current.CancellationToken);
        user.Email!.ShouldNotContain(person.Username);
        user.PasswordHash.ShouldBeNull();
        await (await app.Anonymous.PostAsync("/api/v1/auth/register",
            new { email = person.Email, username = person.Username, password = Person.Password })).ReadAsync(201);
    }

    [Fact]
    public async Task ResetRequest_AnswersAlikeForEverybody()
    {
        var person = await Person.SignUpAsync(app);

        var known = await app.Anonymous.PostAsync("/api/v1/auth/password-reset", new { email = person.Email });
        var unknown = await app.Anonymous.PostAsync("/api/v1/auth/password-reset", new { email = "x@example.org" });

        (await unknown.ReadAsync(202)).ToString().ShouldBe((await known.ReadAsync(202)).ToString());
    }

    [Fact]
    public async Task ResetLink_WorksOnceAndEndsEverySession()
    {
        var person = await Person.SignUpAsync(app);
        var token = await LinkTokenAsync(person);

        await (await ConfirmAsync(token, "short")).RefusedAsync(400, "invalid-request");
        await (await ConfirmAsync(token, "a new long password")).ReadAsync(204);

        await (await ConfirmAsync(token, "yet another password")).RefusedAsync(400, "invalid-reset-token");
        await (await person.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        var again = await Person.SignInAsync(app, person.Email, "a new long password");
        await (await again.Client.AskAsync("/api/v1/me")).ReadAsync(200);
    }

    [Fact]
    public async Task ResetLinkOfAnotherPerson_DoesNotFit()
    {
        var person = await Person.SignUpAsync(app);
        var other = await Person.SignUpAsync(app);
        var token = await LinkTokenAsync(other);

        await (await ConfirmAsync($"{person.Id:N}.{token.Split('.', 2)[1]}", "a new long password"))
            .RefusedAsync(400, "invalid-reset-token");
        await Person.SignInAsync(app, person.Email);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("[\"\"]")]
    [InlineData("{}")]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("\".\"")]
    public async Task ResetTokenOfAnyOtherShape_Refused(string token)
    {
        using var content = new StringContent($$"""{"token":{{token}},"password":"a new long password"}""",
            System.Text.Encoding.UTF8, "application/json");

        var answer = await app.Anonymous.PostAsync(new Uri("/api/v1/auth/password-reset/confirm", UriKind.Relative),
            content, TestContext.Current.CancellationToken);

        await answer.ReadAsync(400);
    }

    private async Task<string> LinkTokenAsync(Person person)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var link = await scope.ServiceProvider.GetRequiredService<Users>().MakeResetLinkAsync(person.Id);
        return Uri.UnescapeDataString(link!.Query["?token=".Length..]);
    }

    private Task<HttpResponseMessage> ConfirmAsync(string token, string password) =>
        app.Anonymous.PostAsync("/api/v1/auth/password-reset/confirm", new { token, password });
}

public sealed class MeOnSqlite(ManyResetsSqliteApp app) : MeTests(app), IClassFixture<ManyResetsSqliteApp>;

public sealed class MeOnPostgres(ManyResetsPostgresApp app) : MeTests(app), IClassFixture<ManyResetsPostgresApp>;

/// <summary>All tests come from one address, which may otherwise try twenty links.</summary>
public sealed class ManyResetsSqliteApp(PostgresCluster cluster) : SqliteApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) =>
        settings["Mercato:Accounts:ResetRequestsPerNetwork"] = "1000";
}

public sealed class ManyResetsPostgresApp(PostgresCluster cluster) : PostgresApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) =>
        settings["Mercato:Accounts:ResetRequestsPerNetwork"] = "1000";
}
