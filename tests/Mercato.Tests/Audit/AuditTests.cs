using Mercato.Audit;
using Mercato.Fake;
using Mercato.Hosting;
using Mercato.Ledger;
using Mercato.Tests.Accounts;
using Mercato.Tests.Hosting;
using Mercato.Tests.Spending;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Auditing;

/// <summary>What calls over HTTP do to the books is in order at every moment.</summary>
public abstract class AuditTests(MercatoApp app)
{
    private const int Clients = 12, CallsEach = 12, Ceiling = 200;

    private static readonly string[] Endings = ["", "", "", ";reset=4", ";close=4", ";cut=4", ";half=4", ";reset=0"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LedgerAudit Audit => app.Services.GetRequiredService<LedgerAudit>();

    [Fact]
    public async Task BusyBooks_AreCleanAtEveryMoment()
    {
        var started = TimeProvider.System.GetUtcNow();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { KeepBodies = false });
        using var shop = await Shop.OpenAsync(
            new Uri(app.Address), upstream.Address, Money.Dollars(1), pricesInput: true);

        var calls = Task.WhenAll(
            Enumerable.Range(0, Clients).Select(client => SpendAsync(shop, new Random(seed + client))));
        var reports = new List<AuditReport>();
        do
        {
            reports.Add(await Audit.RunAsync(Token));
            reports.Add(await Audit.RunAsync(started, Token));
        }
        while (!calls.IsCompleted);
        await calls;
        await Books.Of(app).WaitUntilIdleAsync(shop.AccountId);
        reports.Add(await Audit.RunAsync(Token));

        reports.SelectMany(report => report.Findings).Select(finding => finding.ToString()).ShouldBeEmpty();
        reports.Max(report => report.Figures.OpenOps).ShouldBeGreaterThan(0, "calls ran while the books were read");
        reports[^1].Figures.Ops.ShouldBeGreaterThanOrEqualTo(Clients * CallsEach);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{reports.Count} audits, {reports.Max(report => report.DurationMs)} ms the longest");
    }

    [Fact]
    public async Task AuditOverHttp_IsKeptAndShownToAdministratorsOnly()
    {
        var admin = await Person.SignInAsync(app, MoneySettings.AdminEmail);
        var other = await Person.SignUpAsync(app);
        var scene = await AuditedScene.PlayAsync(app.Services);
        await Damage.EditAsync(app,
            $"UPDATE wallets SET posted_nano = posted_nano + 1 WHERE account_id = '{scene.Account}'");

        var run = (await (await admin.Client.PostAsync("/api/v1/admin/ledger/audit", new { })).ReadAsync(200))
            .GetProperty("data");
        var kept = (await (await admin.Client.AskAsync("/api/v1/admin/ledger/audit")).ReadAsync(200))
            .GetProperty("data").GetProperty("all");
        var page = await (await admin.Client.AskAsync("/admin/ledger")).ReadAnyAsync(200);
        await Damage.EditAsync(app,
            $"UPDATE wallets SET posted_nano = posted_nano - 1 WHERE account_id = '{scene.Account}'");

        run.GetProperty("finding_count").GetInt64().ShouldBe(1);
        var finding = run.GetProperty("findings")[0];
        finding.GetProperty("rule").GetString().ShouldBe("posted");
        finding.GetProperty("account_id").GetGuid().ShouldBe(scene.Account);
        finding.GetProperty("message").GetString()
            .ShouldBe("The wallet says $7.000000001, but its entries add up to $7.");
        kept.GetProperty("started_at").GetString().ShouldBe(run.GetProperty("started_at").GetString());
        page.ShouldContain("The wallet says $7.000000001, but its entries add up to $7.");
        page.ShouldContain($"account {scene.Account}");
        await (await other.Client.AskAsync("/api/v1/admin/ledger/audit")).RefusedAsync(403, "administrators-only");
        await (await other.Client.AskAsync("/admin/ledger")).RefusedAsync(403, "administrators-only");
    }

    [Fact]
    public async Task DueAudit_LooksAtWhatIsRecentInLargeBooksAndLogsAFindingOnce()
    {
        var scene = await AuditedScene.PlayAsync(app.Services);
        var now = TimeProvider.System.GetUtcNow();
        await RunAsync(results => results.RunAsync(Token));
        // Books as large as these are not read whole every minute.
        await Damage.EditAsync(app, """
            UPDATE ledger_audits SET report = replace(report, '"entries":', '"entries":9000000') WHERE scope = 'all'
            """);
        await RunJobAsync();
        var clean = await FindAsync();
        await Damage.EditAsync(app, $"UPDATE wallets SET held_nano = 0 WHERE account_id = '{scene.Account}'");
        await RunAsync(results => results.RunDueAsync(now, Token));
        var found = await FindAsync();
        await RunAsync(results => results.RunDueAsync(now, Token));
        var followed = await FindAsync();
        await RunAsync(results => results.RunDueAsync(now.AddDays(1.1), Token));
        var daily = await FindAsync();
        await Damage.EditAsync(app, $"UPDATE wallets SET held_nano = 2000000000 WHERE account_id = '{scene.Account}'");

        clean.Recent.ShouldNotBeNull().FindingCount.ShouldBe(0);
        found.Recent!.Findings.ShouldAllBe(finding => finding.Rule == AuditRule.Held);
        found.All!.FindingCount.ShouldBe(0);
        // What was found stays to be seen when it is no longer recent.
        followed.All!.Findings.ShouldAllBe(finding => finding.AccountId == scene.Account && finding.Rule == AuditRule.Held);
        followed.All.FindingCount.ShouldBe(2);
        daily.All!.StartedAt.ShouldBeGreaterThan(found.All.StartedAt);
        daily.All.Findings.Select(finding => finding.AccountId).Distinct().ShouldBe([scene.Account]);
        ((IAuditApp)app).Errors.Lines.Count(line => line.Contains($"{scene.Account}", StringComparison.Ordinal))
            .ShouldBe(2, "held by calls, and held by leases");
    }

    private async Task RunJobAsync()
    {
        var job = app.Services.GetServices<Job>().Single(job => job.Name == "ledger-audit");
        job.Every.ShouldBe(TimeSpan.FromMinutes(1));
        await using var scope = app.Services.CreateAsyncScope();
        await job.RunAsync(scope.ServiceProvider, Token);
    }

    private async Task<LastAudits> FindAsync()
    {
        LastAudits? found = null;
        await RunAsync(async results => found = await results.FindAsync(Token));
        return found!;
    }

    private async Task RunAsync(Func<AuditResults, Task> work)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<AuditResults>());
    }

    private static async Task SpendAsync(Shop shop, Random random)
    {
        for (var call = 0; call < CallsEach; call++)
        {
            var isStream = random.Next(3) > 0;
            var model = $"{shop.Provider}/fake-ok;in=20;out=20..150;events=8;pace=0..30"
                + Endings[random.Next(Endings.Length)];
            await (isStream
                ? shop.Customer.StreamAsync(model, Ceiling, random.Next(4) == 0 ? random.Next(2, 7) : null, Token)
                : shop.Customer.AskAsync(model, Ceiling, Token));
        }
    }
}

public sealed class AuditOnSqlite(AuditSqliteApp app) : AuditTests(app), IClassFixture<AuditSqliteApp>;

public sealed class AuditOnPostgres(AuditPostgresApp app) : AuditTests(app), IClassFixture<AuditPostgresApp>;
