using System.Text;
using System.Text.Json;
using Mercato.Data;
using Mercato.Fake;
using Mercato.Gateway;
using Mercato.Hosting;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>References to earlier turns of the Responses API: kept here, sealed, for their own account and for a while.</summary>
public abstract class KeptResponsesTests
{
    private const string OnResponses = "openai/gpt-4o-mini";
    private const string OnAnthropic = "anthropic/claude-sonnet-4-5";
    private const string OnGemini = "google/gemini-2.5-flash";

    private static readonly object Forecast = new
    {
        type = "function",
        name = "forecast",
        parameters = new { type = "object", properties = new { city = new { type = "string" } } },
        strict = false,
    };

    private readonly ManyHostsApp app;

    protected KeptResponsesTests(ManyHostsApp app)
    {
        this.app = app;
        // The journals go on: an emptied one would give out the same ids again.
        app.AnswerAsUsual();
    }

    [Theory]
    [InlineData(OnResponses, false)]
    [InlineData(OnResponses, true)]
    [InlineData(OnAnthropic, false)]
    [InlineData(OnAnthropic, true)]
    [InlineData(OnGemini, false)]
    [InlineData(OnGemini, true)]
    public async Task PreviousResponse_HostGetsTheWholeConversation(string model, bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer, new { model, stream, input = "My plum is blue." });
        var second = await Turn.TakeAsync(app.Customer,
            new { model, stream, input = "Remember it.", previous_response_id = first.Id });
        await Turn.TakeAsync(app.Customer,
            new { model, stream, input = "What was it?", previous_response_id = second.Id });

        var asked = LastAsked(model);
        asked.ShouldNotContain("previous_response_id");
        ShouldHoldInOrder(asked, "My plum is blue.", first.Text, "Remember it.", second.Text, "What was it?");
    }

    [Theory]
    [InlineData(OnResponses)]
    [InlineData(OnAnthropic)]
    public async Task PreviousResponse_InstructionsAreOfTheNewTurnOnly(string model)
    {
        var first = await Turn.TakeAsync(app.Customer, new { model, input = "Hello", instructions = "Speak as a pirate." });

        await Turn.TakeAsync(app.Customer,
            new { model, input = "Again", instructions = "Speak as a nun.", previous_response_id = first.Id });

        LastAsked(model).ShouldContain("Speak as a nun.");
        LastAsked(model).ShouldNotContain("pirate");
    }

    [Theory]
    [InlineData(OnResponses, false)]
    [InlineData(OnAnthropic, true)]
    [InlineData(OnGemini, true)]
    public async Task ToolResultAfterPreviousResponse_FindsItsCall(string model, bool stream)
    {
        Everywhere("fake-tools;in=20;out=10");
        var tools = new[] { Forecast };
        var first = await Turn.TakeAsync(app.Customer, new { model, stream, tools, input = "Weather in Ulm?" });

        var second = await Turn.TakeAsync(app.Customer, new
        {
            model,
            stream,
            tools,
            input = new[]
            {
                new { type = "function_call_output", call_id = first.Item("function_call").Text("call_id"), output = "sunny" },
            },
            previous_response_id = first.Id,
        });

        second.Text.ShouldContain("sunny");
    }

    [Theory]
    [InlineData(OnResponses, false)]
    [InlineData(OnResponses, true)]
    [InlineData(OnAnthropic, true)]
    public async Task ItemReference_WrittenOut(string model, bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer, new { model, stream, input = "My plum is blue." });

        await Turn.TakeAsync(app.Customer, new
        {
            model,
            stream,
            input = new object[]
            {
                new { role = "user", content = "I said something." },
                new { type = "item_reference", id = first.Item("message").Text("id") },
                new { role = "user", content = "What did you say?" },
            },
        });

        var asked = LastAsked(model);
        asked.ShouldNotContain("item_reference");
        asked.ShouldNotContain("My plum is blue.");
        ShouldHoldInOrder(asked, "I said something.", first.Text, "What did you say?");
    }

    [Fact]
    public async Task AnotherModel_MayGoOn()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue." });

        await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "And now?", previous_response_id = first.Id });

        LastAsked(OnResponses).ShouldContain("My plum is blue.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LocalAssistant_IsKeptToo(bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer,
            new { model = "mercato/assistant", stream, input = "Cheapest vision model?" });

        await Turn.TakeAsync(app.Customer,
            new { model = OnResponses, stream, input = "Why that?", previous_response_id = first.Id });

        LastAsked(OnResponses).ShouldContain("Cheapest vision model?");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StoreFalse_NothingIsKept(bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnResponses, stream, store = false, input = "Hello" });

        var error = (await FollowAsync(app.Customer, first)).Failed(404, "response_not_found");

        error.Text("param").ShouldBe("previous_response_id");
        error.Text("message").ShouldContain("store:false");
        (await RowsAsync(first.Id)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task AnotherAccount_FindsNeitherTurnNorItem()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "My plum is blue." });
        var stranger = await app.CustomerAsync("1");
        var sent = app.CountCalls();

        (await FollowAsync(stranger, first)).Failed(404, "response_not_found");
        (await ReferAsync(stranger, first.Item("message").Text("id"))).Failed(404, "response_not_found")
            .Text("param").ShouldBe("input");

        app.CountCalls().ShouldBe(sent);
        (await stranger.BalanceAsync()).ShouldBe(1m);
    }

    [Fact]
    public async Task AnotherKeyOfTheSameAccount_GoesOn()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "Hello" });
        var other = await Customer.WithKeyAsync(app, app.Customer.Person, new { name = "second" });

        (await FollowAsync(other, first)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task TimeIsOver_GoneAndForgotten()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "Hello" });
        app.Clock.Ahead += ManyHostsApp.Keeps - TimeSpan.FromMinutes(1);
        (await FollowAsync(app.Customer, first)).Status.ShouldBe(200);
        await ForgetAsync();
        (await RowsAsync(first.Id)).ShouldBe((1, 1));

        app.Clock.Ahead += TimeSpan.FromMinutes(1);

        (await FollowAsync(app.Customer, first)).Failed(404, "response_not_found");
        (await ReferAsync(app.Customer, first.Item("message").Text("id"))).Failed(404, "response_not_found");
        await ForgetAsync();
        (await RowsAsync(first.Id)).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData(OnResponses, false)]
    [InlineData(OnAnthropic, true)]
    public async Task Row_HoldsNoPlainText(string model, bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer, new { model, stream, input = "My plum is blue." });

        await using var scope = app.Services.CreateAsyncScope();
        var row = await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<KeptResponse>().AsNoTracking()
            .SingleAsync(row => row.Id == first.Id, TestContext.Current.CancellationToken);
        var text = Encoding.UTF8.GetString(row.SealedItems);
        foreach (var word in (string[])["plum", "message", "role", first.Text.Split(' ')[0]])
        {
            text.ShouldNotContain(word);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostRepeatsItsIds_TheNewestAnswerIsMeant(bool stream)
    {
        app.Upstream.Alias("*", "fake-ok;in=20;out=10;same-id");
        await Turn.TakeAsync(app.Customer, new { model = OnResponses, stream, input = "My plum is blue." });
        var second = await Turn.TakeAsync(app.Customer, new { model = OnResponses, stream, input = "My pear is red." });

        (await FollowAsync(app.Customer, second)).Status.ShouldBe(200);

        LastAsked(OnResponses).ShouldContain("My pear is red.");
        LastAsked(OnResponses).ShouldNotContain("plum");
    }

    [Fact]
    public async Task AnswerThatBrokeOff_IsNotKept()
    {
        // Closed, not reset: a reset may take the events with it that the gateway has not read yet.
        app.Upstream.Alias("*", "fake-ok;in=20;out=10;close=5");

        var reply = await Turn.TryAsync(app.Customer, new { model = OnResponses, stream = true, input = "Hello" });

        var id = reply.Events[0].GetProperty("response").Text("id");
        (await RowsAsync(id)).ShouldBe((0, 0));
    }

    private static Task<Reply> FollowAsync(Customer customer, Turn turn) => Turn.TryAsync(customer,
        new { model = OnResponses, input = "Go on.", previous_response_id = turn.Id });

    private static Task<Reply> ReferAsync(Customer customer, string item) => Turn.TryAsync(customer,
        new { model = OnResponses, input = new object[] { new { type = "item_reference", id = item } } });

    private static void ShouldHoldInOrder(string text, params string[] words)
    {
        var from = 0;
        foreach (var word in words)
        {
            var place = text.IndexOf(word, from, StringComparison.Ordinal);
            place.ShouldBeGreaterThanOrEqualTo(0, $"'{word}' after {from} in {text}");
            from = place + word.Length;
        }
    }

    private void Everywhere(string script)
    {
        app.Upstream.Alias("*", script);
        app.Labs.Alias("*", script);
    }

    private string LastAsked(string model) =>
        Encoding.UTF8.GetString((model == OnResponses ? app.Upstream : app.Labs).Journal.Calls[^1].Raw);

    private async Task ForgetAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await app.Services.GetServices<Job>().Single(job => job.Name == "forget-responses")
            .RunAsync(scope.ServiceProvider, TestContext.Current.CancellationToken);
    }

    /// <summary>How many turns and items the database has of a response.</summary>
    private async Task<(int, int)> RowsAsync(string id)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MercatoContext>();
        return (
            await context.Set<KeptResponse>().CountAsync(row => row.Id == id, TestContext.Current.CancellationToken),
            await context.Set<KeptItemPlace>().CountAsync(
                row => row.ResponseId == id, TestContext.Current.CancellationToken));
    }
}

