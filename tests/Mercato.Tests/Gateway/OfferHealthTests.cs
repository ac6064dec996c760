using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>
/// Offers that fail rest for a while and are then tried by one call first; what is the caller's own fault says nothing of
/// an offer. A model each, as the record of an offer outlives a test.
/// </summary>
public abstract class OfferHealthTests
{
    private const string Down = "status=500";

    private readonly ManyHostsApp app;
    private int _conversations;

    protected OfferHealthTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
    }

    [Fact]
    public async Task ThreeFailuresInARow_RestsAndIsPassedBy()
    {
        Cheaper("zai-org/GLM-4.7", Down);
        for (var i = 0; i < 3; i++)
        {
            (await AskAsync("zhipuai/glm-4.7")).ShouldBe(["deepinfra", "togetherai"]);
        }

        (await AskAsync("zhipuai/glm-4.7")).ShouldBe(["togetherai"]);
        app.Clouds.Journal.Calls.Count.ShouldBe(3);
    }

    [Fact]
    public async Task SuccessInBetween_FailuresCountAnew()
    {
        const string model = "deepseek/deepseek-r1-0528", name = "deepseek-ai/DeepSeek-R1-0528";
        foreach (var isDown in (bool[])[true, true, false, true, true])
        {
            Cheaper(name, isDown ? Down : "in=20");
            (await AskAsync(model))[0].ShouldBe("deepinfra");
        }

        Cheaper(name, "in=20");
        (await AskAsync(model)).ShouldBe(["deepinfra"]);
    }

    [Fact]
    public async Task RestIsOver_OneCallProbesWhileOthersPassBy()
    {
        const string model = "minimax/minimax-m2.7", name = "accounts/fireworks/models/minimax-m2p7";
        await FailThriceAsync(model, name, "fireworks-ai");
        (await AskAsync(model)).ShouldBe(["togetherai"]);
        app.Clock.Ahead += TimeSpan.FromSeconds(11);
        Cheaper(name, "slow-first=1200");

        var probe = AskAsync(model);
        await app.Clouds.Journal.WaitForAsync(calls => calls.Count == 4, TestContext.Current.CancellationToken);
        (await AskAsync(model)).ShouldBe(["togetherai"]);

        (await probe).ShouldBe(["fireworks-ai"]);
        Cheaper(name, "in=20");
        (await AskAsync(model)).ShouldBe(["fireworks-ai"]);
    }

    [Fact]
    public async Task ProbeFails_RestsTwiceAsLong()
    {
        const string model = "minimax/minimax-m3", name = "accounts/fireworks/models/minimax-m3";
        await FailThriceAsync(model, name, "fireworks-ai");
        app.Clock.Ahead += TimeSpan.FromSeconds(11);
        (await AskAsync(model)).ShouldBe(["fireworks-ai", "togetherai"]);

        app.Clock.Ahead += TimeSpan.FromSeconds(15);
        (await AskAsync(model)).ShouldBe(["togetherai"]);
        app.Clock.Ahead += TimeSpan.FromSeconds(6);
        (await AskAsync(model)).ShouldBe(["fireworks-ai", "togetherai"]);
    }

    [Fact]
    public async Task ProbeIsRefusedForTheCallersMistake_NextCallMayProbe()
    {
        const string model = "zhipuai/glm-4.6", name = "zai-org/GLM-4.6";
        await FailThriceAsync(model, name, "deepinfra");
        app.Clock.Ahead += TimeSpan.FromSeconds(11);
        Cheaper(name, "status=400");
        (await AskAsync(model)).ShouldBe(["deepinfra"]);

        Cheaper(name, "in=20");
        (await AskAsync(model)).ShouldBe(["deepinfra"]);
    }

    [Theory]
    [InlineData("deepseek/deepseek-v4-pro-0813", "accounts/fireworks/models/deepseek-v4-pro-0813", "status=429")]
    [InlineData("deepseek/deepseek-v4-flash-0731", "accounts/fireworks/models/deepseek-v4-flash-0731", "status=503")]
    public async Task RetryAfter_RestsAtOnceForAsLongAsAsked(string model, string name, string fault)
    {
        Cheaper(name, fault + ";retry-after=60");
        (await AskAsync(model)).ShouldBe(["fireworks-ai", "togetherai"]);
        Cheaper(name, "in=20");

        app.Clock.Ahead += TimeSpan.FromSeconds(55);
        (await AskAsync(model)).ShouldBe(["togetherai"]);

        app.Clock.Ahead += TimeSpan.FromSeconds(6);
        (await AskAsync(model)).ShouldBe(["fireworks-ai"]);
    }

    [Theory]
    [InlineData("thinkingmachines/inkling", "accounts/fireworks/models/inkling", "status=400")]
    [InlineData("zhipuai/glm-5.1", "zai-org/GLM-5.1", "status=404")]
    [InlineData("moonshotai/kimi-k3", "accounts/fireworks/models/kimi-k3", "status=413")]
    public async Task CallersMistake_NeverCounts(string model, string name, string fault)
    {
        Cheaper(name, fault);
        for (var i = 0; i < 5; i++)
        {
            await AskAsync(model);
        }

        Cheaper(name, "in=20");
        (await AskAsync(model)).Count.ShouldBe(1);
        app.Clouds.Journal.Calls.Count(call => call.Model == name).ShouldBe(6);
    }

    [Fact]
    public async Task OwnKeyFails_CreditsGoOnUsingTheHost()
    {
        const string model = "meta/llama-4-scout-17b-16e", name = "meta-llama/Llama-4-Scout-17B-16E-Instruct";
        var customer = await app.CustomerAsync("1");
        await (await customer.Person.Client.PostAsync("/api/v1/byok",
            new { provider = "deepinfra", key = "sk-own-deepinfra-12345", fallback_to_credits = true })).ReadAsync(201);
        Cheaper(name, "status=429;retry-after=300;times=1");
        (await AskAsync(model, customer)).ShouldBe(["deepinfra", "deepinfra"]);

        (await AskAsync(model)).ShouldBe(["deepinfra"]);
    }

    [Fact]
    public async Task AllRest_StillCalled()
    {
        const string model = "openai/gpt-4.1-mini";
        app.Upstream.Alias("gpt-4.1-mini", ManyHostsApp.Usual + ";" + Down);
        for (var i = 0; i < 4; i++)
        {
            (await AskAsync(model)).ShouldBe(["openai"]);
        }

        app.Upstream.Alias("gpt-4.1-mini", ManyHostsApp.Usual);
        (await AskAsync(model)).ShouldBe(["openai"]);
    }

    private async Task FailThriceAsync(string model, string name, string host)
    {
        Cheaper(name, Down);
        for (var i = 0; i < 3; i++)
        {
            (await AskAsync(model))[0].ShouldBe(host);
        }
    }

    /// <summary>How Fireworks AI and DeepInfra, which sell cheaper, answer for a model of theirs.</summary>
    private void Cheaper(string name, string script) => app.Clouds.Alias(name, ManyHostsApp.Usual + ";" + script);

    /// <summary>The hosts that a call in a conversation of its own was sent to.</summary>
    private async Task<List<string>> AskAsync(string model, Customer? customer = null)
    {
        customer ??= app.Customer;
        var reply = await customer.ChatAsync(model, more: new { session_id = $"{model} {_conversations++}" });
        return [.. (await customer.GenerationAsync(reply)).GetProperty("attempts").EnumerateArray()
            .Select(attempt => attempt.Text("provider"))];
    }
}

public sealed class OfferHealthOnSqlite(SqliteManyHosts app) : OfferHealthTests(app), IClassFixture<SqliteManyHosts>;

public sealed class OfferHealthOnPostgres(PostgresManyHosts app)
    : OfferHealthTests(app), IClassFixture<PostgresManyHosts>;
