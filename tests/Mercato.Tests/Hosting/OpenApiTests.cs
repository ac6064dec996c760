using System.Text.Json;
using Mercato.Tests.Accounts;

namespace Mercato.Tests.Hosting;

/// <summary>The published contract: a checked-in file, so that a change of it is seen and meant.</summary>
public sealed class OpenApiTests(SqliteApp app) : IClassFixture<SqliteApp>
{
    private const string Write = "MERCATO_WRITE_OPENAPI";

    private static readonly string Checked = Path.Combine(Repository.Root, "docs", "reference", "openapi.json");

    [Fact]
    public async Task ServedDocument_IsTheCheckedInOne()
    {
        var served = (await ReadAsync()).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(Write) == "1")
        {
            await File.WriteAllTextAsync(Checked, served, TestContext.Current.CancellationToken);
        }

        (await File.ReadAllTextAsync(Checked, TestContext.Current.CancellationToken) == served).ShouldBeTrue(
            "The API is not what docs/reference/openapi.json says. If the change is meant, write the file anew and look "
            + $"at its diff: {Write}=1 dotnet run --project tests/Mercato.Tests -- -class Mercato.Tests.Hosting.OpenApiTests");
    }

    [Fact]
    public async Task EveryOperation_SaysWhatItDoesAndHowItRefuses()
    {
        foreach (var (name, operation) in Operations(JsonDocument.Parse(await ReadAsync()).RootElement))
        {
            operation.TryGetProperty("summary", out var summary).ShouldBeTrue(name);
            summary.GetString().ShouldNotBeNullOrWhiteSpace(name);
            operation.GetProperty("tags").GetArrayLength().ShouldBe(1, name);
            operation.GetProperty("responses").TryGetProperty("default", out _).ShouldBeTrue(name);
        }
    }

    [Fact]
    public async Task Schemas_NameAType()
    {
        var document = JsonDocument.Parse(await ReadAsync()).RootElement;
        var schemas = document.GetProperty("components").GetProperty("schemas");

        schemas.GetProperty("Money").GetProperty("type").GetString().ShouldBe("string");
        schemas.GetProperty("MoneyNumber").GetProperty("type").GetString().ShouldBe("number");
        foreach (var schema in schemas.EnumerateObject())
        {
            // What passes through as it came has any type.
            if (schema.Name == "JsonElement")
            {
                continue;
            }

            (schema.Value.TryGetProperty("type", out _) || schema.Value.TryGetProperty("enum", out _)
                || schema.Value.TryGetProperty("oneOf", out _)).ShouldBeTrue(schema.Name);
            foreach (var member in schema.Value.TryGetProperty("properties", out var members)
                ? members.EnumerateObject().Where(member => member.Name != "per_request_limits") : [])
            {
                member.Value.EnumerateObject().Any(word => word.Name is "type" or "$ref" or "oneOf" or "enum" or "anyOf")
                    .ShouldBeTrue($"{schema.Name}.{member.Name}");
            }
        }
    }

    [Fact]
    public async Task DocsPage_ShowsEveryOperationUnderTheStrictPolicy()
    {
        var answer = await app.Anonymous.AskAsync("/docs");
        var page = await answer.ReadAnyAsync(200);

        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldNotContain("unsafe");
        page.ShouldNotContain("<style");
        page.ShouldNotContain(" style=");
        foreach (var (name, _) in Operations(JsonDocument.Parse(await ReadAsync()).RootElement))
        {
            page.ShouldContain($"data-operation=\"{name}\"");
        }
    }

    private static IEnumerable<(string Name, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    private async Task<string> ReadAsync() => await (await app.Anonymous.AskAsync("/openapi/v1.json")).ReadAnyAsync(200);
}
