using System.Diagnostics;
using System.Text.Json;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;

namespace Mercato.Tests.Auditing;

/// <summary>`mercato ledger audit` on the books of a server that runs, and of one that was killed.</summary>
public abstract class AuditCommandTests(DatabaseKind kind, PostgresCluster cluster)
{
    private const int Streams = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Command_TellsByItsExitCodeWhatItFound()
    {
        var database = await TestDatabase.CreateAsync(kind, cluster);
        var books = new Books(kind, database.ConnectionString);
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { KeepBodies = false });
        try
        {
            await using var server = await MercatoProcess.StartAsync(database);
            using var shop = await Shop.OpenAsync(
                server.Address, upstream.Address, Money.Dollars(1), pricesInput: true);
            var model = $"{shop.Provider}/fake-ok;in=20;out=200;events=200;pace=200";
            var streams = Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => ReadUntilKilledAsync(shop, model)));
            await upstream.Journal.WaitForAsync(calls => calls.Count == Streams, Token);

            var running = await AuditAsync(database, "--json");
            await server.KillAsync();
            await streams;
            var killed = await AuditAsync(database);
            await ForgetServersAsync(books);
            var abandoned = await AuditAsync(database, "--json");

            running.Code.ShouldBe(0, running.Said);
            JsonDocument.Parse(running.Said).RootElement.GetProperty("figures").GetProperty("open_ops").GetInt64()
                .ShouldBe(Streams);
            killed.Code.ShouldBe(0, killed.Said);
            killed.Said.ShouldContain("Clean, after");
            abandoned.Code.ShouldBe(1, abandoned.Said);
            JsonDocument.Parse(abandoned.Said).RootElement.GetProperty("findings").EnumerateArray()
                .Select(finding => finding.GetProperty("rule").GetString()).ShouldBe(Enumerable.Repeat("call_stuck", Streams));
        }
        finally
        {
            await database.DropAsync(cluster);
        }
    }

    [Fact]
    public async Task NoDatabase_CannotBeAuditedAndIsNotMade()
    {
        var database = await TestDatabase.CreateAsync(kind, cluster);
        try
        {
            var audit = await AuditAsync(database);

            audit.Code.ShouldBe(2, audit.Said);
            audit.Said.ShouldStartWith("The ledger could not be audited: ");
            File.Exists(Path.Combine(database.Folder, "mercato.db")).ShouldBeFalse();
        }
        finally
        {
            await database.DropAsync(cluster);
        }
    }

    private static async Task ReadUntilKilledAsync(Shop shop, string model)
    {
        try
        {
            await shop.Customer.StreamAsync(model, 400, null, Token);
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException)
        {
            // The kill, seen from outside.
            Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>As if the kill had been long ago.</summary>
    private static async Task ForgetServersAsync(Books books)
    {
        await using var connection = await books.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE nodes SET deadline_at = deadline_at - 600000000";
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<(int Code, string Said)> AuditAsync(TestDatabase database, params string[] options)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "Mercato"), ["ledger", "audit", .. options])
        {
            WorkingDirectory = database.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ConnectionStrings__Mercato"] = database.ConnectionString,
                ["Mercato__DataDirectory"] = database.Folder,
                ["Mercato__MasterKeys__1"] = Convert.ToBase64String(new byte[32]),
            },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync(Token);
        var complained = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, await said + await complained);
    }
}

public sealed class AuditCommandOnSqlite(PostgresCluster cluster) : AuditCommandTests(DatabaseKind.Sqlite, cluster);

public sealed class AuditCommandOnPostgres(PostgresCluster cluster) : AuditCommandTests(DatabaseKind.Postgres, cluster);
