using System.Web;
using Mercato.Accounts;
using Mercato.Data;
using Mercato.Tests.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mercato.Tests.Accounts;

public abstract class OperatorTests(MercatoApp app)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DisabledUser_LosesSessionsKeysAndSignIn()
    {
        var person = await Person.SignUpAsync(app);
        var key = (await (await person.Client.PostAsync("/api/v1/keys", new { name = "k" })).ReadAsync(201))
            .GetProperty("key").GetString()!;

        (await WithUsersAsync(users => users.SetDisabledAsync(person.Id, true, Cancel))).Value!.Disabled.ShouldBeTrue();

        await (await person.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        await (await app.WithBearer(key).AskAsync("/api/v1/key")).RefusedAsync(401, "api-key-disabled");
        await (await app.Anonymous.PostAsync("/api/v1/auth/login",
            new { email = person.Email, password = Person.Password })).RefusedAsync(403, "account-disabled");
        await WithUsersAsync(users => users.SetDisabledAsync(person.Id, false, Cancel));
        await (await app.WithBearer(key).AskAsync("/api/v1/key")).ReadAsync(200);
        await (await person.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        await Person.SignInAsync(app, person.Email);
    }

    [Fact]
    public async Task RoleGivenAndTaken_CountsAtOnce()
    {
        var first = await Person.SignUpAsync(app);
        var person = await Person.SignUpAsync(app);
        await WithUsersAsync(users => users.SetAdminAsync(first.Id, true, Cancel));
        await WithUsersAsync(users => users.SetAdminAsync(person.Id, true, Cancel));

        await (await person.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        var admin = await Person.SignInAsync(app, person.Email);
        var key = (await (await admin.Client.PostAsync("/api/v1/keys",
            new { name = "k", scopes = new[] { "manage" } })).ReadAsync(201)).GetProperty("key").GetString()!;
        await (await admin.Client.AskAsync("/metrics")).ReadAnyAsync(200);
        await (await app.WithBearer(key).AskAsync("/metrics")).RefusedAsync(403, "missing-scope");

        await WithUsersAsync(users => users.SetAdminAsync(person.Id, false, Cancel));

        await (await admin.Client.AskAsync("/metrics")).RefusedAsync(401, "invalid-access-token");
        await (await app.WithBearer(key).AskAsync("/metrics")).RefusedAsync(403, "administrators-only");
        var demoted = await Person.SignInAsync(app, person.Email);
        await (await demoted.Client.AskAsync("/metrics")).RefusedAsync(403, "administrators-only");
    }

    [Fact]
    public async Task Search_TakesWildcardsLiterally()
    {
        var person = await Person.SignUpAsync(app, "se_rch");
        await Person.SignUpAsync(app, "seXrch");

        var found = await WithUsersAsync(users => users.ListAsync("SE_RCH", null, 50, Cancel));
        var nothing = await WithUsersAsync(users => users.ListAsync(new string('%', 64), null, 50, Cancel));

        found.Data.Select(user => user.Id).ShouldBe([person.Id]);
        nothing.Data.ShouldBeEmpty();
    }

    [Fact]
    public async Task List_PagesNewestFirst()
    {
        var people = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            people.Add((await Person.SignUpAsync(app, "paged")).Id);
        }

        var first = await WithUsersAsync(users => users.ListAsync("paged", null, 2, Cancel));
        var second = await WithUsersAsync(users => users.ListAsync("paged", first.NextCursor, 2, Cancel));

        first.Data.Concat(second.Data).Select(user => user.Id).ShouldBe(Enumerable.Reverse(people));
        second.NextCursor.ShouldBeNull();
    }

    [Fact]
    public async Task SignUp_MakesAPersonalAccount()
    {
        var person = await Person.SignUpAsync(app);

        var account = await WithUsersAsync(users => users.FindPersonalAccountAsync(person.Id, Cancel));

        var me = await (await person.Client.AskAsync("/api/v1/me")).ReadAsync(200);
        me.GetProperty("account_id").GetGuid().ShouldBe(account!.Value);
    }

    private async Task<T> WithUsersAsync<T>(Func<Users, Task<T>> ask)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<Users>());
    }
}

public sealed class OperatorOnSqlite(SqliteApp app) : OperatorTests(app), IClassFixture<SqliteApp>;

public sealed class OperatorOnPostgres(PostgresApp app) : OperatorTests(app), IClassFixture<PostgresApp>;

public abstract class SetUpTests(MercatoApp app)
{
    [Fact]
    public async Task Link_MakesOneAdministratorHoweverManyUseIt()
    {
        var link = await WithAsync(setUp => setUp.RunAsync(TestContext.Current.CancellationToken));
        var token = HttpUtility.ParseQueryString(link!.Query)["token"];
        (await ClaimAsync("wrong", 99)).Refusal!.Name.ShouldBe("invalid-set-up-link");

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ClaimAsync(token, i)));

        var admin = claims.Single(claim => claim.Succeeded).Value!;
        claims.Where(claim => !claim.Succeeded).ShouldAllBe(claim => claim.Refusal!.Name == "invalid-set-up-link");
        var signedIn = await Person.SignInAsync(app, admin.Email!);
        await (await signedIn.Client.AskAsync("/metrics")).ReadAnyAsync(200);
        (await WithAsync(setUp => setUp.RunAsync(TestContext.Current.CancellationToken))).ShouldBeNull();
        await (await signedIn.Client.DeleteAsync("/api/v1/me", TestContext.Current.CancellationToken))
            .RefusedAsync(409, "last-administrator");
    }

    private Task<Outcome<User>> ClaimAsync(string? token, int i) => WithAsync(setUp => setUp.ClaimAsync(token,
        new RegisterRequest($"admin{i}@example.org", "admin" + i, Person.Password),
        TestContext.Current.CancellationToken));

    private async Task<T> WithAsync<T>(Func<SetUp, Task<T>> ask)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await ask(scope.ServiceProvider.GetRequiredService<SetUp>());
    }
}

public sealed class SetUpOnSqlite(SqliteApp app) : SetUpTests(app), IClassFixture<SqliteApp>;

public sealed class SetUpOnPostgres(PostgresApp app) : SetUpTests(app), IClassFixture<PostgresApp>;

public sealed class PasswordTests
{
    [Fact]
    public void WorkFactor_IsWhatTheGuidesAskFor() => new AccountsOptions().PasswordIterations.ShouldBe(210_000);

    [Fact]
    public void CommonPasswords_AreAThousandAtLeast() => PasswordRules.CommonCount.ShouldBeGreaterThanOrEqualTo(1000);

    [Fact]
    public async Task HashOfAnyCost_IsTheConfiguredOne()
    {
        using var passwords = new Passwords(new PasswordHasher<User>(
            Options.Create(new PasswordHasherOptions { IterationCount = 3 })));

        var hash = Convert.FromBase64String(await passwords.HashAsync("secret", TestContext.Current.CancellationToken));

        System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(5)).ShouldBe(3u);
    }
}
