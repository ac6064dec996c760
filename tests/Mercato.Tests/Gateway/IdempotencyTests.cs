using System.Text;
using Mercato.Data;
using Mercato.Gateway.Idempotency;
using Mercato.Ledger;
using Mercato.Tests.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>One Idempotency-Key, one call: whatever is asked how often, and whatever broke meanwhile.</summary>
public abstract class IdempotencyTests(GatewayApp app)
{
    private const string Usual = "fake-ok;in=20;out=10";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("chat", false)]
    [InlineData("chat", true)]
    [InlineData("responses", false)]
    [InlineData("responses", true)]
    [InlineData("messages", false)]
    [InlineData("messages", true)]
    public async Task SameKeyAndBody_GetTheSameBytesAndPayOnce(string face, bool stream)
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask(face, Model(), stream));

        var first = await SendAsync(customer, key, body, face);
        var second = await SendAsync(customer, key, body, face);

        first.Status.ShouldBe(200, first.Text);
        first.Header("x-mercato-replayed").ShouldBeNull();
        second.Header("x-mercato-replayed").ShouldBe("true");
        second.Text.ShouldBe(first.Text);
        (second.Status, second.ContentType, second.GenerationId).ShouldBe((200, first.ContentType, first.GenerationId));
        second.Header("x-mercato-provider").ShouldBe("lab");
        CountOnTheWire(body).ShouldBe(1);
        (await OpsAsync(customer)).Count.ShouldBe(1);
        (await customer.BalanceAsync()).ShouldBe(1m - 0.00004m);
    }

    [Fact]
    public async Task FiftyTwinsAtOnce_OneIsCarriedOut()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model("whole-body-slow=300"), stream: false));

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync(customer, key, body)));

        CountOnTheWire(body).ShouldBe(1);
        var answers = replies.Where(reply => reply.Status == 200).ToList();
        answers.Select(reply => reply.Text).Distinct().Count().ShouldBe(1);
        replies.Except(answers).ShouldAllBe(reply => reply.Status == 409 && reply.Header("retry-after") == "1");
        (await customer.BalanceAsync()).ShouldBe(1m - 0.00004m);
    }

    [Fact]
    public async Task SameKeyForAnotherBodyOrAddress_Refused()
    {
        var customer = await app.CustomerAsync("1");
        var (key, model) = (NewKey(), Model());
        (await SendAsync(customer, key, Ask("chat", model, stream: false))).Succeeded();

        var other = await SendAsync(customer, key, Ask("chat", model, stream: true));
        other.Failed(422, "idempotency_key_reused");
        (await SendAsync(customer, key, Ask("messages", model, stream: false), "messages")).Status.ShouldBe(422);
    }

    [Fact]
    public async Task SameKeyOfAnotherAccount_IsAnotherKey()
    {
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));

        var first = await SendAsync(await app.CustomerAsync("1"), key, body);
        var second = await SendAsync(await app.CustomerAsync("1"), key, body);

        second.GenerationId.ShouldNotBe(first.GenerationId);
        CountOnTheWire(body).ShouldBe(2);
    }

    [Theory]
    [InlineData("status=400")]
    [InlineData("status=500")]
    [InlineData("html")]
    public async Task ProvidersFailure_IsTheStoredOutcome(string fault)
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model(fault), stream: false));

        var first = await SendAsync(customer, key, body);
        var sent = CountOnTheWire(body);
        var second = await SendAsync(customer, key, body);

        first.Status.ShouldBeGreaterThanOrEqualTo(400);
        (second.Status, second.Text).ShouldBe((first.Status, first.Text));
        second.Header("x-mercato-replayed").ShouldBe("true");
        CountOnTheWire(body).ShouldBe(sent);
    }

    [Fact]
    public async Task RefusedWithAdviceToTryAgain_LeavesTheKeyFree()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model("status=429;retry-after=7;times=3"), stream: false));

        (await SendAsync(customer, key, body)).Status.ShouldBe(429);
        var again = await SendAsync(customer, key, body);

        again.Header("x-mercato-replayed").ShouldBeNull();
    }

    [Fact]
    public async Task RefusedForLackOfMoney_LeavesTheKeyFree()
    {
        var customer = await app.CustomerAsync("0");
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));
        (await SendAsync(customer, key, body)).Failed(402, "insufficient_credits");

        await (await app.Admin.Client.PostAsync(
            $"/api/v1/admin/users/{customer.Person.Id}/credits", new { amount = "1", reason = "test" })).ReadAsync(200);

        (await SendAsync(customer, key, body)).Succeeded().Header("x-mercato-replayed").ShouldBeNull();
    }

    [Fact]
    public async Task WrongKeys_Refused()
    {
        var body = Ask("chat", Model(), stream: false);

        (await SendAsync(app.Customer, new string('k', 256), body)).Failed(400, "invalid_request");
        (await SendAsync(app.Customer, new string('k', 255), body)).Succeeded();
    }

    [Fact]
    public async Task AfterADay_KeyIsFree()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));
        (await SendAsync(customer, key, body)).Succeeded();
        await ChangeAsync(key, rows => rows.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.ExpiresAt, DateTimeOffset.UnixEpoch), Token));

        (await SendAsync(customer, key, body)).Succeeded().Header("x-mercato-replayed").ShouldBeNull();
        CountOnTheWire(body).ShouldBe(2);
    }

    [Fact]
    public async Task CallerLeavesAPlainCall_AnswerIsThereWhenItComesBack()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model("whole-body-slow=500"), stream: false));
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var asking = SendAsync(customer, Request(key, body, "chat"), leaving.Token);
            await app.Upstream.Journal.WaitForAsync(
                calls => calls.Any(call => body.Contains(call.Model!, StringComparison.Ordinal)), Token);
            await leaving.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(asking);
        }

        var reply = await AskUntilItEndsAsync(customer, key, body);

        reply.Succeeded().Header("x-mercato-replayed").ShouldBe("true");
        CountOnTheWire(body).ShouldBe(1);
        (await customer.BalanceAsync()).ShouldBe(1m - 0.00004m);
    }

    [Fact]
    public async Task CallerLeavesAStream_IsToldWhereItsBillIs()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model("events=10;stall=4"), stream: true));
        string generation;
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            using var request = Request(key, body, "chat");
            using var answer = await customer.Client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            generation = answer.Headers.GetValues("x-generation-id").Single();
            await leaving.CancelAsync();
        }

        var reply = await AskUntilItEndsAsync(customer, key, body);

        reply.Failed(409, "idempotent_answer_not_kept").GetProperty("metadata").GetProperty("generation_id")
            .GetString().ShouldBe(generation);
        CountOnTheWire(body).ShouldBe(1);
    }

    [Fact]
    public async Task AnswerTooLargeToKeep_IsToldWhereItsBillIs()
    {
        var customer = await app.CustomerAsync("5");
        var (key, body) = (NewKey(), Ask("chat", Model("bigline=4500000"), stream: true));
        var first = await SendAsync(customer, key, body);

        var second = await SendAsync(customer, key, body);

        first.Status.ShouldBe(200);
        second.Failed(409, "idempotent_answer_not_kept").GetProperty("message").GetString()!
            .ShouldContain(first.GenerationId!);
    }

    [Fact]
    public async Task ServerDiedInTheCall_InDoubtAndNeverMadeAgain()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));
        var first = (await SendAsync(customer, key, body)).Succeeded();
        // What a kill in mid-call leaves behind when the sweep has been there.
        await ChangeAsync(key, rows => rows.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, IdempotentState.Running), Token));
        await ChangeAsync<Op>(ops => ops.Where(op => op.UserId == customer.Person.Id).ExecuteUpdateAsync(
            set => set.SetProperty(op => op.SettlementReason, "node_lost"), Token));

        var error = (await SendAsync(customer, key, body)).Failed(409, "idempotent_call_in_doubt");

        error.GetProperty("metadata").GetProperty("generation_id").GetString().ShouldBe(first.GenerationId);
        CountOnTheWire(body).ShouldBe(1);
    }

    [Fact]
    public async Task AnswerThatIsStillOnItsWayOut_RunsForTheTwin()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));
        (await SendAsync(customer, key, body)).Succeeded();
        // Settled long ago by a server that lives: a slow reader puts the keeping off.
        await ChangeAsync(key, rows => rows.ExecuteUpdateAsync(
            set => set.SetProperty(row => row.State, IdempotentState.Running), Token));
        await ChangeAsync<Op>(ops => ops.Where(op => op.UserId == customer.Person.Id).ExecuteUpdateAsync(
            set => set.SetProperty(op => op.ClosedAt, DateTimeOffset.UnixEpoch), Token));

        (await SendAsync(customer, key, body)).Failed(409, "idempotent_call_running");
    }

    [Fact]
    public async Task ServerDiedBeforeTheCallHeldAnything_KeyIsFreeAgain()
    {
        var customer = await app.CustomerAsync("1");
        var (key, body) = (NewKey(), Ask("chat", Model(), stream: false));
        (await SendAsync(customer, key, body)).Succeeded();
        await ChangeAsync(key, rows => rows.ExecuteUpdateAsync(set => set
            .SetProperty(row => row.State, IdempotentState.Running).SetProperty(row => row.OpId, Guid.CreateVersion7())
            .SetProperty(row => row.CreatedAt, DateTimeOffset.UnixEpoch), Token));

        (await SendAsync(customer, key, body)).Succeeded().Header("x-mercato-replayed").ShouldBeNull();
    }

    private static string NewKey() => Guid.NewGuid().ToString();

    /// <summary>A script that no other test asks for.</summary>
    private static string Model(string more = "") => $"lab/{Usual};seed={Random.Shared.Next()};{more}".TrimEnd(';');

    private static string Ask(string face, string model, bool stream) =>
        CallerFace.All.Single(each => each.Name == face).Ask(model, stream);

    private static HttpRequestMessage Request(string key, string body, string face)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, CallerFace.All.Single(each => each.Name == face).Path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static Task<Reply> SendAsync(Customer customer, string key, string body, string face = "chat") =>
        SendAsync(customer, Request(key, body, face), Token);

    private static async Task<Reply> SendAsync(
        Customer customer, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var answer = await customer.Client.SendAsync(request, cancellationToken);
            return await Reply.ReadAsync(answer);
        }
    }

    /// <summary>Asks again while the first call still runs, as a client with patience does.</summary>
    private static async Task<Reply> AskUntilItEndsAsync(Customer customer, string key, string body)
    {
        while (true)
        {
            var reply = await SendAsync(customer, key, body);
            if (!reply.Text.Contains("idempotent_call_running", StringComparison.Ordinal))
            {
                return reply;
            }

            await Task.Delay(50, Token);
        }
    }

    private int CountOnTheWire(string body) =>
        app.Upstream.Journal.Calls.Count(call => body.Contains(call.Model!, StringComparison.Ordinal));

    private async Task<List<Op>> OpsAsync(Customer customer)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<Op>().AsNoTracking()
            .Where(op => op.UserId == customer.Person.Id).ToListAsync(Token);
    }

    private Task ChangeAsync(string key, Func<IQueryable<IdempotentCall>, Task<int>> change) =>
        ChangeAsync<IdempotentCall>(rows => change(rows.Where(row => row.Key == key)));

    private async Task ChangeAsync<T>(Func<IQueryable<T>, Task<int>> change) where T : class
    {
        await using var scope = app.Services.CreateAsyncScope();
        (await change(scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<T>())).ShouldBe(1);
    }
}

public sealed class IdempotencyOnSqlite(SqliteGateway app) : IdempotencyTests(app), IClassFixture<SqliteGateway>;

public sealed class IdempotencyOnPostgres(PostgresGateway app) : IdempotencyTests(app), IClassFixture<PostgresGateway>;
