using System.Net;
using System.Text.Json.Nodes;
using Mercato.Fake;

namespace Mercato.Tests.Fakes;

/// <summary>What holds for the fake in each of its dialects.</summary>
public sealed class DialectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Stream_tellsTheWordsInPiecesAndEnds(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        var speech = Speech.ByName[dialect];
        const string Text = " Größe  und 値段\nbitte ";

        var events = await Speech.ReadEventsAsync(
            client, speech.Ask("fake-echo;split-utf8;events=3", stream: true, text: Text), Token);

        string.Concat(events.Select(speech.TextOf)).ShouldBe(Text);
        var call = (await upstream.Journal.WaitForEndedAsync(1, Token)).Single();
        call.Dialect.ShouldBe(dialect);
        call.Model.ShouldBe("fake-echo;split-utf8;events=3");
        call.Streamed.ShouldBeTrue();
        call.EndSent.ShouldBeTrue();
        call.TokensSent.ShouldBe(5);
        call.ContentSent.ShouldBe(27);
    }

    /// <summary>The same counts, in each provider's own arithmetic.</summary>
    [Theory]
    [InlineData("openai-chat", "usage", """{"prompt_tokens":40,"completion_tokens":30,"total_tokens":70,"prompt_tokens_details":{"cached_tokens":15,"audio_tokens":0,"cache_write_tokens":5},"completion_tokens_details":{"reasoning_tokens":10,"audio_tokens":0}}""")]
    [InlineData("openai-responses", "usage", """{"input_tokens":40,"input_tokens_details":{"cached_tokens":15,"cache_write_tokens":5},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":10},"total_tokens":70}""")]
    [InlineData("anthropic", "usage", """{"input_tokens":20,"cache_creation_input_tokens":5,"cache_read_input_tokens":15,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":0},"output_tokens":30,"service_tier":"standard","output_tokens_details":{"thinking_tokens":10}}""")]
    [InlineData("gemini", "usageMetadata", """{"promptTokenCount":40,"candidatesTokenCount":20,"totalTokenCount":70,"cachedContentTokenCount":15,"promptTokensDetails":[{"modality":"TEXT","tokenCount":40}],"thoughtsTokenCount":10}""")]
    [InlineData("cohere", "usage", """{"billed_units":{"input_tokens":40,"output_tokens":30},"tokens":{"input_tokens":100,"output_tokens":30},"cached_tokens":15}""")]
    [InlineData("ollama", "eval_count", "30")]
    public async Task Usage_isCountedAsTheProviderCounts(string dialect, string member, string expected)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);
        const string Model = "fake-reasoning;in=40;cached=15;cache-write=5;reasoning=10;out=30";
        var speech = Speech.ByName[dialect];
        var extra = dialect == "openai-chat" ? Json("""{"stream_options":{"include_usage":true}}""") : null;

        var plain = await Speech.ReadAsync(client, speech.Ask(Model, stream: false), Token);
        var events = await Speech.ReadEventsAsync(client, speech.Ask(Model, stream: true, extra), Token);

        plain[member]!.ToJsonString().ShouldBe(expected);
        events.Select(data => data[member] ?? data["response"]?[member] ?? data["delta"].Member(member))
            .Last(usage => usage is not null)!.ToJsonString().ShouldBe(expected);
        (await upstream.Journal.WaitForEndedAsync(2, Token))
            .ShouldAllBe(call => call.Bill == new Usage(40, 30, 15, 5, 10) && call.TokensSent == 30);
    }

    [Theory]
    [InlineData("openai-chat", """{"error":{"message":"The script asked for status 503.","type":"server_error","param":null,"code":"scripted_error"}}""")]
    [InlineData("openai-responses", """{"error":{"message":"The script asked for status 503.","type":"server_error","param":null,"code":"scripted_error"}}""")]
    [InlineData("anthropic", """{"type":"error","error":{"type":"api_error","message":"The script asked for status 503."},"request_id":"req_fake_1"}""")]
    [InlineData("gemini", """{"error":{"code":503,"message":"The script asked for status 503.","status":"UNAVAILABLE"}}""")]
    [InlineData("cohere", """{"id":"fake-1","message":"The script asked for status 503."}""")]
    [InlineData("ollama", """{"error":"The script asked for status 503."}""")]
    public async Task Error_hasTheProvidersOwnShape(string dialect, string expected)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        using var reply = await client.SendAsync(
            Speech.ByName[dialect].Ask("fake-ok;status=503;retry-after=7", stream: true), Token);

        reply.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        var body = JsonNode.Parse(await reply.Content.ReadAsStringAsync(Token))!;
        var delay = (string?)body["error"].Member("details")?[0]?["retryDelay"];
        (body["error"] as JsonObject)?.Remove("details");
        body.ToJsonString().ShouldBe(expected);
        (delay ?? $"{reply.Headers.RetryAfter?.Delta?.TotalSeconds}s").ShouldBe("7s");
        (reply.Headers.RetryAfter is null).ShouldBe(dialect == "gemini");
    }

    [Theory]
    [InlineData("openai-responses", """{"type":"error","sequence_number":2,"code":"scripted_error","message":"The script asked for status 500.","param":null}""")]
    [InlineData("anthropic", """{"type":"error","error":{"type":"api_error","message":"The script asked for status 500."},"request_id":"req_fake_1"}""")]
    [InlineData("gemini", """{"error":{"code":500,"message":"The script asked for status 500.","status":"INTERNAL"}}""")]
    [InlineData("cohere", """{"type":"message-end","delta":{"error":"The script asked for status 500.","finish_reason":"ERROR"}}""")]
    [InlineData("ollama", """{"error":"The script asked for status 500."}""")]
    public async Task ErrorInAStream_isTheLastEvent(string dialect, string expected)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        var events = await Speech.ReadEventsAsync(
            client, Speech.ByName[dialect].Ask("fake-ok;error-event=2", stream: true), Token);

        events.Count.ShouldBe(3);
        events[^1].ToJsonString().ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Key_isTakenFromTheProvidersHeaderAndHidden(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync(new FakeUpstreamOptions { ApiKey = "right-secret" });
        using var client = Loopback.Client(upstream.Root);
        var speech = Speech.ByName[dialect];

        (await StatusAsync("wrong-secret")).ShouldBe(dialect == "gemini" ? HttpStatusCode.BadRequest : HttpStatusCode.Unauthorized);
        (await StatusAsync("right-secret")).ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync("_journal", Token)).ShouldNotContain("secret");

        async Task<HttpStatusCode> StatusAsync(string key)
        {
            using var request = speech.Ask("fake-ok", stream: false);
            request.Headers.Add(speech.KeyHeader ?? "Authorization", speech.KeyHeader is null ? $"Bearer {key}" : key);
            using var reply = await client.SendAsync(request, Token);
            return reply.StatusCode;
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task UnknownMember_is400AndJournaled(string dialect)
    {
        await using var upstream = await FakeUpstream.StartAsync();
        using var client = Loopback.Client(upstream.Root);

        using var reply = await client.SendAsync(
            Speech.ByName[dialect].Ask("fake-ok", stream: false, Json("""{"mercato":{"route":"cheap"}}""")), Token);

        reply.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var call = (await upstream.Journal.WaitForEndedAsync(1, Token)).Single();
        call.Ending.ShouldBe(Ending.Rejected);
        call.Complaint!.ShouldContain("mercato");
    }

    public static TheoryData<string> Names => Speech.Names;

    private static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();
}
