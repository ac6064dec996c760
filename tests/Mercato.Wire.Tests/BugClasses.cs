using System.Buffers;
using System.Text;
using System.Text.Json;
using Mercato.Fuzz;

namespace Mercato.Wire.Tests;

/// <summary>The commonest bugs of gateways, each under its name and over several pairs of dialects. The links show where
/// others met them. What happens when a caller leaves is in Mercato.Tests, CallerLeavesTests.</summary>
public sealed class BugClasses
{
    private static readonly Dictionary<Dialect, string> TwoCalls = new()
    {
        [Dialect.Gemini] = """
            data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"x":1.50}}},{"functionCall":{"name":"b","args":{"y":"z"}}}]},"finishReason":"STOP"}]}


            """,
        [Dialect.Ollama] = """
            {"message":{"content":"","tool_calls":[{"function":{"name":"a","arguments":{"x":1.50}}}]},"done":false}
            {"message":{"content":"","tool_calls":[{"function":{"name":"b","arguments":{"y":"z"}}}]},"done":false}
            {"message":{"content":""},"done":true,"done_reason":"stop"}

            """,
        [Dialect.OpenAiChat] = """
            data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","function":{"name":"a","arguments":"{\"x\":1.50}"}},{"index":1,"id":"c2","function":{"name":"b","arguments":"{\"y\":\"z\"}"}}]}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: [DONE]


            """,
    };

    // 1. https://github.com/BerriAI/litellm/issues/25836
    [Theory]
    [InlineData(Dialect.Gemini)]
    [InlineData(Dialect.Ollama)]
    [InlineData(Dialect.OpenAiChat)]
    public void WholeArgumentUpstream_GivesAnthropicInputJsonDelta(Dialect host)
    {
        var events = Events(host, Dialect.Anthropic, TwoCalls[host]);

        events.Where(one => Type(one) == "content_block_start").Select(one => one.GetProperty("content_block").GetProperty("input").GetRawText())
            .ShouldBe(["{}", "{}"]);
        events.Where(one => Type(one) == "content_block_delta").Select(one => one.GetProperty("delta").GetProperty("partial_json").GetString())
            .ShouldBe(["{\"x\":1.50}", "{\"y\":\"z\"}"]);
    }

    // 2. https://github.com/mozilla-ai/any-llm/issues/1148
    [Theory]
    [InlineData(Dialect.Gemini)]
    [InlineData(Dialect.Ollama)]
    [InlineData(Dialect.OpenAiChat)]
    public void ParallelCallsInAStream_HaveIndexesOfTheirOwn(Dialect host)
    {
        Events(host, Dialect.OpenAiChat, TwoCalls[host]).SelectMany(ChatCalls)
            .Where(call => call.TryGetProperty("id", out _))
            .Select(call => $"{call.GetProperty("index")} {call.GetProperty("function").GetProperty("name")}").ShouldBe(["0 a", "1 b"]);
        Events(host, Dialect.Anthropic, TwoCalls[host]).Where(one => Type(one) == "content_block_start")
            .Select(one => one.GetProperty("index").GetInt32()).ShouldBe([0, 1]);
        Events(host, Dialect.OpenAiResponses, TwoCalls[host]).Where(one => Type(one) == "response.output_item.added")
            .Select(one => one.GetProperty("output_index").GetInt32()).ShouldBe([0, 1]);
    }

    // 3. https://github.com/router-for-me/CLIProxyAPI/issues/4656
    [Fact]
    public void ParallelToolResults_StandInOneTurnBehindTheirCalls()
    {
        var sent = Write(Dialect.Anthropic, ChatHistory).GetProperty("messages");
        sent[1].GetProperty("content").EnumerateArray().Select(Type).ShouldBe(["tool_use", "tool_use"]);
        sent[2].GetProperty("role").GetString().ShouldBe("user");
        sent[2].GetProperty("content").EnumerateArray().Select(block => $"{Type(block)} {block.GetProperty("tool_use_id")}")
            .ShouldBe(["tool_result call_1", "tool_result call_2"]);

        Write(Dialect.Gemini, ChatHistory).GetProperty("contents")[2].GetProperty("parts").GetArrayLength().ShouldBe(2);
    }

