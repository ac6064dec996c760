using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Fake;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>
/// What a host minted around its reasoning comes back to it unchanged, whatever the caller speaks, and to no other
/// host. The fakes are strict: a seal that is missing or not their own is a 400.
/// </summary>
public abstract class ReasoningTests(GatewayApp app)
{
    private const string Script = "fake-tools;reasoning=12;strict-thoughts";

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var caller in Talk.Dialects)
            {
                foreach (var host in (string[])["anthropic", "gemini", "openai-responses"])
                {
                    pairs.Add(caller, host);
                }
            }

            return pairs;
        }
    }

    /// <summary>A chat host's reasoning has no seal, and it may need it back all the same.</summary>
    public static TheoryData<string, string> PairsAndChat
    {
        get
        {
            var pairs = Pairs;
            foreach (var caller in Talk.Dialects)
            {
                pairs.Add(caller, "openai-chat");
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(PairsAndChat))]
    public async Task ToolLoop_HostGetsItsOwnReasoningBack(string caller, string host)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var provider = await AddAsync(host, upstream);
        var talk = new Talk(caller, $"{provider}/{Script}");

        var first = await talk.AskAsync(app.Customer);
        first.Status.ShouldBe(200, first.Text);
        talk.TakeCalls(first.Body, keepsReasoning: true).ShouldBeGreaterThan(0, first.Text);
        var second = await talk.AskAsync(app.Customer);

        second.Status.ShouldBe(200, second.Text);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task ConversationMovesToAnotherHost_NoForeignSealIsShown(string caller, string host)
    {
        await using var one = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Host = "one" });
        await using var two = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Host = "two" });
        var talk = new Talk(caller, $"{await AddAsync(host, one)}/fake-reasoning;reasoning=12");
        var first = await talk.AskAsync(app.Customer);
        first.Status.ShouldBe(200, first.Text);
        talk.TakeAnswer(first.Body);

        foreach (var next in (string[])["anthropic", "gemini", "openai-responses", "openai-chat"])
        {
            talk.Model = $"{await AddAsync(next, two)}/fake-ok";
            var reply = await talk.AskAsync(app.Customer);

            reply.Status.ShouldBe(200, $"{host} -> {next}: {reply.Text}");
        }
    }

    [Fact]
    public async Task ClientForgetsReasoning_GatewayPutsItBack()
    {
        await using var upstream = await FakeUpstream.StartAsync();
        var talk = new Talk("openai-chat", $"{await AddAsync("gemini", upstream)}/{Script}");

        var first = await talk.AskAsync(app.Customer);
        talk.TakeCalls(first.Body, keepsReasoning: false).ShouldBeGreaterThan(0, first.Text);
        var second = await talk.AskAsync(app.Customer);

        second.Status.ShouldBe(200, second.Text);
        var calls = await upstream.Journal.WaitForEndedAsync(2, TestContext.Current.CancellationToken);
        calls[1].Body!.Value.GetRawText().ShouldContain("thoughtSignature");
    }

    private async Task<string> AddAsync(string dialect, FakeUpstream upstream)
    {
        var id = "mind-" + Guid.NewGuid().ToString("N")[..8];
        await (await app.Admin.Client.PostAsync("/api/v1/admin/providers", new
        {
            id,
            name = id,
            dialect,
            base_url = (dialect.StartsWith("openai", StringComparison.Ordinal) ? upstream.Address : upstream.Root).AbsoluteUri,
            api_key = "sk-" + id,
            allow_private = true,
            wildcard_models = true,
            default_price = new { prompt = "0.000001", completion = "0.000002" },
        })).ReadAsync(201);
        return id;
    }
}

public sealed class ReasoningOnSqlite(SqliteGateway app) : ReasoningTests(app), IClassFixture<SqliteGateway>;

public sealed class ReasoningOnPostgres(PostgresGateway app) : ReasoningTests(app), IClassFixture<PostgresGateway>;
