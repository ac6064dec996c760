using Mercato.Audit;
using Mercato.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Auditing;

/// <summary>
/// A check that was never seen failing is no check: each kind of damage is found in one audit, by exactly the rules that
/// it breaks.
/// </summary>
public abstract class DamageTests(MercatoApp app)
{
    private const string CopyOf3 =
        """
        INSERT INTO entries (account_id, number, kind, amount_nano, balance_nano, promotional_nano, op_id, created_at)
        SELECT account_id, 11, kind, amount_nano, {balance}, promotional_nano, op_id, created_at
        FROM entries WHERE account_id = '{account}' AND number = 3;
        """;

    [Theory]
    [InlineData("entry dropped", "History Posted Promotional Charge Lease",
        "DELETE FROM entries WHERE account_id = '{account}' AND number = 3")]
    [InlineData("newest entry dropped", "Posted Owed",
        "DELETE FROM entries WHERE account_id = '{account}' AND number = 10")]
    [InlineData("first entry dropped", "History Posted",
        "DELETE FROM entries WHERE account_id = '{account}' AND number = 1")]
    [InlineData("charge doubled", "History Posted Promotional Charge Lease",
        CopyOf3, "balance_nano")]
    [InlineData("charge doubled and the wallet made to agree", "Promotional Charge Lease",
        CopyOf3 + "UPDATE wallets SET posted_nano = 5500000000, entry_count = 11 WHERE account_id = '{account}'",
        "5500000000")]
    [InlineData("a nano more in the wallet", "Posted",
        "UPDATE wallets SET posted_nano = posted_nano + 1 WHERE account_id = '{account}'")]
    [InlineData("a wallet as rich as can be", "Posted",
        "UPDATE wallets SET posted_nano = 9223372036854775807 WHERE account_id = '{account}'")]
    [InlineData("amount edited", "History Posted",
        "UPDATE entries SET amount_nano = amount_nano + 1 WHERE account_id = '{account}' AND number = 1")]
    [InlineData("amounts that overflow", "History Posted",
        "UPDATE entries SET amount_nano = 9223372036854775807 WHERE account_id = '{account}' AND number IN (1, 9)")]
    [InlineData("history edited", "History",
        "UPDATE entries SET balance_nano = balance_nano + 1 WHERE account_id = '{account}' AND number = 5")]
    [InlineData("entry moved to another wallet", "Wallet History Posted Promotional EntryCall Charge Lease",
        "UPDATE entries SET account_id = '{nobody}' WHERE account_id = '{account}' AND number = 3")]
    [InlineData("entry count off", "Posted",
        "UPDATE wallets SET entry_count = entry_count - 1 WHERE account_id = '{account}'")]
    [InlineData("wallet dropped", "Wallet", "DELETE FROM wallets WHERE account_id = '{account}'")]
    [InlineData("kind changed", "EntryKind",
        "UPDATE entries SET kind = 'deduction' WHERE account_id = '{account}' AND number = 3")]
    [InlineData("orphan hold", "Held",
        "UPDATE wallets SET held_nano = held_nano + 1000 WHERE account_id = '{account}'")]
    [InlineData("hold released under a running call", "Held",
        "UPDATE wallets SET held_nano = 0 WHERE account_id = '{account}'")]
    [InlineData("negative hold", "NoDebt Held",
        "UPDATE wallets SET held_nano = -1 WHERE account_id = '{account}'")]
    [InlineData("more held than there is", "NoDebt Held",
        "UPDATE wallets SET held_nano = posted_nano + 1 WHERE account_id = '{account}'")]
    [InlineData("debt forgotten", "Owed",
        "UPDATE wallets SET receivable_nano = 7 WHERE account_id = '{account}'")]
    [InlineData("promotional above the balance", "Promotional",
        "UPDATE wallets SET promotional_nano = posted_nano + 1 WHERE account_id = '{account}'")]
    [InlineData("promotional part of an entry changed", "Promotional",
        "UPDATE entries SET promotional_nano = 5 WHERE account_id = '{account}' AND number = 7")]
    [InlineData("budget held drifted", "Budget",
        "UPDATE budgets SET held_nano = held_nano + 1 WHERE account_id = '{account}'")]
    [InlineData("budget dropped", "Budget", "DELETE FROM budgets WHERE account_id = '{account}'")]
    public Task WalletOrEntry_isFoundByItsRules(string damage, string rules, string sql, string balance = "") =>
        PlantAndFindAsync(damage, rules, sql.Replace("{balance}", balance, StringComparison.Ordinal));