    // 4. https://github.com/anomalyco/opencode/issues/4832
    [Fact]
    public void ThoughtSignature_ComesBackToGeminiThroughEveryCaller()
    {
        var stream = TwoCalls[Dialect.Gemini].Replace("1.50}}", "1.50}},\"thoughtSignature\":\"S1\"", StringComparison.Ordinal);
        foreach (var caller in Callers.All)
        {
            var deltas = Deltas(Dialect.Gemini, stream);
            var answer = JsonElement.Parse(caller.WriteAnswer(Callers.Head, ChatAnswer.Of(deltas), Callers.Counted, null));
            var sent = Write(Dialect.Gemini, Echo(caller.Dialect, answer), caller.Dialect).GetRawText();

            sent.ShouldContain("\"thoughtSignature\":\"S1\"", customMessage: caller.Dialect.ToString());
            sent.Split("thoughtSignature").Length.ShouldBe(2);
        }
    }

    // 5. https://github.com/maximhq/bifrost/issues/4942, cache marks: https://github.com/openclaw/openclaw/pull/27768
    [Fact]
    public void ThinkingAndRedactedThinking_ComeBackInPlaceAndUnmarked()
    {
        const string Answer = """{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"","signature":"sig"},{"type":"redacted_thinking","data":"dat"},{"type":"tool_use","id":"toolu_1","name":"a","input":{}}],"stop_reason":"tool_use"}""";
        foreach (var caller in Callers.All)
        {
            var deltas = WireFormats.Upstream(Dialect.Anthropic).ReadAnswer(Encoding.UTF8.GetBytes(Answer), Hosts.Id);
            var answer = JsonElement.Parse(caller.WriteAnswer(Callers.Head, ChatAnswer.Of(deltas), Callers.Counted, null));
            var turn = Write(Dialect.Anthropic, Echo(caller.Dialect, answer), caller.Dialect).GetProperty("messages")[1].GetProperty("content");

            turn.EnumerateArray().Select(Type).ShouldBe(["thinking", "redacted_thinking", "tool_use"], caller.Dialect.ToString());
            turn[0].GetRawText().ShouldBe("""{"type":"thinking","thinking":"","signature":"sig"}""");
            turn[1].GetRawText().ShouldBe("""{"type":"redacted_thinking","data":"dat"}""");
        }
    }

    // 6. https://github.com/BerriAI/litellm/issues/34692
    [Theory]
    [InlineData(Dialect.Gemini)]
    [InlineData(Dialect.Ollama)]
    [InlineData(Dialect.OpenAiChat)]
    public void StopAfterACall_IsToolUseWithoutAnEmptyText(Dialect host)
    {
        var events = Events(host, Dialect.Anthropic, TwoCalls[host]);
        events.Where(one => Type(one) == "content_block_start").Select(one => Type(one.GetProperty("content_block")))
            .ShouldAllBe(type => type == "tool_use");
        events.Single(one => Type(one) == "message_delta").GetProperty("delta").GetProperty("stop_reason").GetString().ShouldBe("tool_use");
        Events(host, Dialect.OpenAiChat, TwoCalls[host]).SelectMany(one => one.GetProperty("choices").EnumerateArray())
            .Select(choice => choice.GetProperty("finish_reason").GetString()).Last(reason => reason is not null).ShouldBe("tool_calls");
    }

    // 7. https://github.com/Portkey-AI/gateway/pull/1754
    [Fact]
    public void CacheTokens_AreCountedOnce()
    {
        var used = new Usage { InputUncached = 10, CacheRead = 7, CacheWrite5m = 3, OutputText = 5 };
        JsonElement UsageFor(Dialect dialect) => JsonElement.Parse(Callers.All.Single(caller => caller.Dialect == dialect)
            .WriteAnswer(Callers.Head, ChatAnswer.Of([new TextDelta("x")]), used, null)).GetProperty("usage");

        UsageFor(Dialect.OpenAiChat).GetProperty("prompt_tokens").GetInt32().ShouldBe(20);
        UsageFor(Dialect.OpenAiChat).GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32().ShouldBe(7);
        UsageFor(Dialect.OpenAiResponses).GetProperty("input_tokens").GetInt32().ShouldBe(20);
        UsageFor(Dialect.Anthropic).GetProperty("input_tokens").GetInt32().ShouldBe(10);
        UsageFor(Dialect.Anthropic).GetProperty("cache_read_input_tokens").GetInt32().ShouldBe(7);
        UsageFor(Dialect.Anthropic).GetProperty("cache_creation_input_tokens").GetInt32().ShouldBe(3);
    }

