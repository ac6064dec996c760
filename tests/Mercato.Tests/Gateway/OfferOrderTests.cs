using System.Text.Json;

namespace Mercato.Tests.Gateway;

/// <summary>
/// Which of several healthy offers comes first: the one that holds a conversation's cache, or what the caller sorts by.
/// DeepInfra sells GLM 4.7 a little cheaper than Together AI.
/// </summary>
public abstract class OfferOrderTests
{
    private const string Glm = "zhipuai/glm-4.7";
    private const string Inkling = "thinkingmachines/inkling";
    private const string Slow = ManyHostsApp.Usual + ";slow-first=700";

    private readonly ManyHostsApp app;

    protected OfferOrderTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
    }

    [Fact]
    public async Task Conversation_StaysOnItsOfferForTenMinutes()
    {
        var session = NewSession();
        (await AskAsync(Glm, new { session_id = session, provider = new { only = new[] { "togetherai" } } })).ShouldBe("togetherai");

        (await AskAsync(Glm, new { session_id = session })).ShouldBe("togetherai");
        app.Clock.Ahead += TimeSpan.FromMinutes(9);
        (await AskAsync(Glm, new { session_id = session })).ShouldBe("togetherai");
        app.Clock.Ahead += TimeSpan.FromMinutes(9);
        (await AskAsync(Glm, new { session_id = session })).ShouldBe("togetherai");

        app.Clock.Ahead += TimeSpan.FromMinutes(11);
        (await AskAsync(Glm, new { session_id = session })).ShouldBe("deepinfra");
    }

    [Fact]
    public async Task OtherConversations_GoToTheCheapest()
    {
        var session = NewSession();
        await AskAsync(Glm, new { session_id = session, provider = new { only = new[] { "togetherai" } } });

        (await AskAsync(Glm, new { session_id = NewSession() })).ShouldBe("deepinfra");
        var other = await app.CustomerAsync("1");
        (await AskAsync(Glm, new { session_id = session }, other)).ShouldBe("deepinfra");
    }

    [Fact]
    public async Task CacheKeyOrOpening_TellsTheConversationToo()
    {
        var (key, opening) = (NewSession(), NewSession());
        await AskAsync(Glm, new { prompt_cache_key = key, provider = new { only = new[] { "togetherai" } } });
        await AskAsync(Glm, new { messages = Said(opening), provider = new { only = new[] { "togetherai" } } });

        (await AskAsync(Glm, new { prompt_cache_key = key, messages = Said(NewSession()) })).ShouldBe("togetherai");
        (await AskAsync(Glm, new { messages = Said(opening, "Well?", "Go on.") })).ShouldBe("togetherai");
        (await AskAsync(Glm, new { messages = Said(NewSession(), "Well?", "Go on.") })).ShouldBe("deepinfra");
    }

    [Theory]
    [InlineData("zhipuai/glm-4.7", """{"sort":"price"}""")]
    [InlineData("zhipuai/glm-4.7:floor", null)]
    [InlineData("zhipuai/glm-4.7", """{"order":["deepinfra"]}""")]
    [InlineData("zhipuai/glm-4.7", """{"ignore":["togetherai"]}""")]
    public async Task CallerSaysWhere_ConversationMoves(string model, string? provider)
    {
        var session = NewSession();
        await AskAsync(Glm, new { session_id = session, provider = new { only = new[] { "togetherai" } } });

        var wish = JsonSerializer.Deserialize<JsonElement>(provider ?? "null");
        (await AskAsync(model, new { session_id = session, provider = wish })).ShouldBe("deepinfra");
    }

    [Fact]
    public async Task OfferRests_ConversationMoves()
    {
        const string model = "deepseek/deepseek-r1-0528", name = "deepseek-ai/DeepSeek-R1-0528-tput";
        var session = NewSession();
        await AskAsync(model, new { session_id = session, provider = new { only = new[] { "togetherai" } } });
        (await AskAsync(model, new { session_id = session })).ShouldBe("togetherai");
        app.Together.Alias(name, ManyHostsApp.Usual + ";status=429;retry-after=120");
        (await AskAsync(model, new { session_id = session })).ShouldBe("deepinfra");
        app.Together.Alias(name, ManyHostsApp.Usual);
        app.Together.Reset();

        (await AskAsync(model, new { session_id = session })).ShouldBe("deepinfra");

        app.Together.Journal.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task SortByLatency_QuickestMeasuredFirst()
    {
        app.Clouds.Alias("accounts/fireworks/models/inkling", Slow);
        await MeasureAsync(Inkling, "fireworks-ai", "togetherai");
        (await AskAsync(Inkling, new { provider = new { sort = "latency" } })).ShouldBe("togetherai");

        // The running mean follows: what was slow is quick now, and the other way round.
        app.Clouds.Alias("accounts/fireworks/models/inkling", ManyHostsApp.Usual);
        app.Together.Alias("thinkingmachines/Inkling", Slow);
        await MeasureAsync(Inkling, "fireworks-ai", "togetherai");
        await MeasureAsync(Inkling, "fireworks-ai", "togetherai");

        (await AskAsync(Inkling, new { provider = new { sort = "latency" } })).ShouldBe("fireworks-ai");
    }

    [Theory]
    [InlineData("minimax/minimax-m2.7:nitro", null)]
    [InlineData("minimax/minimax-m2.7", "throughput")]
    public async Task Nitro_MostTokensASecondFirst(string model, string? sort)
    {
        app.Clouds.Alias("accounts/fireworks/models/minimax-m2p7", ManyHostsApp.Usual + ";pace=100");
        app.Together.Alias("MiniMaxAI/MiniMax-M2.7", ManyHostsApp.Usual + ";pace=10");
        await MeasureAsync("minimax/minimax-m2.7", "fireworks-ai", "togetherai");

        (await AskAsync(model, new { provider = new { sort } })).ShouldBe("togetherai");
        (await AskAsync("minimax/minimax-m2.7", new { session_id = NewSession() })).ShouldBe("fireworks-ai");
    }

    [Fact]
    public async Task NeverMeasured_ComesLast()
    {
        app.Together.Alias("MiniMaxAI/MiniMax-M3", ManyHostsApp.Usual + ";pace=20");
        await MeasureAsync("minimax/minimax-m3", "togetherai");

        (await AskAsync("minimax/minimax-m3", new { provider = new { sort = "latency" } })).ShouldBe("togetherai");
        (await AskAsync("minimax/minimax-m3", new { provider = new { sort = "throughput" } })).ShouldBe("togetherai");
    }

    [Fact]
    public async Task AnotherHostsFailure_IsNotThisOnesLatency()
    {
        const string model = "openai/gpt-oss-120b", name = "openai/gpt-oss-120b";
        app.Upstream.Alias(name, ManyHostsApp.Usual + ";slow-first=1200;reset=1;times=3");
        app.Together.Alias(name, ManyHostsApp.Usual + ";slow-first=500");
        await MeasureAsync(model, "togetherai");
        for (var i = 0; i < 3; i++)
        {
            (await AskAsync(model, new { provider = new { order = new[] { "groq", "fireworks-ai" } } }, stream: true))
                .ShouldBe("fireworks-ai");
        }

        (await AskAsync(model, new { provider = new { sort = "latency" } })).ShouldBe("fireworks-ai");
    }

    [Fact]
    public async Task WholeAnswers_SayNothingOfLatency()
    {
        const string model = "moonshotai/kimi-k3", name = "accounts/fireworks/models/kimi-k3";
        app.Together.Alias("moonshotai/Kimi-K3", ManyHostsApp.Usual + ";slow-first=300");
        await MeasureAsync(model, "fireworks-ai", "togetherai");
        app.Clouds.Alias(name, ManyHostsApp.Usual + ";whole-body-slow=1500");
        for (var i = 0; i < 3; i++)
        {
            await AskAsync(model, new { provider = new { only = new[] { "fireworks-ai" } } });
        }

        (await AskAsync(model, new { provider = new { sort = "latency" } })).ShouldBe("fireworks-ai");
    }

    private static string NewSession() => Guid.NewGuid().ToString("N");

    private static object[] Said(params string[] texts) =>
        [.. texts.Select((text, i) => new { role = i % 2 == 0 ? "user" : "assistant", content = text })];

    /// <summary>So many streams that a mean counts, of each host.</summary>
    private async Task MeasureAsync(string model, params string[] hosts)
    {
        foreach (var host in hosts.SelectMany(host => Enumerable.Repeat(host, 3)))
        {
            (await AskAsync(model, new { provider = new { only = new[] { host } } }, stream: true)).ShouldBe(host);
        }
    }

    /// <summary>The host that answers.</summary>
    private async Task<string?> AskAsync(string model, object more, Customer? customer = null, bool stream = false) =>
        (await (customer ?? app.Customer).ChatAsync(model, stream, more)).Succeeded().Header("x-mercato-provider");
}

public sealed class OfferOrderOnSqlite(SqliteManyHosts app) : OfferOrderTests(app), IClassFixture<SqliteManyHosts>;

public sealed class OfferOrderOnPostgres(PostgresManyHosts app) : OfferOrderTests(app), IClassFixture<PostgresManyHosts>;
