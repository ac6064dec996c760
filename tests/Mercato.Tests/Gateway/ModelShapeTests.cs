using System.Globalization;
using System.Text;
using System.Text.Json;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Gateway;

/// <summary>One list of models in two shapes, and what clients read where there is nothing.</summary>
public abstract class ModelShapeTests(ManyHostsApp app)
{
    [Fact]
    public async Task WithoutHeader_OpenAisShape()
    {
        var list = await (await app.Anonymous.AskAsync("/v1/models")).ReadAsync(200);
        var one = await (await app.Anonymous.AskAsync("/v1/models/anthropic/claude-sonnet-4-5")).ReadAsync(200);

        list.Text("object").ShouldBe("list");
        list.TryGetProperty("has_more", out _).ShouldBeFalse();
        list.GetProperty("data")[0].Text("object").ShouldBe("model");
        one.Text("object").ShouldBe("model");
        one.GetProperty("created").GetInt64().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task AnthropicVersion_AnthropicsShape()
    {
        var list = await (await AskAsync("/v1/models")).ReadAsync(200);

        Names(list).ShouldBe(["data", "has_more", "first_id", "last_id"], ignoreOrder: true);
        list.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        var models = list.GetProperty("data").EnumerateArray().ToList();
        foreach (var model in models)
        {
            Names(model).ShouldBe(["type", "id", "display_name", "created_at"], ignoreOrder: true);
            model.Text("type").ShouldBe("model");
            model.Text("display_name").ShouldNotBeNullOrWhiteSpace();
        }

        list.Text("first_id").ShouldBe(models[0].Text("id"));
        list.Text("last_id").ShouldBe(models[^1].Text("id"));
        models.Select(CreatedAt).ShouldBeInOrder(SortDirection.Descending);
        var plain = await (await app.Anonymous.AskAsync("/v1/models")).ReadAsync(200);
        Ids(list).ShouldBe(
            plain.GetProperty("data").EnumerateArray().Where(model => model.Text("kind") == "chat")
                .Select(model => model.Text("id")), ignoreOrder: true);
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-4-5")]
    [InlineData("anthropic%2Fclaude-sonnet-4-5")]
    [InlineData("anthropic/claude-sonnet-4.5")]
    [InlineData("claude-sonnet-4-5")]
    public async Task OneModel_AnthropicsShape(string id)
    {
        var model = await (await AskAsync("/v1/models/" + id)).ReadAsync(200);

        Names(model).ShouldBe(["type", "id", "display_name", "created_at"], ignoreOrder: true);
        model.Text("id").ShouldBe("anthropic/claude-sonnet-4-5");
        CreatedAt(model).Year.ShouldBe(2025);
    }

    [Fact]
    public async Task Pages_LeadThroughTheWholeListBothWays()
    {
        var all = Ids(await (await AskAsync("/v1/models")).ReadAsync(200));
        all.Count.ShouldBeGreaterThan(20);
        var (forth, after) = (new List<string>(), "");
        JsonElement page;
        do
        {
            page = await (await AskAsync($"/v1/models?limit=7{after}")).ReadAsync(200);
            forth.AddRange(Ids(page));
            after = "&after_id=" + Uri.EscapeDataString(page.Text("last_id"));
        }
        while (page.GetProperty("has_more").GetBoolean());

        forth.ShouldBe(all);
        var back = await (await AskAsync("/v1/models?limit=7&before_id=" + Uri.EscapeDataString(all[10]))).ReadAsync(200);
        Ids(back).ShouldBe(all[3..10]);
        back.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        var first = await (await AskAsync("/v1/models?limit=7&before_id=" + Uri.EscapeDataString(all[4]))).ReadAsync(200);
        Ids(first).ShouldBe(all[..4]);
        first.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        var end = await (await AskAsync("/v1/models?after_id=" + Uri.EscapeDataString(all[^1]))).ReadAsync(200);
        Ids(end).ShouldBeEmpty();
        end.GetProperty("first_id").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("/v1/models?limit=0", 400, "invalid_request_error")]
    [InlineData("/v1/models?limit=1001", 400, "invalid_request_error")]
    [InlineData("/v1/models?limit=x", 400, "invalid_request_error")]
    [InlineData("/v1/models?after_id=nobody/nothing", 400, "invalid_request_error")]
    [InlineData("/v1/models?before_id=nobody/nothing", 400, "invalid_request_error")]
    [InlineData("/v1/models/nobody/nothing", 404, "not_found_error")]
    [InlineData("/v1/messages/batches", 404, "not_found_error")]
    public async Task WrongQuestionOfAnthropicsClient_ItsOwnError(string path, int status, string type)
    {
        var error = await (await AskAsync(path)).ReadAsync(status);

        error.Text("type").ShouldBe("error");
        error.GetProperty("error").Text("type").ShouldBe(type);
        error.GetProperty("error").Text("message").ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("GET", "/v1")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/nothing/at/all")]
    [InlineData("DELETE", "/v1/models/openai/gpt-4o-mini")]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("PUT", "/v1/responses")]
    [InlineData("POST", "/v1/audio/speech")]
    [InlineData("GET", "/v1/files/file.txt")]
    public async Task NothingThere_OpenAisError(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Content = method == "GET" ? null : new StringContent("{}", Encoding.UTF8, "application/json"),
        };

        var reply = await Reply.ReadAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken));

        reply.Failed(404, "not_found").Text("message").ShouldContain($"{method} {path}");
    }

    private Task<HttpResponseMessage> AskAsync(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return app.Customer.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Names(JsonElement owner) => owner.EnumerateObject().Select(member => member.Name);

    private static List<string> Ids(JsonElement list) =>
        [.. list.GetProperty("data").EnumerateArray().Select(model => model.Text("id"))];

    private static DateTimeOffset CreatedAt(JsonElement model) =>
        DateTimeOffset.ParseExact(model.Text("created_at"), "yyyy-MM-ddTHH:mm:ssK", CultureInfo.InvariantCulture);
}

public sealed class ModelShapesOnSqlite(SqliteManyHosts app) : ModelShapeTests(app), IClassFixture<SqliteManyHosts>;

public sealed class ModelShapesOnPostgres(PostgresManyHosts app) : ModelShapeTests(app), IClassFixture<PostgresManyHosts>;