public sealed class KeptResponsesOnSqlite(SqliteManyHosts app) : KeptResponsesTests(app), IClassFixture<SqliteManyHosts>;

public sealed class KeptResponsesOnPostgres(PostgresManyHosts app)
    : KeptResponsesTests(app), IClassFixture<PostgresManyHosts>;

/// <summary>A gateway that keeps no turns.</summary>
public sealed class ForgetfulGateway(PostgresCluster cluster) : GatewayApp(DatabaseKind.Sqlite, cluster)
{
    protected override void Configure(IDictionary<string, string?> settings)
    {
        base.Configure(settings);
        settings["Mercato:Gateway:KeepResponses"] = "00:00:00";
    }
}

public sealed class KeepsNothingTests(ForgetfulGateway app) : IClassFixture<ForgetfulGateway>
{
    [Fact]
    public async Task KeepingIsOff_NotFound()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = "openai/gpt-4o-mini", input = "Hello" });

        (await Turn.TryAsync(app.Customer,
            new { model = "openai/gpt-4o-mini", input = "Go on.", previous_response_id = first.Id }))
            .Failed(404, "response_not_found");
    }

    [Fact]
    public async Task KeepingIsOff_NoConversations()
    {
        (await Reply.PostAsync(app.Customer.Client, "/v1/conversations", "{}")).Failed(404, "not_found");
        (await Turn.TryAsync(app.Customer,
            new { model = "meta/llama-4-scout-17b-16e", input = "Go on.", conversation = "conv_1" }))
            .Failed(400, "unsupported_parameter").Text("param").ShouldBe("conversation");
    }
}
