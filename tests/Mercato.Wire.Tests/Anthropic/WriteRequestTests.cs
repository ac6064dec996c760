using System.Text.Json;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>A host's body but for the conversation's order.</summary>
public sealed class WriteRequestTests
{
    private static ChatRequest Asked { get; } = Wire.Said(Wire.User("Hi"));

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    [Fact]
    public void PlainQuestion_isWrittenToTheByte() =>
        Wire.Written(Asked with { IsStream = true, OutputLimit = 9, EndUser = "u", Stop = ["END", " "] })
            .ShouldBe(
                """
                {"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"stop_sequences":["END"],"metadata":{"user_id":"u"},"stream":true}
                """);

    [Fact]
    public void PathAndHeaders_areTheOperations()
    {
        Wire.Upstream.PathOf("m", isStream: true).ShouldBe("v1/messages");
        Wire.Upstream.Headers["anthropic-version"].ShouldBe("2023-06-01");
        Wire.Client.OwnHeaders.ShouldContain("anthropic-beta");
    }

    [Theory]
    [InlineData(null, null, null, 4096)]
    [InlineData(100L, null, null, 100)]
    [InlineData(null, 8192L, null, 8192)]
    [InlineData(100_000L, 8192L, null, 8192)]
    [InlineData(100L, 8192L, 50L, 50)]
    public void Limit_isAlwaysThere(long? wish, long? most, long? demanded, long written) =>
        Wire.Raw(Asked with { OutputLimit = wish }, "max_tokens", Wire.Host(most: most, limit: demanded))
            .ShouldBe(written.ToString());

    [Fact]
    public void Tools_areWritten()
    {
        var chat = Asked with
        {
            Tools =
            [
                new FunctionTool("ls", "List", Json("""{"type":"object","properties":{"n":{"maximum":1.0e3}}}"""), true)
                    { CacheHint = "5m" },
                new FunctionTool("pwd", null, null),
                new FunctionTool("any", null, Json("{\"properties\":{}}")),
                new OpaqueTool(Dialect.Anthropic, "web_search_20250305", Json("""{"type":"web_search_20250305","name":"web_search"}""")),
                new OpaqueTool(Dialect.OpenAiResponses, "web_search", Json("""{"type":"web_search"}""")),
            ],
        };

        Wire.Raw(chat, "tools").ShouldBe(
            """
            [{"name":"ls","description":"List","input_schema":{"type":"object","properties":{"n":{"maximum":1.0e3}}},"cache_control":{"type":"ephemeral"}},{"name":"pwd","input_schema":{"type":"object","properties":{}}},{"name":"any","input_schema":{"properties":{},"type":"object"}},{"type":"web_search_20250305","name":"web_search"}]
            """);
        Wire.Dropped(chat).ShouldBe(["tools"]);
    }

    [Fact]
    public void ToolOfFreeText_becomesAFunction() =>
        Wire.Raw(Asked with { Tools = [new CustomTool("patch", "Patch", Json("""{"definition":"start: X"}"""))] }, "tools")
            .ShouldContain("start: X");

    [Theory]
    [InlineData(ToolChoiceKind.Auto, null, null, """{"type":"auto"}""")]
    [InlineData(ToolChoiceKind.None, null, false, """{"type":"none"}""")]
    [InlineData(ToolChoiceKind.Required, null, false, """{"type":"any","disable_parallel_tool_use":true}""")]
    [InlineData(ToolChoiceKind.Named, "ls", true, """{"type":"tool","name":"ls"}""")]
    [InlineData(null, null, false, """{"type":"auto","disable_parallel_tool_use":true}""")]
    [InlineData(null, null, true, "")]
    public void ToolChoice_isWritten(ToolChoiceKind? kind, string? name, bool? allowsParallel, string choice) =>
        Wire.Raw(
                Asked with
                {
                    Tools = [new FunctionTool("ls", null, null)],
                    ToolChoice = kind is { } wish ? new ToolChoice(wish, name) : null,
                    AllowsParallelCalls = allowsParallel,
                },
                "tool_choice")
            .ShouldBe(choice);

    [Fact]
    public void AllowedTools_areTheOnlyOnesOnOffer()
    {
        var chat = Asked with
        {
            Tools = [new FunctionTool("ls", null, null), new FunctionTool("rm", null, null)],
            ToolChoice = new ToolChoice(ToolChoiceKind.Required, Allowed: ["ls"]),
        };

        Wire.Raw(chat, "tools").ShouldBe("""[{"name":"ls","input_schema":{"type":"object","properties":{}}}]""");
    }

