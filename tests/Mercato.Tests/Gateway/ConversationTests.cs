using System.Text;
using System.Text.Json;
using Mercato.Data;
using Mercato.Gateway;
using Mercato.Hosting;
using Mercato.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Mercato.Tests.Gateway;

/// <summary>Conversations of the Responses API by name: made here or brought by a client, on every host.</summary>
public abstract class ConversationTests
{
    private const string OnResponses = "openai/gpt-4o-mini";
    private const string OnAnthropic = "anthropic/claude-sonnet-4-5";
    private const string OnGemini = "google/gemini-2.5-flash";
    private const string Dropped = "x-mercato-dropped-parameters";

    private readonly ManyHostsApp app;
    private readonly string brought = "conv_" + Guid.NewGuid().ToString("N");

    protected ConversationTests(ManyHostsApp app)
    {
        this.app = app;
        app.AnswerAsUsual();
    }

    [Theory]
    [InlineData(OnResponses, false)]
    [InlineData(OnResponses, true)]
    [InlineData(OnAnthropic, false)]
    [InlineData(OnAnthropic, true)]
    [InlineData(OnGemini, true)]
    public async Task MadeHere_HostGetsAllTurnsWrittenOut(string model, bool stream)
    {
        var conversation = await MakeAsync(new { });
        var first = await Turn.TakeAsync(app.Customer, new { model, stream, input = "My plum is blue.", conversation });
        var second = await Turn.TakeAsync(app.Customer,
            new { model, stream, input = "Remember it.", conversation = new { id = conversation } });
        var third = await Turn.TakeAsync(app.Customer, new { model, stream, input = "What was it?", conversation });

        var asked = LastAsked(model);
        asked.ShouldNotContain("conv");
        ShouldHoldInOrder(asked, "My plum is blue.", first.Text, "Remember it.", second.Text, "What was it?");
        third.Response.GetProperty("conversation").Text("id").ShouldBe(conversation);
        third.Reply.Header(Dropped).ShouldBeNull();
    }

