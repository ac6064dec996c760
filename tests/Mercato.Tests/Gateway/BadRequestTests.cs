using System.Text;
using System.Text.Json;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>Requests that are refused: in OpenAI's error shape, and without anything held or sent.</summary>
public abstract class BadRequestTests(GatewayApp app)
{
    private const string Model = "openai/gpt-4o-mini";
    private const string Messages = """ "messages":[{"role":"user","content":"Hi"}] """;

    public static TheoryData<string, string, string?> Bodies => new()
    {
        { "", "invalid_json", null },
        { "{", "invalid_json", null },
        { "nonsense", "invalid_json", null },
        { """{"model":"m",}""", "invalid_json", null },
        { "[]", "invalid_type", null },
        { "null", "invalid_type", null },
        { "\"text\"", "invalid_type", null },
        { "{}", "missing_required_parameter", "model" },
        { """{"model":"openai/gpt-4o-mini"}""", "missing_required_parameter", "messages" },
        { $$"""{"model":7,{{Messages}}}""", "invalid_type", "model" },
        { $$"""{"model":["a"],{{Messages}}}""", "invalid_type", "model" },
        { """{"model":"openai/gpt-4o-mini","messages":"Hi"}""", "invalid_type", "messages" },
        { """{"model":"openai/gpt-4o-mini","messages":{}}""", "invalid_type", "messages" },
        { """{"model":"openai/gpt-4o-mini","messages":[7]}""", "invalid_type", "messages[0]" },
        { $$"""{"model":"openai/gpt-4o-mini","stream":"yes",{{Messages}}}""", "invalid_type", "stream" },
        { $$"""{"model":"openai/gpt-4o-mini","stream_options":1,{{Messages}}}""", "invalid_type", "stream_options" },
        { $$"""{"model":"openai/gpt-4o-mini","tools":{},{{Messages}}}""", "invalid_type", "tools" },
        { $$"""{"model":"a","model":"openai/gpt-4o-mini",{{Messages}}}""", "duplicate_parameter", "model" },
    };

