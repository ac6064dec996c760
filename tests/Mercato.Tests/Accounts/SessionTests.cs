using Mercato.Tests.Hosting;

namespace Mercato.Tests.Accounts;

public abstract class SessionTests(MercatoApp app)
{
    [Fact]
    public async Task RightPassword_SignsInWhateverTheCaseOfTheEmail()
    {
        var person = await Person.SignUpAsync(app);

        var again = await Person.SignInAsync(app, person.Email.ToUpperInvariant());

        again.Id.ShouldBe(person.Id);
        await (await again.Client.AskAsync("/api/v1/auth/verify")).ReadAsync(200);
    }

    [Fact]
    public async Task UnknownEmailAndWrongPassword_AnswerAlike()
    {
        var person = await Person.SignUpAsync(app);

        var wrong = await LoginAsync(person.Email, "not the password");
        var unknown = await LoginAsync("nobody-" + person.Email, "not the password");

        await wrong.RefusedAsync(401, "invalid-credentials");
        (await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))
            .ShouldBe(await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        HeadersOf(unknown).ShouldBe(HeadersOf(wrong));
        HeadersOf(wrong).ShouldContain("WWW-Authenticate: Bearer");
    }

    [Fact]
    public async Task TenFailures_MakeThatNetworkWait()
    {
        var person = await Person.SignUpAsync(app);
        for (var i = 0; i < 10; i++)
        {
            await (await LoginAsync(person.Email, "guess " + i)).RefusedAsync(401, "invalid-credentials");
        }

        var eleventh = await LoginAsync(person.Email, Person.Password);

        await eleventh.RefusedAsync(429, "too-many-attempts");
        eleventh.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 900);
    }

    [Fact]
    public async Task ManyGuessesAtOnce_NoMoreThanTenAreLookedAt()
    {
        var person = await Person.SignUpAsync(app);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => LoginAsync(person.Email, "guess " + i)));

        answers.Count(answer => (int)answer.StatusCode == 401).ShouldBe(10);
        answers.Count(answer => (int)answer.StatusCode == 429).ShouldBe(30);
    }

    [Fact]
    public async Task Refresh_GivesNewTokensThatWork()
    {
        var person = await Person.SignUpAsync(app);

        var refreshed = Person.Of(app, await (await RefreshAsync(person.RefreshToken)).ReadAsync(200));

        refreshed.RefreshToken.ShouldNotBe(person.RefreshToken);
        await (await refreshed.Client.AskAsync("/api/v1/auth/verify")).ReadAsync(200);
        await (await RefreshAsync(refreshed.RefreshToken)).ReadAsync(200);
    }

    [Fact]
    public async Task RefreshTokenUsedTwice_EndsTheSession()
    {
        var person = await Person.SignUpAsync(app);
        var second = Person.Of(app, await (await RefreshAsync(person.RefreshToken)).ReadAsync(200));
        var third = Person.Of(app, await (await RefreshAsync(second.RefreshToken)).ReadAsync(200));

        await (await RefreshAsync(person.RefreshToken)).RefusedAsync(401, "invalid-refresh-token");

        await (await RefreshAsync(third.RefreshToken)).RefusedAsync(401, "invalid-refresh-token");
        await (await third.Client.AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "invalid-access-token");
    }

    [Fact]
    public async Task RefreshTokenUsedByManyAtOnce_AtMostOneWinsAndTheSessionEnds()
    {
        var person = await Person.SignUpAsync(app);

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => RefreshAsync(person.RefreshToken)));

        // A loser may end the session before the winner's answer is written.
        answers.Count(answer => (int)answer.StatusCode == 200).ShouldBeLessThanOrEqualTo(1);
        await (await person.Client.AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "invalid-access-token");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAA")]
    public async Task ForgedRefreshToken_Refused(string? token) =>
        await (await RefreshAsync(token)).RefusedAsync(401, "invalid-refresh-token");

    [Fact]
    public async Task AccessTokenAsRefreshToken_Refused()
    {
        var person = await Person.SignUpAsync(app);

        await (await RefreshAsync(person.AccessToken)).RefusedAsync(401, "invalid-refresh-token");
        await (await app.WithBearer(person.RefreshToken).AskAsync("/api/v1/auth/verify"))
            .RefusedAsync(401, "invalid-access-token");
    }

    [Fact]
    public async Task Logout_EndsThisSessionAtOnce()
    {
        var person = await Person.SignUpAsync(app);
        var other = await Person.SignInAsync(app, person.Email);

        await (await person.Client.PostAsync("/api/v1/auth/logout", new { })).ReadAsync(204);

        await (await person.Client.AskAsync("/api/v1/auth/verify")).RefusedAsync(401, "invalid-access-token");
        await (await RefreshAsync(person.RefreshToken)).RefusedAsync(401, "invalid-refresh-token");
        await (await other.Client.AskAsync("/api/v1/auth/verify")).ReadAsync(200);
    }

    [Fact]
    public async Task NewPassword_EndsTheOtherSessionsOnly()
    {
        var person = await Person.SignUpAsync(app);
        var other = await Person.SignInAsync(app, person.Email);

        await (await person.Client.PostAsync("/api/v1/me/password",
            new { current_password = Person.Password, new_password = "an even longer one" })).ReadAsync(204);

        await (await other.Client.AskAsync("/api/v1/me")).RefusedAsync(401, "invalid-access-token");
        await (await RefreshAsync(other.RefreshToken)).RefusedAsync(401, "invalid-refresh-token");
        await (await person.Client.AskAsync("/api/v1/me")).ReadAsync(200);
        await (await RefreshAsync(person.RefreshToken)).ReadAsync(200);
        await (await LoginAsync(person.Email, Person.Password)).RefusedAsync(401, "invalid-credentials");
        await Person.SignInAsync(app, person.Email, "an even longer one");
    }

    [Theory]
    [InlineData("wrong", "an even longer one", "current_password")]
    [InlineData(null, "an even longer one", "current_password")]
    [InlineData(Person.Password, "short", "new_password")]
    [InlineData(Person.Password, "password123", "new_password")]
    public async Task BadNewPassword_ChangesNothing(string? current, string next, string member)
    {
        var person = await Person.SignUpAsync(app);

        var answer = await person.Client.PostAsync("/api/v1/me/password",
            new { current_password = current, new_password = next });

        var problem = await answer.RefusedAsync(400, "invalid-request");
        problem.GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(problem.ToString());
        await Person.SignInAsync(app, person.Email);
    }

    [Fact]
    public async Task Restart_KeepsSessions()
    {
        var person = await Person.SignUpAsync(app);

        await app.RestartAsync();

        await (await app.WithBearer(person.AccessToken).AskAsync("/api/v1/auth/verify")).ReadAsync(200);
        await (await RefreshAsync(person.RefreshToken)).ReadAsync(200);
    }

    private static IEnumerable<string> HeadersOf(HttpResponseMessage answer) =>
        answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key != "Date")
            .Select(header => $"{header.Key}: {string.Join(",", header.Value)}").Order();

    private Task<HttpResponseMessage> LoginAsync(string email, string password) =>
        app.Anonymous.PostAsync("/api/v1/auth/login", new { email, password });

    private Task<HttpResponseMessage> RefreshAsync(string? token) =>
        app.Anonymous.PostAsync("/api/v1/auth/refresh", new { refresh_token = token });
}

public sealed class SessionOnSqlite(SqliteApp app) : SessionTests(app), IClassFixture<SqliteApp>;

public sealed class SessionOnPostgres(PostgresApp app) : SessionTests(app), IClassFixture<PostgresApp>;
