using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>The count of a message's input: a host of Anthropic's dialect is asked, for the others it is our own.</summary>
public abstract class CountTokensTests
{
    private const string Path = "/v1/messages/count_tokens";
    private const string Sonnet = "anthropic/claude-sonnet-4-5";

    private readonly ManyHostsApp app;

    protected CountTokensTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/api/v1")]
    public async Task AnthropicHost_IsAskedAndBelieved(string prefix)
    {
        app.Labs.Alias("*", "fake-ok;in=4711");
        var before = await app.Customer.BalanceAsync();

        var reply = await CountAsync(Message(Sonnet), prefix);

        reply.Status.ShouldBe(200, reply.Text);
        reply.Text.ShouldBe("""{"input_tokens":4711}""");
        var asked = app.Labs.Journal.Calls.Single();
        asked.Path.ShouldBe("/v1/messages/count_tokens");
        asked.Body!.Value.Text("model").ShouldBe("claude-sonnet-4-5");
        asked.Headers["x-api-key"].ShouldBe(FakeUpstream.Digest("sk-operator-anthropic"));
        (await app.Customer.BalanceAsync()).ShouldBe(before);
    }

    [Theory]
    [InlineData("max_tokens", "64")]
    [InlineData("stream", "true")]
    [InlineData("temperature", "0.5")]
    [InlineData("metadata", """{"user_id":"u"}""")]
    [InlineData("stop_sequences", """["END"]""")]
    [InlineData("provider", """{"order":["anthropic"]}""")]
    [InlineData("session_id", "\"s-1\"")]
    public async Task MemberThatHostRefusesHere_StaysBehind(string name, string value)
    {
        app.Labs.Alias("*", "fake-ok;in=4711");
        var body = Message(Sonnet);
        body[name] = JsonNode.Parse(value);

        var reply = await CountAsync(body);

        app.Labs.Journal.Calls.Single().Complaint.ShouldBeNull();
        reply.Body.GetProperty("input_tokens").GetInt64().ShouldBe(4711);
    }