    [Fact]
    public void ChoiceWithoutTools_isLeftOut() =>
        Wire.Raw(Asked with { ToolChoice = new ToolChoice(ToolChoiceKind.Auto), AllowsParallelCalls = false }, "tool_choice")
            .ShouldBe("");

    [Fact]
    public void ModelThatCantBeForced_isAsked()
    {
        var chat = Asked with { Tools = [new FunctionTool("ls", null, null)], ToolChoice = new ToolChoice(ToolChoiceKind.Required) };

        Wire.Raw(chat, "tool_choice", Wire.Host("claude-fable-5-1")).ShouldBe("""{"type":"auto"}""");
        Wire.Dropped(chat, Wire.Host("claude-fable-5-1")).ShouldBe(["tool_choice"]);
        Wire.Raw(chat, "tool_choice", Wire.Host("claude-fable-5")).ShouldBe("""{"type":"any"}""");
    }

    [Fact]
    public void CacheCuts_areAtMostFour_andTheLastOnesStay()
    {
        var cut = new TextPart("x") { CacheHint = "5m" };
        var chat = Wire.Said(
                new ChatMessage(ChatRole.System, [cut with { Text = "s" }]),
                Wire.User(cut, cut, cut with { CacheHint = "1h" })) with
        {
            Tools = [new FunctionTool("ls", null, null) { CacheHint = "5m" }],
        };

        var body = Wire.Written(chat);

        body.Split("cache_control").Length.ShouldBe(5);
        body.ShouldContain("""{"name":"ls","input_schema":{"type":"object","properties":{}}}""");
        body.ShouldContain("""{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}""");
    }

    [Fact]
    public void Media_areWritten()
    {
        var text = Convert.ToBase64String("a,b"u8);
        var chat = Wire.Said(Wire.User(
            new ImagePart(new RemoteMedia("https://a/b.png")), new ImagePart(new HostedMedia("file_1")),
            new FilePart(new InlineMedia("application/octet-stream", "JVBERi0"), "a.pdf", true),
            new FilePart(new InlineMedia("text/csv", text), "a.csv"), new FilePart(new InlineText("words")),
            new FilePart(new InlineMedia("image/png", "iVBO")), new FilePart(new InlineMedia("video/mp4", "AAAA")),
            new AudioPart(new InlineMedia("audio/wav", "UklG"), "wav")));

        Wire.Raw(chat, "messages").ShouldBe(
            """
            [{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a/b.png"}},{"type":"image","source":{"type":"file","file_id":"file_1"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0"},"title":"a.pdf","citations":{"enabled":true}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a,b"},"title":"a.csv"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]}]
            """);
        Wire.Dropped(chat).ShouldBe(["messages"]);
    }

    [Theory]
    [InlineData("claude-sonnet-4-0", "0.30", "0.9", "40", "\"temperature\":0.30,\"top_p\":0.9,\"top_k\":40", "")]
    [InlineData("claude-sonnet-4-5", "0.30", "0.9", "40", "\"temperature\":0.30,\"top_k\":40", "top_p")]
    [InlineData("claude-sonnet-4-5", null, "0.9", null, "\"top_p\":0.9", "")]
    [InlineData("claude-sonnet-4-5", "1.7", null, null, "\"temperature\":1", "temperature")]
    [InlineData("claude-opus-4-7", "0.3", "0.9", "40", "", "temperature,top_p,top_k")]
    [InlineData("claude-opus-4-7", "1", null, null, "", "")]
    [InlineData("kimi-k2", "0.3", "0.9", null, "\"temperature\":0.3,\"top_p\":0.9", "")]
    public void Sampling_isWhatTheModelTakes(
        string model, string? temperature, string? topP, string? topK, string written, string dropped)
    {
        var chat = Asked with
        {
            Temperature = temperature is null ? null : Json(temperature), TopP = topP is null ? null : Json(topP),
            TopK = topK is null ? null : Json(topK),
        };

        Wire.Written(chat, Wire.Host(model)).ShouldEndWith("}]}]" + (written == "" ? "" : "," + written) + "}");
        string.Join(',', Wire.Dropped(chat, Wire.Host(model))).ShouldBe(dropped);
    }

