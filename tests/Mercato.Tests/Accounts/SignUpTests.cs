using Mercato.Tests.Hosting;

namespace Mercato.Tests.Accounts;

public abstract class SignUpTests(MercatoApp app)
{
    [Fact]
    public async Task NewPerson_IsSignedInAndVerified()
    {
        var person = await Person.SignUpAsync(app);

        var verified = await (await person.Client.AskAsync("/api/v1/auth/verify")).ReadAsync(200);

        verified.GetProperty("valid").GetBoolean().ShouldBeTrue();
        verified.GetProperty("user_id").GetGuid().ShouldBe(person.Id);
        verified.GetProperty("kind").GetString().ShouldBe("access_token");
    }

    [Theory]
    [InlineData("same", "other", "email-already-registered")]
    [InlineData("same", "same", "email-already-registered")]
    [InlineData("other@example.org", "same", "username-already-taken")]
    public async Task TakenName_ConflictWhateverTheCase(string email, string username, string problem)
    {
        var first = await Person.SignUpAsync(app);

        var second = await app.Anonymous.PostAsync("/api/v1/auth/register", new
        {
            email = email == "same" ? first.Email.ToUpperInvariant() : email,
            username = username == "same" ? first.Username.ToUpperInvariant() : username,
            password = Person.Password,
        });

        await second.RefusedAsync(409, problem);
    }

    [Fact]
    public async Task ManyAtOnceWithOneEmail_OneWins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => app.Anonymous.PostAsync(
            "/api/v1/auth/register",
            new { email = "Race@Example.org", username = "racer" + i, password = Person.Password })));

        answers.Count(answer => (int)answer.StatusCode == 201).ShouldBe(1);
        foreach (var answer in answers.Where(answer => (int)answer.StatusCode != 201))
        {
            await answer.RefusedAsync(409, "email-already-registered");
        }
    }

    [Fact]
    public async Task ManyAtOnceWithOneUsername_OneWins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => app.Anonymous.PostAsync(
            "/api/v1/auth/register",
            new { email = $"racer{i}@example.org", username = "Same.Name", password = Person.Password })));

        answers.Count(answer => (int)answer.StatusCode == 201).ShouldBe(1);
        foreach (var answer in answers.Where(answer => (int)answer.StatusCode != 201))
        {
            await answer.RefusedAsync(409, "username-already-taken");
        }
    }

    [Theory]
    [InlineData("nobody", "fine", "correct horse battery", "email")]
    [InlineData("a@b@c", "fine", "correct horse battery", "email")]
    [InlineData("fine@example.org", "no spaces", "correct horse battery", "username")]
    [InlineData("fine@example.org", "", "correct horse battery", "username")]
    [InlineData("fine@example.org", "fine", "seven77", "password")]
    [InlineData("fine@example.org", "fine", "PassWord123", "password")]
    [InlineData("fine@example.org", "fine-name", "Fine-Name", "password")]
    [InlineData("fine@example.org", "fine", null, "password")]
    public async Task BadMember_IsNamed(string email, string username, string? password, string member)
    {
        var answer = await app.Anonymous.PostAsync("/api/v1/auth/register", new { email, username, password });

        var problem = await answer.RefusedAsync(400, "invalid-request");
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe([member]);
    }

    [Fact]
    public async Task SeveralBadMembers_AllAreNamed()
    {
        var answer = await app.Anonymous.PostAsync("/api/v1/auth/register", new { password = "short" });

        var problem = await answer.RefusedAsync(400, "invalid-request");
        problem.GetProperty("errors").EnumerateObject().Select(error => error.Name)
            .ShouldBe(["email", "username", "password"]);
    }

    [Theory]
    [InlineData(8, 201)]
    [InlineData(64, 201)]
    [InlineData(256, 201)]
    [InlineData(257, 400)]
    public async Task PasswordLength_HasItsBounds(int length, int status)
    {
        var answer = await app.Anonymous.PostAsync("/api/v1/auth/register", new
        {
            email = $"length{length}@example.org",
            username = "length" + length,
            password = string.Concat(Enumerable.Range(0, length).Select(i => (char)('!' + i % 90))),
        });

        await answer.ReadAsync(status);
    }

    [Fact]
    public async Task EveryOtherMember_IsRefusedByName()
    {
        foreach (var member in new[] { "is_admin", "role", "balance", "owner_id", "id", "verified", "security_stamp" })
        {
            var answer = await app.Anonymous.PostAsync("/api/v1/auth/register", new Dictionary<string, object>
            {
                ["email"] = "more@example.org",
                ["username"] = "more",
                ["password"] = Person.Password,
                [member] = true,
            });

            var problem = await answer.RefusedAsync(400, "invalid-request");
            problem.GetProperty("errors").TryGetProperty(member, out _).ShouldBeTrue(problem.ToString());
        }
    }
}

/// <summary>The two races alone fail 126 times, which is more than one network may.</summary>
public sealed class PatientSqliteApp(PostgresCluster cluster) : SqliteApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) =>
        settings["Mercato:Accounts:RegistrationFailuresPerNetwork"] = "1000";
}

public sealed class PatientPostgresApp(PostgresCluster cluster) : PostgresApp(cluster)
{
    protected override void Configure(IDictionary<string, string?> settings) =>
        settings["Mercato:Accounts:RegistrationFailuresPerNetwork"] = "1000";
}

public sealed class SignUpOnSqlite(PatientSqliteApp app) : SignUpTests(app), IClassFixture<PatientSqliteApp>;

public sealed class SignUpOnPostgres(PatientPostgresApp app) : SignUpTests(app), IClassFixture<PatientPostgresApp>;
