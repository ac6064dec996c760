using System.Text.Json;
using System.Text.Json.Nodes;
using Mercato.Catalog;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>`provider.require_parameters` and `provider.quantizations` take offers out before they are put in order.</summary>
public abstract class ProviderWishesTests
{
    private const string OpenWeights = "openai/gpt-oss-120b";
    private const string Nemotron = "nvidia/nemotron-3-ultra-550b-a55b";

    private readonly ManyHostsApp app;

    protected ProviderWishesTests(ManyHostsApp app)
    {
        this.app = app;
        app.Reset();
    }

    [Fact]
    public async Task ParametersRequired_GoesWhereNothingIsLost()
    {
        var free = await MessageAsync(OpenWeights, """{"order":["groq","fireworks-ai"]}""");
        var strict = await MessageAsync(OpenWeights, """{"order":["groq","fireworks-ai"],"require_parameters":true}""");

        free.Header("x-mercato-provider").ShouldBe("groq");
        free.Header("x-mercato-dropped-parameters").ShouldBe("top_k");
        // The fake knows OpenAI's members only, and refuses this one; what matters is who was asked, and for what.
        strict.Header("x-mercato-provider").ShouldBe("fireworks-ai");
        strict.Header("x-mercato-dropped-parameters").ShouldBeNull();
        app.Clouds.Journal.Calls[^1].Body!.Value.GetProperty("top_k").GetInt32().ShouldBe(5);
    }

    [Fact]
    public async Task ParametersRequiredAndNoFallbacks_FirstThatTakesAll()
    {
        var reply = await MessageAsync(OpenWeights, """{"require_parameters":true,"allow_fallbacks":false}""");

        reply.Header("x-mercato-provider").ShouldBeOneOf("fireworks-ai", "togetherai");
        reply.Header("x-mercato-dropped-parameters").ShouldBeNull();
    }

    [Fact]
    public async Task NobodyTakesAll_NotFoundNamesWhoAndWhat()
    {
        var reply = await MessageAsync("openai/gpt-4.1-mini", """{"require_parameters":true}""");

        reply.Status.ShouldBe(404, reply.Text);
        var message = reply.Body.GetProperty("error").Text("message");
        message.ShouldContain("require_parameters");
        message.ShouldContain("openai does not take top_k");
        app.CountCalls().ShouldBe(0);
    }

    [Fact]
    public async Task ExtensionThatNobodyOffers_NotFoundNamesIt()
    {
        var error = (await app.Customer.ChatAsync(OpenWeights, more: new
        {
            provider = new { require_parameters = true },
            transforms = new[] { "middle-out" },
        })).Failed(404, "model_not_found");

        error.GetProperty("metadata").Text("reason").ShouldBe("excluded_by_provider_preferences");
        error.Text("message").ShouldContain("transforms");
    }

    [Theory]
    [InlineData("openai/gpt-oss-120b")]
    [InlineData("anthropic/claude-sonnet-4-5")]
    [InlineData("google/gemini-2.5-flash")]
    public async Task NothingIsLost_RequiringChangesNothing(string model)
    {
        var reply = await app.Customer.ChatAsync(model,
            more: new { provider = new { require_parameters = true }, temperature = 0.5 });

        reply.Succeeded().Header("x-mercato-dropped-parameters").ShouldBeNull();
    }

    [Fact]
    public async Task OnlyOneChoiceAtATime_NotFoundNamesIt()
    {
        var error = (await app.Customer.ChatAsync("anthropic/claude-sonnet-4-5",
            more: new { provider = new { require_parameters = true }, n = 2 })).Failed(404, "model_not_found");

        error.Text("message").ShouldContain("anthropic does not take n");
    }

    [Fact]
    public async Task SecondModelTakesAll_FirstIsPassedBy()
    {
        var reply = await MessageAsync(
            "openai/gpt-4.1-mini", """{"require_parameters":true}""", "anthropic/claude-sonnet-4-5");

        reply.Status.ShouldBe(200, reply.Text);
        reply.Header("x-mercato-model").ShouldBe("anthropic/claude-sonnet-4-5");
    }

