using System.Text;
using Mercato.Fake;
using Mercato.Ledger;
using Mercato.Tests.Hosting;

namespace Mercato.Tests.Spending;

/// <summary>Callers who go away pay for what had come by then; the provider is told to stop.</summary>
public abstract class ClientLeavesTests(MercatoApp app)
{
    private const int MaxTokens = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hang")]
    [InlineData("hang-after-headers")]
    public async Task LeavesBeforeTheHeaders_PaysNothing(string silence)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var shop = await OpenAsync(upstream);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = shop.Customer.StreamAsync($"{shop.Provider}/fake-ok;{silence}", MaxTokens, null, leaving.Token);
        await upstream.Journal.WaitForCallAsync(_ => true, Token);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await upstream.Journal.WaitForCallAsync(sent => sent.Ending == Ending.ClientLeft, Token);
        var books = Books.Of(app);
        var op = await books.WaitUntilClosedAsync(shop.AccountId, "caller_left_before_output");
        op.State.ShouldBe("void");
        op.Cost.ShouldBe(0);
        await books.BalanceAsync(shop.AccountId);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public async Task LeavesInMidStream_PaysInputAndWhatCame(int events)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var shop = await OpenAsync(upstream);
        // The provider falls silent after these events, so what came is exactly what the caller saw.
        var model = $"{shop.Provider}/fake-ok;out=100;events=10;stall={events}";

        var reply = await shop.Customer.StreamAsync(model, MaxTokens, events, Token);

        reply.IsWhole.ShouldBeFalse();
        await upstream.Journal.WaitForCallAsync(sent => sent.Ending == Ending.ClientLeft, Token);
        var books = Books.Of(app);
        var op = await books.WaitUntilClosedAsync(shop.AccountId, "caller_left");
        op.UsageSource.ShouldBe("counted");
        op.InputTokens.ShouldBe(Tokens(Customer.Body(model, MaxTokens, stream: true).Length));
        op.OutputTokens.ShouldBe(Tokens(Encoding.UTF8.GetByteCount(reply.Text)));
        op.Cost.ShouldBe((op.InputTokens!.Value * Shop.InputNano) + (op.OutputTokens!.Value * Shop.OutputNano));
        reply.Text.ShouldNotBeEmpty();
        await books.BalanceAsync(shop.AccountId);
    }

    [Fact]
    public async Task LeavesBetweenUsageAndEndMarker_PaysByTheUsage()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var shop = await OpenAsync(upstream);
        // With usage in every event each waits for the next one: who sees the finish event knows that the gateway has
        // the usage event behind it.
        var model = $"{shop.Provider}/fake-ok;in=20;out=100;events=10;usage-always;stall=13";

        var reply = await shop.Customer.StreamAsync(model, MaxTokens, 12, Token);

        reply.IsWhole.ShouldBeFalse();
        await upstream.Journal.WaitForCallAsync(sent => sent.Ending == Ending.ClientLeft, Token);
        var books = Books.Of(app);
        var op = await books.WaitUntilClosedAsync(shop.AccountId, "caller_left");
        op.UsageSource.ShouldBe("provider");
        op.Cost.ShouldBe((20 * Shop.InputNano) + (100 * Shop.OutputNano));
        await books.BalanceAsync(shop.AccountId);
    }

    [Fact]
    public async Task LeavesAPlainCall_PaysForTheFinishedAnswer()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var shop = await OpenAsync(upstream);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var call = shop.Customer.AskAsync(
            $"{shop.Provider}/fake-ok;in=20;out=100;whole-body-slow=500", MaxTokens, leaving.Token);
        await upstream.Journal.WaitForCallAsync(_ => true, Token);

        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        await upstream.Journal.WaitForCallAsync(sent => sent.Ending == Ending.Answered, Token);
        var books = Books.Of(app);
        var op = await books.WaitUntilClosedAsync(shop.AccountId, "complete");
        op.Cost.ShouldBe((20 * Shop.InputNano) + (100 * Shop.OutputNano));
        op.UsageSource.ShouldBe("provider");
        await books.BalanceAsync(shop.AccountId);
    }

    private Task<Shop> OpenAsync(FakeUpstream upstream) =>
        Shop.OpenAsync(new Uri(app.Address), upstream.Address, Money.Dollars(1), pricesInput: true);

    /// <summary>What is counted: four bytes a token, begun ones too.</summary>
    private static long Tokens(int bytes) => (bytes + 3) / 4;
}

public sealed class ClientLeavesOnSqlite(MoneySqliteApp app) : ClientLeavesTests(app), IClassFixture<MoneySqliteApp>;

public sealed class ClientLeavesOnPostgres(MoneyPostgresApp app)
    : ClientLeavesTests(app), IClassFixture<MoneyPostgresApp>;