    [Fact]
    public void WhatTheDialectHasNoPlaceFor_isNamed()
    {
        var chat = Asked with
        {
            FrequencyPenalty = Json("1"), PresencePenalty = Json("0"), Seed = Json("7"), Choices = 2, Verbosity = "low",
            Others = ["logit_bias", "store", "stream_options"],
        };

        Wire.Dropped(chat).ShouldBe(["logit_bias", "frequency_penalty", "presence_penalty", "seed", "verbosity", "n"]);
    }

    [Fact]
    public void WhatTheHostRefuses_isLeftOutAndNamed()
    {
        var host = Wire.Host("kimi-k2") with { Quirks = new HostQuirks(RefusedMembers: ["top_k", "metadata", "x"]) };
        var chat = Asked with { TopK = Json("5"), TopP = Json("1"), EndUser = "u" };

        Wire.Written(chat, host).ShouldEndWith("}]}],\"top_p\":1}");
        Wire.Dropped(chat, host).ShouldBe(["top_k"]);
    }

    [Fact]
    public void AnswerFormat_isNative_withEveryObjectClosed()
    {
        var schema = Json(
            """
            {"$schema":"s","type":"object","title":"T","properties":{"n":{"type":"integer","minimum":1,"description":"N"},"when":{"type":"string","format":"date","pattern":"^2"},
            "one":{"oneOf":[{"type":"null"},{"type":"object","properties":{"x":{"type":"array","items":{"type":"string","maxLength":3},"minItems":1}},"additionalProperties":true}]}},
            "required":["n"],"$defs":{"d":{"type":"object","properties":{}}}}
            """);
        var chat = Asked with { Format = new AnswerFormat(schema, "T") };

        Wire.Raw(chat, "output_config").ShouldBe(
            """
            {"format":{"type":"json_schema","schema":{"type":"object","title":"T","properties":{"n":{"type":"integer","description":"N (minimum: 1)"},"when":{"type":"string","format":"date","description":"(pattern: \"^2\")"},"one":{"anyOf":[{"type":"null"},{"type":"object","properties":{"x":{"type":"array","items":{"type":"string","description":"(maxLength: 3)"},"minItems":1}},"additionalProperties":false}]}},"required":["n"],"$defs":{"d":{"type":"object","properties":{},"additionalProperties":false}},"additionalProperties":false}}}
            """);
        Wire.Raw(chat, "tools").ShouldBe("");
    }

    [Theory]
    [InlineData("claude-sonnet-4-0", """{"type":"object","properties":{}}""", null)]
    [InlineData("claude-sonnet-4-5", """{"type":"object","additionalProperties":{"type":"number"}}""", null)]
    [InlineData("claude-sonnet-4-5", """{"type":"object","properties":{}}""", false)]
    [InlineData("claude-sonnet-4-5", """{"type":"object","properties":{"more":{"$ref":"#"}}}""", null)]
    [InlineData("claude-sonnet-4-5", """{"type":"object","properties":{"tree":{"$ref":"#/$defs/T"}},"$defs":{"T":{"type":"object","properties":{"sub":{"$ref":"#/$defs/T"}}}}}""", null)]
    public void AnswerFormat_isAForcedTool_whereItCantBeNative(string model, string schema, bool? hasNative)
    {
        var host = Wire.Host(model, traits: new ModelTraits(HasNativeSchema: hasNative));
        var chat = Asked with { Format = new AnswerFormat(Json(schema)) };

        Wire.Raw(chat, "output_config", host).ShouldBe("");
        Wire.Raw(chat, "tool_choice", host).ShouldBe("""{"type":"tool","name":"mercato_answer"}""");
        var tool = Wire.Member(chat, "tools", host)[0];
        tool.GetProperty("name").GetString().ShouldBe("mercato_answer");
        tool.GetProperty("input_schema").GetRawText().ShouldBe(schema);
    }

    [Fact]
    public void AnyJsonObject_besideToolsOfTheCaller_leavesTheModelTheChoice()
    {
        var chat = Asked with { Format = new AnswerFormat(null), Tools = [new FunctionTool("ls", null, null)] };

        Wire.Raw(chat, "tool_choice").ShouldBe("""{"type":"any"}""");
        Wire.Member(chat, "tools").GetArrayLength().ShouldBe(2);
    }
}