    /// <summary>Numbers that break careless readers, and whether a limit of that size is taken.</summary>
    public static TheoryData<string, bool> Numbers => new()
    {
        { "0", false }, { "-1", false }, { "1", true }, { "1.5", false }, { "\"12\"", false }, { "null", true },
        { "NaN", false }, { "1e309", false }, { "2147483648", false }, { "9007199254740992", false },
        { "9007199254740993", false }, { "9223372036854775807", false }, { "9223372036854775808", false },
        { "18446744073709551615", false }, { "-9223372036854775808", false }, { "12.0", true }, { "[]", false },
        { "true", false }, { "2147483647", true },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task BodyIsWrong_NamedInOpenAiShape(string body, string code, string? param)
    {
        var sent = app.Upstream.Journal.Calls.Count;

        var reply = await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions", body);
        var other = await Reply.PostAsync(app.Customer.Client, "/api/v1/chat/completions", body);

        reply.Failed(400, code).Text("param").ShouldBe(param);
        other.Failed(400, code, integerCode: true);
        app.Upstream.Journal.Calls.Count.ShouldBe(sent);
        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task OddNumber_TakenOrRefusedAndTheBalanceNeverRises(string number, bool isTaken)
    {
        foreach (var name in (string[])["max_tokens", "max_completion_tokens", "n"])
        {
            var before = await app.Customer.BalanceAsync();

            var reply = await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions",
                $$"""{"model":"{{Model}}","{{name}}":{{number}},{{Messages}}}""");

            // A limit beyond the model's is the provider's to judge; here the ceiling of the model bounds the hold.
            if (isTaken && !(name == "n" && number.Length > 4))
            {
                reply.Status.ShouldBeOneOf(200, 400);
            }
            else
            {
                reply.Status.ShouldBe(400, reply.Text);
            }

            (await app.Customer.BalanceAsync()).ShouldBeLessThanOrEqualTo(before);
        }

        await app.NoCallIsOpenAsync();
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/api/v1")]
    public async Task BodyOver32MiB_TooLarge(string prefix)
    {
        var body = $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"{{new string('a', 33 << 20)}}"}]}""";

        var reply = await Reply.PostAsync(app.Customer.Client, prefix + "/chat/completions", body);

        reply.Failed(413, "request_too_large", integerCode: prefix == "/api/v1");
    }

    [Fact]
    public async Task BodyOver32MiBWithoutLength_TooLarge()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StreamContent(new MemoryStream(new byte[33 << 20])),
        };
        request.Headers.TransferEncodingChunked = true;

        var answer = await app.Customer.Client.SendAsync(request, TestContext.Current.CancellationToken);

        (await Reply.ReadAsync(answer)).Failed(413, "request_too_large");
    }

    [Theory]
    [InlineData(65)]
    [InlineData(100_000)]
    public async Task DeepNesting_InvalidJson(int depth)
    {
        var body = $$"""{"model":"{{Model}}","metadata":{{new string('[', depth)}}{{new string(']', depth)}},{{Messages}}}""";

        (await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions", body)).Failed(400, "invalid_json");
    }

    [Fact]
    public async Task BytesThatAreNotUtf8_InvalidJson()
    {
        using var content = new ByteArrayContent([.. "{\"model\":\""u8, 0xFF, 0xFE, .. "\"}"u8]);

        var answer = await app.Customer.Client.PostAsync(
            "/v1/chat/completions", content, TestContext.Current.CancellationToken);

        (await Reply.ReadAsync(answer)).Failed(400, "invalid_json");
    }

    [Theory]
    [InlineData("nobody/nothing", "unknown")]
    [InlineData("anthropic/claude-opus-4.5", "needs_key")]
    [InlineData("openai/text-embedding-3-small", "wrong_kind")]
    public async Task ModelThatCannotBeCalled_SaysWhyAndWhatWould(string model, string reason)
    {
        foreach (var prefix in (string[])["/v1", "/api/v1"])
        {
            var error = (await app.Customer.ChatAsync(model, prefix: prefix))
                .Failed(404, "model_not_found", integerCode: prefix == "/api/v1");

            error.Text("param").ShouldBe("model");
            var metadata = error.GetProperty("metadata");
            metadata.Text("reason").ShouldBe(reason);
            metadata.Text("how_to_fix").ShouldNotBeNullOrWhiteSpace();
            var near = metadata.GetProperty("nearest_ready").EnumerateArray().Select(id => id.GetString()!).ToList();
            near.Count.ShouldBe(3);
            foreach (var id in near)
            {
                (await app.Customer.ChatAsync(id, more: new { max_tokens = 16 })).Succeeded();
            }
        }
    }

    [Theory]
    [InlineData("\"web_search_options\":{}", "web_search_options")]
    [InlineData("\"service_tier\":\"priority\"", "service_tier")]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "modalities")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools")]
    public async Task MemberWithUnknownPrice_RefusedByNameOnCredits(string member, string param)
    {
        var body = $$"""{"model":"{{Model}}",{{member}},{{Messages}}}""";

        (await Reply.PostAsync(app.Customer.Client, "/v1/chat/completions", body))
            .Failed(400, "unpriced_parameter").Text("param").ShouldBe(param);
    }

    [Theory]
    [InlineData("/v1/v1/chat/completions")]
    [InlineData("/v1/v1/models")]
    [InlineData("/chat/completions")]
    [InlineData("/completions")]
    [InlineData("/responses")]
    [InlineData("/api/messages")]
    public async Task WrongBaseUrl_NamesTheRightOne(string path)
    {
        var reply = await Reply.PostAsync(app.Anonymous, path, "{}");

        reply.Status.ShouldBe(404);
        reply.Body.GetProperty("error").Text("message").ShouldContain(app.Address + "/v1");
    }

    [Theory]
    [InlineData("/v1/audio/speech")]
    [InlineData("/v1/nothing")]
    [InlineData("/api/v1/nothing")]
    public async Task UnknownProgramRoute_JsonAndNotAPage(string path)
    {
        var reply = await Reply.PostAsync(app.Customer.Client, path, "{}");

        reply.Status.ShouldBe(404);
        reply.ContentType.ShouldNotBeNull().ShouldContain("json", customMessage: reply.Text);
    }

    [Fact]
    public async Task NoKey_Unauthenticated()
    {
        var reply = await Reply.PostAsync(app.Anonymous, "/v1/chat/completions", "{}");

        reply.Failed(401, "unauthenticated");
        reply.Header("WWW-Authenticate").ShouldBe("Bearer");
    }

    [Fact]
    public async Task KeyThatNobodyHas_Unauthenticated()
    {
        using var client = app.WithBearer(app.Customer.Key[..^1] + (app.Customer.Key[^1] == 'a' ? 'b' : 'a'));

        (await Reply.PostAsync(client, "/v1/chat/completions", "{}")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task DisabledKey_SaysSo()
    {
        var customer = await app.CustomerAsync("1");
        await (await customer.Person.Client.PatchAsync("/api/v1/keys/" + customer.KeyHash, new { disabled = true }))
            .ReadAsync(200);

        (await customer.ChatAsync(Model)).Failed(401, "api_key_disabled");
    }

    [Fact]
    public async Task KeyForOtherModels_ModelNotAllowed()
    {
        var customer = await app.CustomerAsync("1", new { name = "one", allowed_models = new[] { Model } });

        (await customer.ChatAsync("openai/gpt-5-mini")).Failed(403, "model_not_allowed").Text("param").ShouldBe("model");
        (await customer.ChatAsync("gpt-4o-mini")).Succeeded();
    }

    [Fact]
    public async Task FallbackModelOutsideTheKey_NotCalled()
    {
        var customer = await app.CustomerAsync("1", new { name = "one", allowed_models = new[] { Model } });

        var reply = await customer.ChatAsync("nobody/nothing", more: new { models = new[] { "openai/gpt-5-mini" } });

        reply.Status.ShouldBeOneOf(403, 404);
    }

    [Fact]
    public async Task KeyWithoutInference_MissingScope()
    {
        var customer = await app.CustomerAsync("1", new { name = "read", scopes = new[] { "read" } });

        (await customer.ChatAsync(Model)).Failed(403, "missing_scope");
    }

    [Fact]
    public async Task KeyLimitSpent_PaymentRequiredFromTheKey()
    {
        var customer = await app.CustomerAsync("1", new { name = "small", limit = "0.00001" });

        var error = (await customer.ChatAsync(Model)).Failed(402, "insufficient_credits");

        error.GetProperty("metadata").Text("limit_source").ShouldBe("key");
        (await customer.BalanceAsync()).ShouldBe(1m);
    }

    [Fact]
    public async Task KeyLimit_StopsAtTheLimitAndShowsTheRest()
    {
        var customer = await app.CustomerAsync("1", new { name = "small", limit = "0.0001" });
        (await customer.ChatAsync(Model)).Succeeded();

        var key = (await (await customer.Client.AskAsync("/api/v1/key")).ReadAsync(200)).GetProperty("data");
        key.Dollars("limit_remaining").ShouldBe(0.0001m - 0.000009m);
        for (var i = 0; i < 20; i++)
        {
            var reply = await customer.ChatAsync(Model);
            reply.Status.ShouldBeOneOf(200, 402);
        }

        (1m - await customer.BalanceAsync()).ShouldBeInRange(0.00004m, 0.0001m);
    }

    [Fact]
    public async Task NoCredits_PaymentRequiredWithFigures()
    {
        var customer = await app.CustomerAsync("0");

        var error = (await customer.ChatAsync(Model)).Failed(402, "insufficient_credits");

        var metadata = error.GetProperty("metadata");
        metadata.Text("limit_source").ShouldBe("wallet");
        metadata.Dollars("required").ShouldBeGreaterThan(0);
        metadata.Dollars("available").ShouldBe(0);
        metadata.Dollars("held").ShouldBe(0);
        metadata.GetProperty("affordable_max_tokens").ValueKind.ShouldBe(JsonValueKind.Number);
        error.Text("message").ShouldContain("could cost up to $");
    }

    [Fact]
    public async Task LittleMoneyAndNoLimit_OutputIsLimitedAndAnnounced()
    {
        var customer = await app.CustomerAsync("0.005");

        var reply = await Reply.PostAsync(customer.Client, "/v1/chat/completions", $$"""{"model":"{{Model}}",{{Messages}}}""");

        reply.Succeeded();
        var limit = long.Parse(reply.Header("x-mercato-max-tokens").ShouldNotBeNull());
        limit.ShouldBeInRange(1024, 16_383);
        app.Upstream.Journal.Calls[^1].Body!.Value.GetProperty("max_completion_tokens").GetInt64().ShouldBe(limit);
    }

    [Fact]
    public async Task EncodedBody_Unsupported()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        content.Headers.ContentEncoding.Add("gzip");

        var answer = await app.Customer.Client.PostAsync(
            "/v1/chat/completions", content, TestContext.Current.CancellationToken);

        (await Reply.ReadAsync(answer)).Failed(415, "unsupported_encoding");
    }
}

public sealed class BadRequestsOnSqlite(SqliteGateway app) : BadRequestTests(app), IClassFixture<SqliteGateway>;

public sealed class BadRequestsOnPostgres(PostgresGateway app) : BadRequestTests(app), IClassFixture<PostgresGateway>;
