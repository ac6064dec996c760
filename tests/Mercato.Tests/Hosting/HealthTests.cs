namespace Mercato.Tests.Hosting;

public abstract class HealthTests(MercatoApp app)
{
    [Fact]
    public async Task DatabaseAnswers_Ready()
    {
        var answer = await app.Anonymous.GetStringAsync("/health/ready", TestContext.Current.CancellationToken);

        answer.ShouldBe("ready");
    }

    [Fact]
    public async Task Restart_FindsItsDataAgain()
    {
        await app.RestartAsync();

        var answer = await app.Anonymous.GetStringAsync("/health/live", TestContext.Current.CancellationToken);

        answer.ShouldBe("live");
    }
}

public sealed class HealthOnSqlite(SqliteApp app) : HealthTests(app), IClassFixture<SqliteApp>;

public sealed class HealthOnPostgres(PostgresApp app) : HealthTests(app), IClassFixture<PostgresApp>;
