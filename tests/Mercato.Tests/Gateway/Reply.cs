using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Mercato.Tests.Gateway;

/// <summary>An answer of the gateway, whole or streamed, as a plain HTTP client sees it.</summary>
public sealed record Reply(int Status, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    private const string Data = "data: ";

    public string? GenerationId => Header("x-generation-id");

    public bool IsStream => ContentType == "text/event-stream";

    /// <summary>The JSON of a whole answer.</summary>
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;

    /// <summary>A stream's events with JSON.</summary>
    public IReadOnlyList<JsonElement> Events =>
        [.. Lines.Where(line => line != "[DONE]").Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Whether the end marker came, once and last.</summary>
    public bool IsDone => Lines.Count(line => line == "[DONE]") == 1 && Lines.Last() == "[DONE]";

    /// <summary>The error, whole or in a stream.</summary>
    public JsonElement? Error => (IsStream ? Last : Body) is { ValueKind: JsonValueKind.Object } last
        && last.TryGetProperty("error", out var error) ? error : null;

    public JsonElement Usage => (IsStream ? Last : Body).GetProperty("usage");

    private JsonElement Last => Events is [.., var last] ? last : default;

    private IEnumerable<string> Lines => Text.ReplaceLineEndings("\n").Split('\n')
        .Where(line => line.StartsWith(Data, StringComparison.Ordinal)).Select(line => line[Data.Length..]);

    public static async Task<Reply> PostAsync(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await ReadAsync(await client.PostAsync(path, content, TestContext.Current.CancellationToken));
    }

    public static async Task<Reply> ReadAsync(HttpResponseMessage answer) => new(
        (int)answer.StatusCode, answer.Headers, answer.Content.Headers.ContentType?.MediaType,
        await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? values.Single() : null;

    /// <summary>Expects a whole answer, or a whole stream.</summary>
    public Reply Succeeded()
    {
        Status.ShouldBe(200, Text);
        Error.ShouldBeNull(Text);
        (IsStream && !IsDone).ShouldBeFalse(Text);
        return this;
    }

    /// <summary>Expects an error of OpenAI's shape: a string code under /v1, the status under /api/v1.</summary>
    public JsonElement Failed(int status, string code, bool integerCode = false)
    {
        Status.ShouldBe(status, Text);
        ContentType.ShouldBe("application/json");
        var error = Body.GetProperty("error");
        Check(error);
        (integerCode ? error.GetProperty("code").GetInt32().ToString() : error.GetProperty("code").GetString())
            .ShouldBe(integerCode ? status.ToString() : code, Text);
        if (status is 429 or 503)
        {
            int.Parse(Header("retry-after")!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
        }

        return error;
    }

    /// <summary>Expects an error inside a stream that had begun.</summary>
    public JsonElement FailedInBand(string code)
    {
        Status.ShouldBe(200, Text);
        IsStream.ShouldBeTrue(Text);
        IsDone.ShouldBeFalse(Text);
        var error = Error.ShouldNotBeNull(Text);
        Check(error);
        error.GetProperty("code").GetString().ShouldBe(code, Text);
        return error;
    }

    private void Check(JsonElement error)
    {
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace(Text);
        error.GetProperty("type").GetString().ShouldNotBeNullOrWhiteSpace(Text);
        error.TryGetProperty("param", out _).ShouldBeTrue(Text);
    }
}

public static class Amounts
{
    /// <summary>An amount of dollars, written as text or as a number.</summary>
    public static decimal Dollars(this JsonElement amount) => decimal.Parse(
        amount.ValueKind == JsonValueKind.String ? amount.GetString()! : amount.GetRawText(),
        NumberStyles.Float, CultureInfo.InvariantCulture);

    public static decimal Dollars(this JsonElement owner, string name) => owner.GetProperty(name).Dollars();

    public static string Text(this JsonElement owner, string name) => owner.GetProperty(name).GetString()!;
}
