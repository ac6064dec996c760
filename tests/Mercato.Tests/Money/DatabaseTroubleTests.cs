using System.Net.Sockets;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Mercato.Tests.Spending;

/// <summary>A database in trouble is waited for and then said to be so; a row that it refuses is neither.</summary>
public sealed class DatabaseAwayTests
{
    [Theory]
    [InlineData(5, true)] // busy
    [InlineData(6, true)] // locked
    [InlineData(10, true)] // I/O error
    [InlineData(13, true)] // full
    [InlineData(14, true)] // cannot open
    [InlineData(1, false)] // SQL error
    [InlineData(8, false)] // read-only
    [InlineData(11, false)] // corrupt
    [InlineData(19, false)] // constraint
    public void SqliteErrors_AwayWhenTheyPass(int code, bool away) =>
        LedgerWriter.IsDatabaseAway(new SqliteException("as told", code)).ShouldBe(away);

    [Theory]
    [InlineData("08006", true)] // connection failure
    [InlineData("40001", true)] // serialization failure
    [InlineData("53100", true)] // disk full
    [InlineData("53300", true)] // too many connections
    [InlineData("55P03", true)] // lock not available
    [InlineData("57P01", true)] // shut down by the administrator
    [InlineData("58030", true)] // I/O error
    [InlineData("22021", false)] // a character that text cannot hold
    [InlineData("22003", false)] // a number out of range
    [InlineData("23514", false)] // CHECK
    [InlineData("42P01", false)] // no such table
    public void PostgresErrors_AwayWhenTheyPass(string state, bool away) =>
        LedgerWriter.IsDatabaseAway(new PostgresException("as told", "ERROR", "ERROR", state)).ShouldBe(away);

    [Fact]
    public void WayToTheDatabase_AwayWhenItBreaks()
    {
        LedgerWriter.IsDatabaseAway(new NpgsqlException("broken", new SocketException())).ShouldBeTrue();
        LedgerWriter.IsDatabaseAway(new IOException()).ShouldBeTrue();
        LedgerWriter.IsDatabaseAway(new TimeoutException()).ShouldBeTrue();
        LedgerWriter.IsDatabaseAway(new OverflowException()).ShouldBeFalse();
        LedgerWriter.IsDatabaseAway(new InvalidOperationException()).ShouldBeFalse();
    }
}

/// <summary>The same over HTTP: a trigger says on PostgreSQL what a full disk or a broken rule would.</summary>
public sealed class DatabaseTroubleTests(MoneyPostgresApp app) : IClassFixture<MoneyPostgresApp>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("53100", 503)]
    [InlineData("23514", 500)]
    public async Task DatabaseDoesNotTakeTheHold_CallIsNotMade(string state, int status)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var shop = await Shop.OpenAsync(new Uri(app.Address), upstream.Address, Money.Dollars(1), pricesInput: true);
        var model = shop.Provider + "/fake-ok;in=20;out=10";
        await ExecuteAsync($$"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $body$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{{state}}'; END $body$;
            CREATE TRIGGER refuse BEFORE INSERT ON ops EXECUTE FUNCTION refuse();
            """);
        try
        {
            var reply = await shop.Customer.AskAsync(model, 50, Token);

            reply.Status.ShouldBe(status, reply.Text);
            reply.Text.Contains("ledger_unavailable", StringComparison.Ordinal).ShouldBe(status == 503, reply.Text);
            reply.Text.ShouldNotContain("as told");
            upstream.Journal.Calls.ShouldBeEmpty();
        }
        finally
        {
            await ExecuteAsync("DROP TRIGGER refuse ON ops; DROP FUNCTION refuse();");
        }

        (await shop.Customer.AskAsync(model, 50, Token)).Status.ShouldBe(200);
        await Books.Of(app).BalanceAsync(shop.AccountId);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await app.Services.GetRequiredService<Database>().OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }
}