    // 8. https://github.com/langchain-ai/langchainjs/pull/11606
    [Fact]
    public void KeywordsThatGeminiRefuses_AreLeftOut()
    {
        var quirks = new HostQuirks(AcceptsFullSchema: false);
        var sent = Write(Dialect.Gemini, """
            {"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":
            {"$schema":"s","type":"object","properties":{"a":{"type":"integer","exclusiveMinimum":0,"const":1}},"additionalProperties":false}}}]}
            """, quirks: quirks).GetRawText();

        foreach (var refused in (string[])["$schema", "exclusiveMinimum", "additionalProperties", "\"const\""])
        {
            sent.ShouldNotContain(refused);
        }

        sent.ShouldContain("\"a\":");
    }

    // 9. https://github.com/smg-project/smg/pull/1421
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public void ParallelCallsAllowed_ForcesNoCall(string allowed)
    {
        var body = """{"model":"m","messages":[{"role":"user","content":"x"}],"parallel_tool_calls":ALLOWED,"tools":[{"type":"function","function":{"name":"f","parameters":{}}}]}"""
            .Replace("ALLOWED", allowed, StringComparison.Ordinal);

        Write(Dialect.Gemini, body).GetRawText().ShouldNotContain("ANY");
        Write(Dialect.Anthropic, body).GetRawText().ShouldNotContain("\"any\"");
        Write(Dialect.Cohere, body).GetRawText().ShouldNotContain("REQUIRED");
    }

    // 10. https://github.com/anomalyco/opencode/issues/1680
    [Fact]
    public void MistralIds_AreNineCharactersAndTheSameForCallAndResult()
    {
        var messages = Write(Dialect.OpenAiChat, ChatHistory, quirks: new HostQuirks(HasNineCharCallIds: true)).GetProperty("messages");
        string[] calls = [.. messages[1].GetProperty("tool_calls").EnumerateArray().Select(call => call.GetProperty("id").GetString()!)];

        calls.ShouldAllBe(id => id.Length == 9 && id.All(char.IsAsciiLetterOrDigit));
        calls.Distinct().Count().ShouldBe(2);
        messages.EnumerateArray().Skip(2).Select(message => message.GetProperty("tool_call_id").GetString()).Take(2).ShouldBe(calls);
    }

    // 12. https://github.com/ollama/ollama/issues/14600
    [Theory]
    [InlineData(Dialect.Gemini)]
    [InlineData(Dialect.Ollama)]
    [InlineData(Dialect.OpenAiChat)]
    public void ResponsesStream_EndsWithItsTerminalEvent(Dialect host)
    {
        var events = Events(host, Dialect.OpenAiResponses, TwoCalls[host]);

        Type(events[^1]).ShouldBe("response.completed");
        events[^1].GetProperty("response").GetProperty("output").EnumerateArray()
            .Select(item => item.GetProperty("arguments").GetString()).ShouldBe(["{\"x\":1.50}", "{\"y\":\"z\"}"]);
    }

    // 13. https://github.com/BerriAI/litellm/issues/25669, input_text: https://github.com/BerriAI/litellm/issues/23841
    [Fact]
    public void BlocksOfOtherDialects_InAChatRequestKeepTheirMeaning()
    {
        const string Body = """
            {"model":"m","messages":[{"role":"user","content":[{"type":"input_text","text":"Look."}]},
             {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1.50}}]},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"found"}]}]}
            """;
        var sent = Write(Dialect.Anthropic, Body).GetProperty("messages").GetRawText();
        sent.ShouldContain("Look.");
        sent.ShouldContain("""{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1.50}}""");
        sent.ShouldContain("\"tool_use_id\":\"toolu_1\"");
        Write(Dialect.Gemini, Body).GetRawText().ShouldContain("""{"functionCall":{"name":"f","args":{"a":1.50}}""");
    }