    [Fact]
    public async Task MadeWithItems_TheyComeFirst()
    {
        var conversation = await MakeAsync(new { items = new[] { new { role = "user", content = "My plum is blue." } } });

        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "What was it?", conversation });

        ShouldHoldInOrder(LastAsked(OnAnthropic), "My plum is blue.", "What was it?");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NameBroughtToAnotherDialect_BeginsEmptyAndGoesOn(bool stream)
    {
        var first = await Turn.TakeAsync(app.Customer,
            new { model = OnAnthropic, stream, input = "My plum is blue.", conversation = brought });
        var second = await Turn.TakeAsync(app.Customer,
            new { model = OnAnthropic, stream, input = "What was it?", conversation = brought });

        first.Reply.Header(Dropped).ShouldBe("conversation");
        second.Reply.Header(Dropped).ShouldBeNull();
        second.Response.GetProperty("conversation").Text("id").ShouldBe(brought);
        ShouldHoldInOrder(LastAsked(OnAnthropic), "My plum is blue.", first.Text, "What was it?");
    }

    [Fact]
    public async Task NameBroughtToAHostOfTheDialect_StaysTheHosts()
    {
        await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "My plum is blue.", conversation = brought });
        var second = await Turn.TakeAsync(app.Customer,
            new { model = OnResponses, input = "What was it?", conversation = brought });

        var asked = Json(LastAsked(OnResponses));
        asked.Text("conversation").ShouldBe(brought);
        asked.Text("input").ShouldBe("What was it?");
        second.Reply.Header(Dropped).ShouldBeNull();
    }

    [Fact]
    public async Task HostThatHoldsTheName_GetsWhatOthersAnsweredSince()
    {
        var first = await Turn.TakeAsync(app.Customer,
            new { model = OnResponses, input = "My plum is blue.", conversation = brought });
        var second = await Turn.TakeAsync(app.Customer,
            new { model = OnAnthropic, input = "My pear is red.", conversation = brought });
        ShouldHoldInOrder(LastAsked(OnAnthropic), "My plum is blue.", first.Text, "My pear is red.");
        second.Reply.Header(Dropped).ShouldBe("conversation");

        await Turn.TakeAsync(app.Customer, new { model = OnResponses, input = "What was it?", conversation = brought });

        var asked = LastAsked(OnResponses);
        Json(asked).Text("conversation").ShouldBe(brought);
        asked.ShouldNotContain("plum");
        ShouldHoldInOrder(asked, "My pear is red.", second.Text, "What was it?");
    }

    [Fact]
    public async Task NameThatBeganElsewhere_IsWrittenOutForAHostOfTheDialect()
    {
        await Turn.TakeAsync(app.Customer, new { model = OnGemini, input = "My plum is blue.", conversation = brought });

        var second = await Turn.TakeAsync(app.Customer,
            new { model = OnResponses, input = "What was it?", conversation = brought });

        LastAsked(OnResponses).ShouldNotContain(brought);
        ShouldHoldInOrder(LastAsked(OnResponses), "My plum is blue.", "What was it?");
        second.Reply.Header(Dropped).ShouldBeNull();
        second.Response.GetProperty("conversation").Text("id").ShouldBe(brought);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LocalAssistant_TakesPart(bool stream)
    {
        var conversation = await MakeAsync(new { });
        var first = await Turn.TakeAsync(app.Customer,
            new { model = "mercato/assistant", stream, input = "Cheapest vision model?", conversation });

        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, stream, input = "Why that?", conversation });

        first.Response.GetProperty("conversation").Text("id").ShouldBe(conversation);
        ShouldHoldInOrder(LastAsked(OnAnthropic), "Cheapest vision model?", "Why that?");
    }

    [Fact]
    public async Task StoreFalse_AddsNothing()
    {
        var conversation = await MakeAsync(new { });
        await Turn.TakeAsync(app.Customer,
            new { model = OnAnthropic, input = "My plum is blue.", conversation, store = false });

        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "What was it?", conversation });

        LastAsked(OnAnthropic).ShouldNotContain("plum");
    }

    [Fact]
    public async Task AnotherAccount_SeesNothingOfIt()
    {
        var conversation = await MakeAsync(new { });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation = brought });
        var stranger = await app.CustomerAsync("1");

        (await Turn.TryAsync(stranger, new { model = OnAnthropic, input = "What?", conversation }))
            .Failed(404, "conversation_not_found").Text("param").ShouldBe("conversation");
        (await SeeAsync(stranger, conversation)).Failed(404, "conversation_not_found");
        (await SeeAsync(stranger, brought)).Failed(404, "conversation_not_found");
        (await DeleteAsync(stranger, conversation)).Failed(404, "conversation_not_found");
        await Turn.TakeAsync(stranger, new { model = OnAnthropic, input = "What?", conversation = brought });

        LastAsked(OnAnthropic).ShouldNotContain("plum");
        (await SeeAsync(app.Customer, conversation)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task EachTurn_ProlongsTheWhole()
    {
        var conversation = await MakeAsync(new { });
        var almost = ManyHostsApp.Keeps - TimeSpan.FromMinutes(1);
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation });
        app.Clock.Ahead += almost;
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "Remember it.", conversation });
        app.Clock.Ahead += almost;
        await ForgetAsync();

        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "What was it?", conversation });

        LastAsked(OnAnthropic).ShouldContain("My plum is blue.");
    }

    [Fact]
    public async Task TimeIsOver_GoneAndForgotten()
    {
        var conversation = await MakeAsync(new { });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation = brought });
        app.Clock.Ahead += ManyHostsApp.Keeps;

        (await Turn.TryAsync(app.Customer, new { model = OnAnthropic, input = "What?", conversation }))
            .Failed(404, "conversation_not_found");
        var again = await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "What?", conversation = brought });

        again.Reply.Header(Dropped).ShouldBe("conversation");
        LastAsked(OnAnthropic).ShouldNotContain("plum");
        await ForgetAsync();
        (await TurnsAsync(conversation)).ShouldBeEmpty();
        (await TurnsAsync(brought)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_HoldNoPlainText()
    {
        var conversation = await MakeAsync(new { metadata = new { fruit = "plum" } });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "My plum is blue.", conversation });

        await using var scope = app.Services.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<KeptConversation>().AsNoTracking()
            .SingleAsync(row => row.Id == conversation, TestContext.Current.CancellationToken);
        foreach (var bytes in (await TurnsAsync(conversation)).Select(turn => turn.SealedItems).Append(made.SealedMetadata!))
        {
            Encoding.UTF8.GetString(bytes).ShouldNotContain("plum");
        }
    }

    [Fact]
    public async Task BesidePreviousResponse_Refused()
    {
        var first = await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "Hello" });

        (await Turn.TryAsync(app.Customer,
            new { model = OnAnthropic, input = "Go on.", previous_response_id = first.Id, conversation = brought }))
            .Failed(400, "mutually_exclusive_parameters");
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("a\0b")]
    [InlineData("ü")]
    public async Task NameThatCannotBe_Refused(string name)
    {
        (await Turn.TryAsync(app.Customer, new { model = OnAnthropic, input = "x", conversation = name }))
            .Failed(400, "invalid_request").Text("param").ShouldBe("conversation");
        (await Turn.TryAsync(app.Customer, new { model = OnAnthropic, input = "x", conversation = new { id = name } }))
            .Status.ShouldBe(400);
    }

    [Fact]
    public async Task NulInAReference_IsNotFound()
    {
        (await Turn.TryAsync(app.Customer, new { model = OnAnthropic, input = "x", previous_response_id = "a\0b" }))
            .Failed(404, "response_not_found").Text("param").ShouldBe("previous_response_id");
        (await Turn.TryAsync(app.Customer,
            new { model = OnAnthropic, input = new object[] { new { type = "item_reference", id = "a\0b" } } }))
            .Failed(404, "response_not_found").Text("param").ShouldBe("input");
        (await SeeAsync(app.Customer, "a%00b")).Status.ShouldBeInRange(400, 404);
    }

    [Fact]
    public async Task Made_CanBeSeenAndDeleted()
    {
        var conversation = await MakeAsync(new { metadata = new { fruit = "plum" } });
        await Turn.TakeAsync(app.Customer, new { model = OnAnthropic, input = "Hello", conversation });

        var seen = (await SeeAsync(app.Customer, conversation)).Body;
        seen.Text("id").ShouldBe(conversation);
        seen.Text("object").ShouldBe("conversation");
        seen.GetProperty("created_at").GetInt64().ShouldBeGreaterThan(0);
        seen.GetProperty("metadata").Text("fruit").ShouldBe("plum");
        var deleted = (await DeleteAsync(app.Customer, conversation)).Body;
        (deleted.Text("id"), deleted.Text("object"), deleted.GetProperty("deleted").GetBoolean())
            .ShouldBe((conversation, "conversation.deleted", true));

        (await SeeAsync(app.Customer, conversation)).Failed(404, "conversation_not_found");
        (await Turn.TryAsync(app.Customer, new { model = OnAnthropic, input = "Go on.", conversation }))
            .Failed(404, "conversation_not_found");
        (await TurnsAsync(conversation)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]", "invalid_json")]
    [InlineData("""{"items":{}}""", "invalid-request")]
    [InlineData("""{"items":[{"role":"nobody","content":"x"}]}""", "invalid_value")]
    [InlineData("""{"metadata":{"a":1}}""", "invalid-request")]
    public async Task MadeOfNonsense_Refused(string body, string code) =>
        (await Reply.PostAsync(app.Customer.Client, "/v1/conversations", body))
            .Failed(400, code.Replace('-', '_'));

    private async Task<string> MakeAsync(object body)
    {
        var made = await Reply.PostAsync(app.Customer.Client, "/v1/conversations", JsonSerializer.Serialize(body));
        made.Status.ShouldBe(200, made.Text);
        return made.Body.Text("id");
    }

    private static async Task<Reply> SeeAsync(Customer customer, string id) => await Reply.ReadAsync(
        await customer.Client.GetAsync("/v1/conversations/" + id, TestContext.Current.CancellationToken));

    private static async Task<Reply> DeleteAsync(Customer customer, string id) => await Reply.ReadAsync(
        await customer.Client.DeleteAsync("/v1/conversations/" + id, TestContext.Current.CancellationToken));

    private static JsonElement Json(string text) => JsonElement.Parse(text);

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

    private string LastAsked(string model) =>
        Encoding.UTF8.GetString((model == OnResponses ? app.Upstream : app.Labs).Journal.Calls[^1].Raw);

    private async Task ForgetAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        await app.Services.GetServices<Job>().Single(job => job.Name == "forget-responses")
            .RunAsync(scope.ServiceProvider, TestContext.Current.CancellationToken);
    }

    private async Task<List<KeptTurn>> TurnsAsync(string id)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<MercatoContext>().Set<KeptTurn>().AsNoTracking()
            .Where(row => row.ConversationId == id).ToListAsync(TestContext.Current.CancellationToken);
    }
}

public sealed class ConversationsOnSqlite(SqliteManyHosts app) : ConversationTests(app), IClassFixture<SqliteManyHosts>;

public sealed class ConversationsOnPostgres(PostgresManyHosts app)
    : ConversationTests(app), IClassFixture<PostgresManyHosts>;
