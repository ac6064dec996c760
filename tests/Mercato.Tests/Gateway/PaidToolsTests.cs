using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>Tools that a provider runs and bills by the call have no price here: left out beside a caller's own, else refused.</summary>
public abstract class PaidToolsTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Responses = "/v1/responses";
    private const string Messages = "/v1/messages";
    private const string Mini = "openai/gpt-4o-mini";
    private const string Sonnet = "anthropic/claude-sonnet-4-5";
    private const string Gemini = "google/gemini-2.5-flash";

    private readonly ManyHostsApp app;

    protected PaidToolsTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
        // A name that another test has given a fault of its own keeps it.
        app.Labs.Alias("claude-sonnet-4-5", ManyHostsApp.Usual);
    }

    [Theory]
    [InlineData(Chat, Mini)]
    [InlineData(Chat, Sonnet)]
    [InlineData(Responses, Mini)]
    [InlineData(Responses, Sonnet)]
    [InlineData(Responses, Gemini)]
    [InlineData(Messages, Sonnet)]
    [InlineData(Messages, Mini)]
    [InlineData(Messages, Gemini)]
    public async Task BesideOwnTools_LeftOutAndNamed(string path, string model)
    {
        var reply = await AskAsync(app.Customer, path, model, Own(path), Paid(path));

        reply.Status.ShouldBe(200, reply.Text);
        reply.Header("x-mercato-dropped-parameters").ShouldNotBeNull().ShouldContain("tools");
        var asked = Asked(model);
        asked.ShouldContain("forecast");
        asked.ShouldNotContain("web_search");
    }

    [Theory]
    [InlineData(Chat, Mini)]
    [InlineData(Responses, Mini)]
    [InlineData(Messages, Sonnet)]
    [InlineData(Messages, Gemini)]
    public async Task Alone_Refused(string path, string model)
    {
        ShouldBeUnpriced(path, await AskAsync(app.Customer, path, model, Paid(path)));

        app.CountCalls().ShouldBe(0);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [InlineData(Chat, Mini)]
    [InlineData(Responses, Mini)]
    [InlineData(Messages, Sonnet)]
    public async Task ParametersRequired_Refused(string path, string model)
    {
        var body = Body(path, model, Own(path), Paid(path));
        body["provider"] = new JsonObject { ["require_parameters"] = true };

        ShouldBeUnpriced(path, await Reply.PostAsync(app.Customer.Client, path, body.ToJsonString()));
    }

    [Theory]
    [InlineData(Responses, Mini, """{"type":"web_search"}""")]
    [InlineData(Messages, Sonnet, """{"type":"tool","name":"web_search"}""")]
    public async Task DemandedByChoice_Refused(string path, string model, string choice)
    {
        var body = Body(path, model, Own(path), Paid(path));
        body["tool_choice"] = JsonNode.Parse(choice);

        ShouldBeUnpriced(path, await Reply.PostAsync(app.Customer.Client, path, body.ToJsonString()));
    }

    [Theory]
    [InlineData(Responses, Mini, "openai", true)]
    [InlineData(Responses, Mini, "openai", false)]
    [InlineData(Messages, Sonnet, "anthropic", true)]
    [InlineData(Messages, Sonnet, "anthropic", false)]
    public async Task OwnKey_PassesThemOn(string path, string model, string provider, bool alone)
    {
        var customer = await app.CustomerAsync("0");
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider, key = "sk-own-key-12345" })).ReadAsync(201);

        await AskAsync(customer, path, model, alone ? [Paid(path)] : [Own(path), Paid(path)]);

        Asked(model).ShouldContain("web_search");
    }

    [Fact]
    public async Task OwnKeyThenCredits_LeftOutOnlyWhereCreditsPay()
    {
        var customer = await app.CustomerAsync("1");
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "anthropic", key = "sk-own-key-12345", fallback_to_credits = true })).ReadAsync(201);
        app.Labs.Alias("claude-sonnet-4-5", ManyHostsApp.Usual + ";status=429;times=1");

        var reply = await AskAsync(customer, Messages, Sonnet, Own(Messages), Paid(Messages));

        reply.Status.ShouldBe(200, reply.Text);
        var calls = app.Labs.Journal.Calls;
        calls.Select(call => call.Headers["x-api-key"]).ShouldBe(
            [FakeUpstream.Digest("sk-own-key-12345"), FakeUpstream.Digest("sk-operator-anthropic")]);
        calls[0].Body!.Value.GetProperty("tools").GetArrayLength().ShouldBe(2);
        calls[1].Body!.Value.GetProperty("tools").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task WildcardModel_PassesThemOn()
    {
        await AskAsync(app.Customer, Chat, "lab/fake-ok;in=1;out=1", Own(Chat), Paid(Chat));

        Asked(Mini).ShouldContain("web_search");
    }

    private static JsonObject Own(string path) => JsonNode.Parse(path switch
    {
        Chat => """{"type":"function","function":{"name":"forecast","parameters":{"type":"object"} } }""",
        Responses => """{"type":"function","name":"forecast","parameters":{"type":"object"},"strict":false}""",
        _ => """{"name":"forecast","input_schema":{"type":"object"} }""",
    })!.AsObject();

    private static JsonObject Paid(string path) => JsonNode.Parse(path == Messages
        ? """{"type":"web_search_20250305","name":"web_search","max_uses":3}"""
        : """{"type":"web_search"}""")!.AsObject();

    private static JsonObject Body(string path, string model, params JsonNode[] tools)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            [path == Responses ? "max_output_tokens" : "max_tokens"] = 50,
            ["tools"] = new JsonArray(tools),
        };
        body[path == Responses ? "input" : "messages"] = path == Responses
            ? "Say something."
            : new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Say something." });
        return body;
    }

    private static Task<Reply> AskAsync(Customer customer, string path, string model, params JsonNode[] tools) =>
        Reply.PostAsync(customer.Client, path, Body(path, model, tools).ToJsonString());

    private static void ShouldBeUnpriced(string path, Reply reply)
    {
        if (path == Messages)
        {
            reply.Status.ShouldBe(400, reply.Text);
            reply.Body.GetProperty("error").Text("type").ShouldBe("invalid_request_error");
        }
        else
        {
            reply.Failed(400, "unpriced_parameter").Text("param").ShouldBe("tools");
        }

        reply.Body.GetProperty("error").Text("message").ShouldContain("web_search");
    }

    private string Asked(string model) => JsonSerializer.Serialize(
        (model == Mini ? app.Upstream : app.Labs).Journal.Calls[^1].Body!.Value);
}

public sealed class PaidToolsOnSqlite(SqliteManyHosts app) : PaidToolsTests(app), IClassFixture<SqliteManyHosts>;

public sealed class PaidToolsOnPostgres(PostgresManyHosts app) : PaidToolsTests(app), IClassFixture<PostgresManyHosts>;