    // 14. https://github.com/continuedev/continue/issues/10639
    [Theory]
    [InlineData("""{"error":{"code":503,"message":"{\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}","status":"UNAVAILABLE"}}""")]
    [InlineData("""[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]""")]
    public void ErrorInsideAnError_IsToldInItsOwnWords(string body) =>
        UpstreamError.Read(503, _ => null, Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch)
            .Message.ShouldBe("The model is overloaded.");

    private const string ChatHistory = """
        {"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[
         {"id":"call_1","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"call_2","type":"function","function":{"name":"b","arguments":""}}]},
         {"role":"tool","tool_call_id":"call_1","content":"1"},{"role":"tool","tool_call_id":"call_2","content":"2"}]}
        """;

    /// <summary>The answer sent back as that dialect's clients do, with a result of its first call.</summary>
    private static string Echo(Dialect dialect, JsonElement answer) => dialect switch
    {
        Dialect.OpenAiChat =>
            $$"""{"model":"m","messages":[{"role":"user","content":"x"},{{answer.GetProperty("choices")[0].GetProperty("message").GetRawText()}}]}""",
        Dialect.OpenAiResponses =>
            $$"""{"model":"m","input":[{"role":"user","content":"x"},{{answer.GetProperty("output").GetRawText()[1..^1]}}]}""",
        _ => $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":{{answer.GetProperty("content").GetRawText()}}}]}""",
    };

    private static JsonElement Write(
        Dialect host, string body, Dialect caller = Dialect.OpenAiChat, HostQuirks? quirks = null)
    {
        var client = Callers.All.Single(one => one.Dialect == caller);
        var reading = client.ReadRequest(Encoding.UTF8.GetBytes(body));
        reading.Refusal.ShouldBeNull();
        var model = host switch { Dialect.Anthropic => "claude-sonnet-4-5", Dialect.Gemini => "gemini-2.5-flash", _ => "large" };
        return JsonElement.Parse(WireFormats.Upstream(host).WriteRequest(
            client.ReadChat(reading.Facts!).Chat!, new HostTarget(Hosts.Id, model, quirks ?? new(), 8_000)).Body.Span);
    }

    private static List<ChatDelta> Deltas(Dialect host, string stream)
    {
        var deltas = new List<ChatDelta>();
        var reader = WireFormats.Upstream(host).ReadStream(Hosts.Id);
        Read(host, stream, frame => reader.Read(frame, deltas));
        return deltas;
    }

    private static List<JsonElement> Events(Dialect host, Dialect caller, string stream)
    {
        var client = Callers.All.Single(one => one.Dialect == caller);
        var relay = new StreamTranslation(WireFormats.Upstream(host).ReadStream(Hosts.Id), client.WriteStream(Callers.Head));
        var (output, received) = (new ArrayBufferWriter<byte>(), new Received());
        Read(host, stream, frame => relay.Take(frame, received, output));
        relay.Finish(new AnswerEnding(received.Finish, received.Usage ?? Callers.Counted, null, false), output);
        return WellFormed.Events(output.WrittenMemory, caller);
    }

    private static void Read(Dialect host, string stream, Action<EventFrame> take)
    {
        using var reader = WireFormats.Upstream(host).StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();
        reader.Push(Encoding.UTF8.GetBytes(stream));
        reader.Complete();
        while (reader.TryRead(out var frame))
        {
            take(frame);
        }
    }

    private static string? Type(JsonElement one) => one.GetProperty("type").GetString();

    private static IEnumerable<JsonElement> ChatCalls(JsonElement chunk) => chunk.GetProperty("choices").EnumerateArray()
        .Where(choice => choice.GetProperty("delta").TryGetProperty("tool_calls", out _))
        .SelectMany(choice => choice.GetProperty("delta").GetProperty("tool_calls").EnumerateArray());
}