    [Theory]
    [InlineData(Nemotron, """["fp4"]""", "fireworks-ai")]
    [InlineData(Nemotron, """["FP4","fp8"]""", "fireworks-ai")]
    [InlineData(Nemotron, """["unknown"]""", "togetherai")]
    [InlineData("meta/llama-4-maverick-17b-128e", """["fp8"]""", "deepinfra")]
    [InlineData("meta/llama-4-maverick-17b-128e", """[]""", "deepinfra")]
    public async Task Quantizations_OnlyOffersThatSaySo(string model, string wanted, string host) =>
        (await app.Customer.ChatAsync(model, more: Quantized(wanted))).Succeeded()
            .Header("x-mercato-provider").ShouldBe(host);

    [Fact]
    public async Task QuantizationThatNobodyHas_NotFoundNamesTheExcluded()
    {
        var error = (await app.Customer.ChatAsync(Nemotron, more: Quantized("""["bf16"]"""))).Failed(404, "model_not_found");

        error.Text("message").ShouldContain("fireworks-ai");
        error.Text("message").ShouldContain("togetherai");
    }

    [Fact]
    public async Task Endpoints_ShowTheQuantization()
    {
        var answer = await (await app.Anonymous.AskAsync($"/api/v1/models/{Nemotron}/endpoints")).ReadAsync(200);

        answer.GetProperty("data").GetProperty("endpoints").EnumerateArray()
            .Where(offer => offer.Text("provider") is "fireworks-ai" or "togetherai")
            .ToDictionary(offer => offer.Text("provider"), offer => offer.GetProperty("quantization").GetString())
            .ShouldBe(new Dictionary<string, string?> { ["fireworks-ai"] = "fp4", ["togetherai"] = null }, ignoreOrder: true);
    }

    private static object Quantized(string wanted) =>
        new { provider = new { quantizations = JsonSerializer.Deserialize<JsonElement>(wanted) } };

    /// <summary>A call over Messages with `top_k`, which only some hosts take.</summary>
    private Task<Reply> MessageAsync(string model, string provider, params string[] models)
    {
        var body = new JsonObject
        {
            ["model"] = model,
            ["models"] = new JsonArray([.. models.Select(name => JsonValue.Create(name))]),
            ["max_tokens"] = 50,
            ["top_k"] = 5,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Say something." }),
            ["provider"] = JsonNode.Parse(provider),
        };
        return Reply.PostAsync(app.Customer.Client, "/v1/messages", body.ToJsonString());
    }
}

public sealed class ProviderWishesOnSqlite(SqliteManyHosts app)
    : ProviderWishesTests(app), IClassFixture<SqliteManyHosts>;

public sealed class ProviderWishesOnPostgres(PostgresManyHosts app)
    : ProviderWishesTests(app), IClassFixture<PostgresManyHosts>;

public sealed class QuantizationsTests
{
    [Theory]
    [InlineData("zai-org/GLM-4.5-Air-FP8", "fp8")]
    [InlineData("Qwen/Qwen3-235B-A22B-fp8-tput", "fp8")]
    [InlineData("accounts/fireworks/models/nemotron-3-ultra-nvfp4", "fp4")]
    [InlineData("llama3.1:8b-instruct-q4_K_M", "int4")]
    [InlineData("llama3.1:8b-instruct-q8_0", "int8")]
    [InlineData("some/Model-AWQ", "int4")]
    [InlineData("some/model-bf16", "bf16")]
    [InlineData("openai/gpt-oss-120b", null)]
    [InlineData("qwen3-q40b", null)]
    [InlineData("gpt-4o-mini", null)]
    public void HostsName_TellsOnlyWhatItSays(string name, string? quantization) =>
        Quantizations.Of(name).ShouldBe(quantization);
}