    [Theory]
    [InlineData("usage without its entry", "Charge LineItems",
        "UPDATE ops SET state = 'settled', settlement = 'settled', cost_nano = 5, line_items = NULL WHERE id = '{void}'")]
    [InlineData("cost above the bound", "Charge Lease", "UPDATE ops SET bound_nano = cost_nano - 1 WHERE id = '{settled}'")]
    [InlineData("negative cost", "Charge LineItems", "UPDATE ops SET cost_nano = -1 WHERE id = '{void}'")]
    [InlineData("void call with a charge", "Charge LineItems Lease",
        "UPDATE entries SET op_id = '{void}' WHERE account_id = '{account}' AND number = 4;"
        + "UPDATE ops SET cost_nano = 0 WHERE id = '{refunded}'")]
    [InlineData("settled call without a time of its end", "CallEnd", "UPDATE ops SET closed_at = NULL WHERE id = '{settled}'")]
    [InlineData("settled call without a reason", "CallEnd", "UPDATE ops SET settlement_reason = NULL WHERE id = '{settled}'")]
    [InlineData("a state that is none", "CallEnd", "UPDATE ops SET state = 'done' WHERE id = '{void}'")]
    [InlineData("closed call opened again", "Held Budget CallEnd Charge Lease",
        "UPDATE ops SET state = 'open' WHERE id = '{settled}'")]
    [InlineData("call forgotten", "CallStuck",
        "UPDATE ops SET created_at = created_at - 7200000000 WHERE id = '{open}'")]
    [InlineData("lease without a node", "Lease", "UPDATE leases SET node_id = '{nobody}' WHERE id = '{open}'")]
    [InlineData("call without a node", "Lease", "UPDATE ops SET node_id = '{nobody}' WHERE id = '{open}'")]
    [InlineData("lease dropped under a running call", "Held Lease", "DELETE FROM leases WHERE id = '{open}'")]
    [InlineData("lease without a call", "Lease", "DELETE FROM ops WHERE id = '{void}'")]
    [InlineData("ended call with an open lease", "Lease", "UPDATE leases SET closed_at = NULL WHERE id = '{settled}'")]
    [InlineData("lease returned a nano less", "Lease",
        "UPDATE leases SET returned_nano = returned_nano - 1 WHERE id = '{settled}'")]
    [InlineData("lease granted more than the bound", "Held Lease",
        "UPDATE leases SET granted_nano = granted_nano + 1 WHERE id = '{open}'")]
    [InlineData("negative loss", "OperatorLoss", "UPDATE ops SET operator_loss_nano = -1 WHERE id = '{settled}'")]
    [InlineData("line items off by a pico", "LineItems",
        """UPDATE ops SET line_items = '[{"amount":"1.4"},{"amount":0.100000000001}]' WHERE id = '{settled}'""")]
    [InlineData("line items that cannot be read", "LineItems",
        """UPDATE ops SET line_items = '[{"amount":1.5e0}]' WHERE id = '{settled}'""")]
    [InlineData("line items lost", "LineItems", "UPDATE ops SET line_items = NULL WHERE id = '{settled}'")]
    public Task CallOrLease_isFoundByItsRules(string damage, string rules, string sql) =>
        PlantAndFindAsync(damage, rules, sql);

