using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Answers of hosts of this dialect as steps of the neutral form.</summary>
public sealed class HostAnswerTests
{
    [Fact]
    public void WholeAnswer_isItsStepsInOrder()
    {
        Whole("""
            {"id":"c1","model":"m1","choices":[{"index":0,"message":{"role":"assistant","content":"h\u00e9","refusal":null,
            "reasoning_content":"why","tool_calls":[
             {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1.50}"}},
             {"id":"b","type":"custom","custom":{"name":"g","input":"raw"}}]},"finish_reason":"tool_calls"},
             {"index":1,"message":{"content":"other"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":2}}}
            """).ShouldBe(
        [
            new StartDelta("c1", "m1"), new ReasoningDelta("why"), new TextDelta("hé"), new ToolCallDelta(0, "a", "f"),
            new ArgumentsDelta(0, """{"x": 1.50}"""), new ToolCallDelta(1, "b", "g", true), new ArgumentsDelta(1, "raw"),
            new FinishDelta(FinishReason.ToolCalls, "tool_calls"),
            new UsageDelta(new Usage { InputUncached = 3, CacheRead = 2, OutputText = 7 }),
        ]);
    }

    // Bug class 7: what is read from a cache is counted once.
    [Theory]
    [InlineData("\"usage\":{\"prompt_tokens\":9,\"prompt_cache_hit_tokens\":4,\"completion_tokens\":0}")]
    [InlineData("\"x_groq\":{\"usage\":{\"prompt_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":4},\"completion_tokens\":0}}")]
    public void Usage_isFoundWhereverItStands(string usage)
    {
        Whole($$"""{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],{{usage}}}""")[^1]
            .ShouldBe(new UsageDelta(new Usage { InputUncached = 5, CacheRead = 4, OutputText = 0 }));
    }

    [Fact]
    public void Stream_isItsStepsInOrder()
    {
        Stream(
            """{"id":"","model":"","choices":[],"prompt_filter_results":[]}""",
            """{"id":"c1","model":"m1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""",
            """{"id":"c1","choices":[{"index":0,"delta":{"content":"a"}}]}""",
            """{"id":"c1","choices":[{"index":1,"delta":{"content":"other"}},{"index":0,"delta":{"content":"b"}}]}""",
            """{"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}""",
            """{"id":"c1","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}""").ShouldBe(
        [
            new StartDelta("c1", "m1"), new TextDelta("a"), new TextDelta("b"),
            new FinishDelta(FinishReason.Length, "length"),
            new UsageDelta(new Usage { InputUncached = 1, OutputText = 2 }),
        ]);
    }

    // Bug class 2: every call has its own index, however the host numbers them.
    [Theory]
    [InlineData(
        """[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]""",
        """[{"index":0,"function":{"arguments":"{}"}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}]""",
        """[{"index":1,"function":{"arguments":"{}"}}]""")]
    [InlineData(
        """[{"id":"a","function":{"name":"f","arguments":"{}"}},{"id":"b","function":{"name":"g","arguments":"{}"}}]""")]
    [InlineData(
        """[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]""",
        """[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]""")]
    [InlineData(
        """[{"index":0,"id":"a","function":{"name":"f","arguments":""}}]""",
        """[{"index":0,"id":"b","function":{"name":"g","arguments":""}}]""",
        """[{"index":0,"id":"b","function":{"name":"g","arguments":"{}"}}]""")]
    [InlineData(
        """[{"id":"a","function":{"name":"f","arguments":"{"}}]""", """[{"id":"a","function":{"name":"f","arguments":"}"}}]""",
        """[{"id":"b","function":{"name":"g","arguments":{}}}]""")]
    [InlineData(
        """[{"index":0,"id":"a"}]""", """[{"index":0,"function":{"name":"f"}}]""",
        """[{"index":0,"id":"x","function":{"arguments":"{}"}}]""",
        """[{"index":1,"id":"b","function":{"arguments":"{"}}]""", """[{"index":1,"function":{"name":"g","arguments":"}"}}]""")]
    public void StreamedCalls_areToldApart(params string[] pieces)
    {
        var calls = ChatAnswer.Of(Stream([.. pieces.Select(CallChunk)]))
            .Calls.Select(call => (call.Id, call.Name, call.Arguments is "" ? "{}" : call.Arguments));

        calls.ShouldBe([("a", "f", "{}"), ("b", "g", "{}")]);
    }

    [Theory]
    [InlineData(
        """[{"index":0,"function":{"name":"f","arguments":"{}"}}]""", """[{"index":1,"function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData("""[{"function":{"name":"f","arguments":"{}"}},{"function":{"name":"f","arguments":"{}"}}]""")]
    [InlineData(
        """[{"index":0,"id":"0","function":{"name":"f","arguments":"{}"}},{"index":1,"id":"0","function":{"name":"f","arguments":"{}"}}]""")]
    public void CallsWithoutIdsOfTheirOwn_getThem(params string[] pieces)
    {
        var calls = ChatAnswer.Of(Stream([.. pieces.Select(CallChunk)]))
            .Calls.ToList();

        calls.Count.ShouldBe(2);
        calls.Select(call => call.Id).ShouldBeUnique();
        calls.ShouldAllBe(call => call.Id.Length > 0 && call.Name == "f" && call.Arguments == "{}");
    }

    [Fact]
    public void CallOfTheFirstDays_isRead()
    {
        var answer = ChatAnswer.Of(Stream(
            """{"choices":[{"delta":{"function_call":{"name":"f","arguments":""}}}]}""",
            """{"choices":[{"delta":{"function_call":{"arguments":"{\"a\":1}"}}}]}""",
            """{"choices":[{"delta":{},"finish_reason":"function_call"}]}"""));

        var call = answer.Calls.ShouldHaveSingleItem();
        (call.Name, call.Arguments, answer.Finish.Reason).ShouldBe(("f", """{"a":1}""", FinishReason.ToolCalls));
        call.Id.ShouldNotBeEmpty();
    }

    // Bug class 6: OpenAI says "stop" for a tool that the request named.
    [Theory]
    [InlineData("stop", true, FinishReason.ToolCalls)]
    [InlineData("stop", false, FinishReason.Stop)]
    [InlineData("eos", false, FinishReason.Stop)]
    [InlineData("length", true, FinishReason.Length)]
    [InlineData("model_length", false, FinishReason.Length)]
    [InlineData("content_filter", false, FinishReason.Refused)]
    [InlineData("error", false, FinishReason.Error)]
    [InlineData("function_call", true, FinishReason.ToolCalls)]
    [InlineData("something_new", false, FinishReason.Stop)]
    public void FinishReason_isUnderstood(string word, bool hasCall, FinishReason expected)
    {
        var calls = hasCall ? """[{"id":"a","function":{"name":"f","arguments":"{}"}}]""" : "null";

        ChatAnswer.Of(Whole($$"""{"choices":[{"message":{"content":"x","tool_calls":{{calls}}},"finish_reason":"{{word}}"}]}"""))
            .Finish.ShouldBe(new FinishDelta(expected, word));
    }

    [Fact]
    public void MistralsThinking_isReasoning()
    {
        Stream(
            """{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]}]}}]}""",
            """{"choices":[{"delta":{"content":[{"type":"thinking","thinking":"b"},{"type":"text","text":"c"}]}}]}""",
            """{"choices":[{"delta":{"content":"d"},"finish_reason":"stop"}]}""").ShouldBe(
        [
            new StartDelta(null, null), new ReasoningDelta("a"), new ReasoningDelta("b"), new TextDelta("c"),
            new TextDelta("d"), new FinishDelta(FinishReason.Stop, "stop"),
        ]);
    }

    // Bug class 5: the entries go back as they came, so all but the text is their seal.
    [Fact]
    public void ReasoningDetails_areSealed()
    {
        Whole("""
            {"choices":[{"message":{"content":"x","reasoning":"why sum","reasoning_details":[
            {"type":"reasoning.text","text":"why ","format":"f","index":0,"signature":"s"},
            {"type":"reasoning.summary","summary":"sum","index":1},
            {"type":"reasoning.encrypted","data":"d","id":"r","index":1}]},"finish_reason":"stop"}]}
            """).ShouldBe(
        [
            new StartDelta(null, null), new ReasoningDelta("why "),
            new SealDelta(new Seal("host", """{"type":"reasoning.text","format":"f","index":0,"signature":"s"}""")),
            new ReasoningDelta("sum"), new SealDelta(new Seal("host", """{"type":"reasoning.summary","index":1}""")),
            new SealDelta(new Seal("host", """{"type":"reasoning.encrypted","data":"d","id":"r","index":1}""", true)),
            new TextDelta("x"), new FinishDelta(FinishReason.Stop, "stop"),
        ]);
    }

    [Fact]
    public void StreamedReasoningDetails_areOneEntryByTheirIndex()
    {
        Stream(
            """{"choices":[{"delta":{"reasoning":"a","reasoning_details":[{"type":"reasoning.text","text":"a","format":"f","index":0}]}}]}""",
            """{"choices":[{"delta":{"reasoning":"b","reasoning_details":[{"type":"reasoning.text","text":"b","format":"f","index":0}]}}]}""",
            """{"choices":[{"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"s","format":"f","index":0}]}}]}""",
            """{"choices":[{"delta":{"content":"x"}}]}""").ShouldBe(
        [
            new StartDelta(null, null), new ReasoningDelta("a"), new ReasoningDelta("b"),
            new SealDelta(new Seal("host", """{"type":"reasoning.text","format":"f","index":0,"signature":"s"}""")),
            new TextDelta("x"), new FinishDelta(FinishReason.Stop, ""),
        ]);
    }

    // Bug class 4.
    [Fact]
    public void SignatureOnACall_isASealBeforeIt()
    {
        Whole("""
            {"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"},
            "extra_content":{"google":{"thought_signature":"s"}}}]},"finish_reason":"stop"}]}
            """).ShouldBe(
        [
            new StartDelta(null, null), new SealDelta(new Seal("host", "s")), new ToolCallDelta(0, "a", "f"),
            new ArgumentsDelta(0, "{}"), new FinishDelta(FinishReason.ToolCalls, "stop"),
        ]);
    }

    [Fact]
    public void CharacterCutInTwo_isPutTogetherInEveryChannel()
    {
        var answer = ChatAnswer.Of(Stream(
            """{"choices":[{"delta":{"reasoning_content":"\ud83d"}}]}""",
            """{"choices":[{"delta":{"reasoning_content":"\ude42"}}]}""",
            """{"choices":[{"delta":{"content":"a\ud83d"}}]}""",
            """{"choices":[{"delta":{"content":"\ude42b\ud83d"}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"a\":\"\ud83d"}}]}}]}""",
            """{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ude42\"}"}}]}}]}"""));

        answer.Reasoning.ShouldBe("🙂");
        answer.Text.ShouldBe("a🙂b\uFFFD");
        answer.Calls.Single().Arguments.ShouldBe("""{"a":"🙂"}""");
    }

    [Fact]
    public void LastChunkThatRepeatsTheMessage_isNotReadTwice()
    {
        ChatAnswer.Of(Stream(
            """{"choices":[{"delta":{"content":"ab"}}]}""",
            """{"choices":[{"message":{"content":"ab"},"finish_reason":"stop"}]}""")).Text.ShouldBe("ab");
        ChatAnswer.Of(Stream("""{"choices":[{"message":{"content":"ab"},"finish_reason":"stop"}]}""")).Text.ShouldBe("ab");
    }

    [Fact]
    public void WhatHasNoNeutralForm_isKeptWhole()
    {
        var deltas = Whole("""
            {"choices":[{"message":{"content":"x","annotations":[{"type":"url_citation","url_citation":{"url":"u"}}],
            "images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}],"audio":{"id":"a","data":"BB"}},
            "finish_reason":"stop"}]}
            """);

        deltas.OfType<AnnotationDelta>().Single().Json.ToRaw()
            .ShouldBe("""[{"type":"url_citation","url_citation":{"url":"u"}}]""");
        deltas.OfType<OpaqueDelta>().Select(opaque => opaque.Json.ToRaw()).ShouldBe(
        [
            """{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}""",
            """{"type":"audio","audio":{"id":"a","data":"BB"}}""",
        ]);
    }

    [Theory]
    [InlineData("""{"error":{"message":"Boom","code":502}}""", UpstreamErrorKind.ServerError, "Boom")]
    [InlineData("""{"error":"Boom","choices":[{"message":{"content":"sorry"}}]}""", UpstreamErrorKind.ServerError, "Boom")]
    [InlineData("""{"choices":[{"error":{"message":"slow","code":429}}]}""", UpstreamErrorKind.RateLimited, "slow")]
    [InlineData("""{"object":"error","message":"Boom","code":400}""", UpstreamErrorKind.BadRequest, "Boom")]
    [InlineData("""{"id":"x"}""", UpstreamErrorKind.NotJson, "The host answered 200 without choices.")]
    [InlineData("""{"choices":[]}""", UpstreamErrorKind.NotJson, "The host answered 200 without choices.")]
    [InlineData("<html>", UpstreamErrorKind.NotJson, "The host answered 200 with a body that is not JSON.")]
    [InlineData("", UpstreamErrorKind.NotJson, "The host answered 200 with an empty body.")]
    public void ErrorUnder200_isOne(string body, UpstreamErrorKind kind, string message)
    {
        var error = Whole(body).ShouldHaveSingleItem().ShouldBeOfType<ErrorDelta>().Error;

        (error.Kind, error.Message).ShouldBe((kind, message));
    }

    [Theory]
    [InlineData(": ping\n\n", FrameKind.Comment)]
    [InlineData("data:\n\n", FrameKind.Comment)]
    [InlineData("data: [DONE]\n\n", FrameKind.End)]
    [InlineData("data: {\"choices\":[]}\n\n", FrameKind.Piece)]
    [InlineData("event: error\ndata: {\"error\":\"no\"}\n\n", FrameKind.Error)]
    [InlineData("data: {\"choices\":[{\"del\n\n", FrameKind.Garbage)]
    [InlineData("data: 5\n\n", FrameKind.Garbage)]
    [InlineData("data: {\"\\ud83d\":1}\n\n", FrameKind.Garbage)]
    public void Frame_isToldApart(string frame, FrameKind kind)
    {
        using var reader = EventStreamReader.ForEvents();
        reader.Push(Encoding.UTF8.GetBytes(frame));
        reader.TryRead(out var read).ShouldBeTrue();

        OpenAiChatDialect.Instance.ReadStream("host").Read(read, []).ShouldBe(kind);
    }

    [Fact]
    public void StreamMayEnd_onceTheFinishReasonCame()
    {
        var stream = OpenAiChatDialect.Instance.ReadStream("host");
        stream.MayEnd.ShouldBeFalse();

        using var reader = EventStreamReader.ForEvents();
        reader.Push("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"u8);
        reader.TryRead(out var frame).ShouldBeTrue();
        stream.Read(frame, []);

        stream.MayEnd.ShouldBeTrue();
    }

    [Fact]
    public void Stream_meansTheSameHoweverItIsCut()
    {
        var stream = Encoding.UTF8.GetBytes(
            """
            : wait

            data: {"id":"c","choices":[{"delta":{"content":"hé\ud83d"}}]}

            data: {"id":"c","choices":[{"delta":{"content":"\ude42","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}

            data: [DONE]


            """);
        var whole = Read(stream, stream.Length);
        whole.Count.ShouldBe(6);

        for (var cut = 1; cut < stream.Length; cut++)
        {
            Read(stream, cut, stream.Length - cut).ShouldBe(whole);
        }

        Read(stream, [.. Enumerable.Repeat(1, stream.Length)]).ShouldBe(whole);
    }

    private static string CallChunk(string calls) =>
        """{"choices":[{"delta":{"tool_calls":""" + calls + "}}]}";

    private static IReadOnlyList<ChatDelta> Whole(string body) =>
        OpenAiChatDialect.Instance.ReadAnswer(Encoding.UTF8.GetBytes(body), "host");

    private static List<ChatDelta> Stream(params string[] chunks)
    {
        var text = string.Concat(chunks.Append("[DONE]").Select(chunk => $"data: {chunk}\n\n"));
        var bytes = Encoding.UTF8.GetBytes(text);
        return Read(bytes, bytes.Length);
    }

    private static List<ChatDelta> Read(byte[] stream, params int[] cuts)
    {
        var deltas = new List<ChatDelta>();
        var chunks = OpenAiChatDialect.Instance.ReadStream("host");
        using var reader = EventStreamReader.ForEvents();
        var start = 0;
        foreach (var cut in cuts)
        {
            reader.Push(stream.AsSpan(start, cut));
            start += cut;
            while (reader.TryRead(out var frame))
            {
                chunks.Read(frame, deltas).ShouldNotBe(FrameKind.Garbage);
            }
        }

        return deltas;
    }
}