    [Fact]
    public async Task ThoughtsSealedHere_ReachTheirHostAsItMadeThem()
    {
        app.Labs.Alias("*", "fake-tools;in=4711;reasoning=4");
        var body = Message(Sonnet);
        body["max_tokens"] = 4096;
        body["thinking"] = JsonNode.Parse("""{"type":"enabled","budget_tokens":2048}""");
        body["tools"] = JsonNode.Parse("""[{"name":"forecast","input_schema":{"type":"object"}}]""");
        var said = await Reply.PostAsync(app.Customer.Client, "/v1/messages", body.ToJsonString());
        said.Status.ShouldBe(200, said.Text);
        var content = JsonNode.Parse(said.Text)!["content"]!.AsArray();
        var messages = body["messages"]!.AsArray();
        messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = content.DeepClone() });
        messages.Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(new JsonObject
            {
                ["type"] = "tool_result",
                ["tool_use_id"] = content[^1]!["id"]!.GetValue<string>(),
                ["content"] = "sunny",
            }),
        });

        var reply = await CountAsync(body);

        app.Labs.Journal.Calls[^1].Complaint.ShouldBeNull();
        reply.Body.GetProperty("input_tokens").GetInt64().ShouldBe(4711);
    }

    [Fact]
    public async Task BetaHeader_GoesAlong()
    {
        app.Labs.Alias("*", "fake-ok;in=4711");
        var body = Message(Sonnet);
        body["context_management"] = JsonNode.Parse("""{"edits":[]}""");
        using var content = new StringContent(body.ToJsonString());
        content.Headers.Add("anthropic-beta", "context-management-2025-06-27");

        var reply = await Reply.ReadAsync(
            await app.Customer.Client.PostAsync(Path, content, TestContext.Current.CancellationToken));

        app.Labs.Journal.Calls.Single().Complaint.ShouldBeNull();
        reply.Body.GetProperty("input_tokens").GetInt64().ShouldBe(4711);
    }

    [Theory]
    [InlineData("openai/gpt-4o-mini")]
    [InlineData("google/gemini-2.5-flash")]
    [InlineData("openai/gpt-oss-120b")]
    [InlineData("mercato/assistant")]
    public async Task HostOfAnotherDialect_OwnCountAndNobodyIsAsked(string model)
    {
        var little = await CountAsync(Message(model));
        var much = await CountAsync(Message(model, new string('a', 4000)));

        little.Status.ShouldBe(200, little.Text);
        var difference = much.Body.GetProperty("input_tokens").GetInt64() - little.Body.GetProperty("input_tokens").GetInt64();
        difference.ShouldBeInRange(990, 1010);
        app.CountCalls().ShouldBe(0);
    }

    [Theory]
    [InlineData("status=500")]
    [InlineData("status=429")]
    [InlineData("status=404")]
    [InlineData("refuse")]
    [InlineData("reset=0")]
    [InlineData("html")]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("no-usage")]
    [InlineData("gzip-bomb=2")]
    public async Task HostFails_OwnCount(string fault)
    {
        app.Labs.Alias("*", "fake-ok;in=4711;" + fault);

        var reply = await CountAsync(Message(Sonnet, new string('a', 4000)));

        reply.Status.ShouldBe(200, reply.Text);
        reply.Body.GetProperty("input_tokens").GetInt64().ShouldBeInRange(1000, 1100);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"model":"anthropic/claude-sonnet-4-5"}""")]
    [InlineData("""{"model":"anthropic/claude-sonnet-4-5","messages":"Hi"}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"Hi"}]}""")]
    public async Task WrongBody_AnthropicError(string body)
    {
        var reply = await Reply.PostAsync(app.Customer.Client, Path, body);

        ShouldBeAnthropicError(reply, 400, "invalid_request_error");
        app.CountCalls().ShouldBe(0);
    }

    [Fact]
    public async Task UnknownModel_AnthropicError() =>
        ShouldBeAnthropicError(await CountAsync(Message("nobody/nothing")), 404, "not_found_error");

    [Fact]
    public async Task NoKey_AnthropicError() => ShouldBeAnthropicError(
        await Reply.PostAsync(app.Anonymous, Path, Message(Sonnet).ToJsonString()), 401, "authentication_error");

    [Fact]
    public async Task EmptyWallet_StillCounts()
    {
        var customer = await app.CustomerAsync("0");

        (await Reply.PostAsync(customer.Client, Path, Message(Sonnet).ToJsonString())).Status.ShouldBe(200);
    }

    [Fact]
    public async Task OwnKey_IsTheOneAsked()
    {
        var customer = await app.CustomerAsync("0");
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "anthropic", key = "sk-own-anthropic-12345" })).ReadAsync(201);

        await Reply.PostAsync(customer.Client, Path, Message(Sonnet).ToJsonString());

        app.Labs.Journal.Calls.Single().Headers["x-api-key"].ShouldBe(FakeUpstream.Digest("sk-own-anthropic-12345"));
    }

    private static JsonObject Message(string model, string text = "What is a plum?") => new()
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
    };

    private Task<Reply> CountAsync(JsonObject body, string prefix = "/v1") =>
        Reply.PostAsync(app.Customer.Client, prefix + "/messages/count_tokens", body.ToJsonString());

    private static void ShouldBeAnthropicError(Reply reply, int status, string type)
    {
        reply.Status.ShouldBe(status, reply.Text);
        reply.Body.Text("type").ShouldBe("error");
        var error = reply.Body.GetProperty("error");
        error.Text("type").ShouldBe(type);
        error.Text("message").ShouldNotBeNullOrWhiteSpace();
    }
}

public sealed class CountTokensOnSqlite(SqliteManyHosts app) : CountTokensTests(app), IClassFixture<SqliteManyHosts>;

public sealed class CountTokensOnPostgres(PostgresManyHosts app)
    : CountTokensTests(app), IClassFixture<PostgresManyHosts>;