    [Theory]
    [InlineData("credit booked twice", "CreditOnce",
        "UPDATE entries SET event_id = (SELECT event_id FROM entries WHERE account_id = '{account}' AND number = 1)"
        + " WHERE account_id = '{account}' AND number = 2")]
    [InlineData("charge given back twice", "Refund",
        """
        INSERT INTO entries (account_id, number, kind, amount_nano, balance_nano, promotional_nano, source, event_id,
            reversal_of, created_at)
        SELECT account_id, 11, kind, amount_nano, 8000000000, promotional_nano, source, 'again', reversal_of, created_at
        FROM entries WHERE account_id = '{account}' AND number = 5;
        UPDATE wallets SET posted_nano = 8000000000, entry_count = 11 WHERE account_id = '{account}'
        """)]
    [InlineData("refund larger than its charge", "History Posted Refund",
        "UPDATE entries SET amount_nano = amount_nano + 1 WHERE account_id = '{account}' AND number = 5")]
    [InlineData("refund of a credit", "Refund",
        "UPDATE entries SET reversal_of = 1 WHERE account_id = '{account}' AND number = 5")]
    [InlineData("repeated request without an entry", "Idempotency",
        "UPDATE idempotent_changes SET entry_number = 99 WHERE account_id = '{account}'")]
    public Task CreditOrRefund_isFoundByItsRules(string damage, string rules, string sql) =>
        PlantAndFindAsync(damage, rules, sql);

    [Fact]
    public async Task RecentDamage_isFoundWithoutReadingOlderEntries()
    {
        var scene = await AuditedScene.PlayAsync(app.Services);
        await Damage.PlantAsync(app,
            $"UPDATE entries SET created_at = created_at - 7200000000 WHERE account_id = '{scene.Account}' AND number < 6");
        var whole = await AuditAsync(null);
        var clean = await AuditAsync(Ago(TimeSpan.FromHours(1)));
        clean.Findings.Where(finding => finding.AccountId == scene.Account).ShouldBeEmpty();
        clean.Figures.Entries.ShouldBeLessThan(whole.Figures.Entries);

        await Damage.PlantAsync(app,
            $"UPDATE entries SET balance_nano = 1 WHERE account_id = '{scene.Account}' AND number = 8;"
            + $"UPDATE ops SET cost_nano = cost_nano + 1 WHERE id = '{scene.Settled}'");

        (await AuditAsync(Ago(TimeSpan.FromHours(1)))).Findings.Where(finding => finding.AccountId == scene.Account)
            .Select(finding => finding.Rule).Distinct()
            .ShouldBe([AuditRule.History, AuditRule.Charge, AuditRule.LineItems], ignoreOrder: true);
    }

    private static DateTimeOffset Ago(TimeSpan time) => TimeProvider.System.GetUtcNow() - time;

    private async Task PlantAndFindAsync(string damage, string rules, string sql)
    {
        var scene = await AuditedScene.PlayAsync(app.Services);
        (await FindAsync(scene)).ShouldBeEmpty("before " + damage);

        await Damage.PlantAsync(app, sql.Replace("{account}", $"{scene.Account}", StringComparison.Ordinal)
            .Replace("{nobody}", $"{scene.Nobody}", StringComparison.Ordinal)
            .Replace("{settled}", $"{scene.Settled}", StringComparison.Ordinal)
            .Replace("{refunded}", $"{scene.Refunded}", StringComparison.Ordinal)
            .Replace("{void}", $"{scene.Void}", StringComparison.Ordinal)
            .Replace("{open}", $"{scene.Open}", StringComparison.Ordinal));

        var found = await FindAsync(scene);
        found.Select(finding => $"{finding.Rule}").Distinct().Order(StringComparer.Ordinal).ShouldBe(
            rules.Split(' ').Order(StringComparer.Ordinal),
            damage + ": " + string.Join('\n', found.Select(finding => finding.Message)));
    }

    private async Task<List<AuditFinding>> FindAsync(AuditedScene scene) =>
        [.. (await AuditAsync(null)).Findings
            .Where(finding => finding.AccountId == scene.Account || finding.AccountId == scene.Nobody)];

    private Task<AuditReport> AuditAsync(DateTimeOffset? since)
    {
        var audit = app.Services.GetRequiredService<LedgerAudit>();
        var token = TestContext.Current.CancellationToken;
        return since is { } from ? audit.RunAsync(from, token) : audit.RunAsync(token);
    }
}

public sealed class DamageOnSqlite(AuditSqliteApp app) : DamageTests(app), IClassFixture<AuditSqliteApp>;

public sealed class DamageOnPostgres(AuditPostgresApp app) : DamageTests(app), IClassFixture<AuditPostgresApp>;
