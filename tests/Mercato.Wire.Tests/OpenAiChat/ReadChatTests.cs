using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>What callers send, in the neutral form.</summary>
public sealed class ReadChatTests
{
    [Fact]
    public void PlainConversation_keepsRolesNamesAndOrder()
    {
        var chat = Read("""
            {"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":"No jokes."},
            {"role":"user","name":"ann","content":"Hi"},{"role":"assistant","content":"Ho"},{"role":"user","content":""}]}
            """);

        chat.Messages.Select(message => (message.Role, message.Name, Turn(message))).ShouldBe(
        [
            (ChatRole.System, null, "text Be brief."), (ChatRole.Developer, null, "text No jokes."),
            (ChatRole.User, "ann", "text Hi"), (ChatRole.Assistant, null, "text Ho"), (ChatRole.User, null, ""),
        ]);
    }

    [Theory]
    [InlineData("""{"type":"text","text":"a"}""", "text a")]
    [InlineData("\"a\"", "text a")]
    [InlineData("""{"text":"a"}""", "text a")]
    [InlineData("""{"type":"text","text":"a","image_url":null}""", "text a")]
    [InlineData("""{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}""", "text a cache 5m")]
    [InlineData("""{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}""", "text a cache 1h")]
    [InlineData("""{"type":"refusal","refusal":"no"}""", "refusal no")]
    [InlineData("""{"type":"image_url","image_url":{"url":"https://a/b","detail":"low"}}""", "image https://a/b low")]
    [InlineData("""{"type":"image_url","image_url":"data:image/gif;base64,R0lG"}""", "image image/gif R0lG")]
    [InlineData("""{"type":"image_url","image_url":{"url":"/9j/AA"}}""", "image image/jpeg /9j/AA")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}""", "audio audio/mp3 AAAA mp3")]
    [InlineData(
        """{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBER"}}""",
        "file application/pdf JVBER a.pdf")]
    [InlineData("""{"type":"file","file":{"file_data":"AAAA"}}""", "file application/pdf AAAA")]
    [InlineData("""{"type":"file","file":{"file_id":"file-1"}}""", "file id file-1")]
    [InlineData("""{"type":"document_url","document_url":"https://a/b.pdf"}""", "file https://a/b.pdf")]
    [InlineData("""{"type":"video_url","video_url":{"url":"https://a/b"}}""", "file https://a/b video/mp4")]
    public void Part_isReadByItsType(string part, string expected)
    {
        Turn(ReadUser($"[{part}]").Messages[0]).ShouldBe(expected);
    }

    // Bug class 13: blocks of other dialects inside a chat request.
    [Theory]
    [InlineData("""{"type":"input_text","text":"a"}""", "text a")]
    [InlineData("""{"type":"output_text","text":"a"}""", "text a")]
    [InlineData("""{"type":"input_image","image_url":"https://a/b","detail":"high"}""", "image https://a/b high")]
    [InlineData("""{"type":"input_image","file_id":"file-1"}""", "image id file-1")]
    [InlineData("""{"type":"input_file","filename":"a","file_url":"https://a/b"}""", "file https://a/b a")]
    [InlineData(
        """{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}""", "image image/png AA")]
    [InlineData("""{"type":"image","source":{"type":"url","url":"https://a/b"}}""", "image https://a/b")]
    [InlineData(
        """{"type":"document","title":"T","source":{"type":"text","media_type":"text/plain","data":"words"}}""",
        "file 'words' T")]
    [InlineData("""{"type":"tool_use","id":"t1","name":"f","input":{"a":1.0}}""", """call t1 f {"a":1.0}""")]
    [InlineData(
        """{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"r"}]}""",
        "result t1 error [text r]")]
    [InlineData("""{"type":"thinking","thinking":"why","signature":"sig"}""", "thought why seal :sig")]
    [InlineData(
        """{"type":"thinking","thinking":"why","signature":"mercato:1:s:anthropic::sig"}""",
        "thought why seal anthropic:sig")]
    [InlineData("""{"type":"thinking","thinking":[{"type":"text","text":"why"}]}""", "thought why")]
    [InlineData("""{"type":"redacted_thinking","data":"d"}""", "thought  hidden seal :d")]
    public void BlockOfAnotherDialect_isUnderstood(string part, string expected)
    {
        Turn(ReadUser($"[{part}]").Messages[0]).ShouldBe(expected);
    }

    [Fact]
    public void ToolLoop_isCallsAndResults()
    {
        var chat = Read("""
            {"model":"m","messages":[{"role":"user","content":"go"},
            {"role":"assistant","content":null,"tool_calls":[
             {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1.50}"}},
             {"id":"b","type":"custom","custom":{"name":"g","input":"raw"}}]},
            {"role":"tool","tool_call_id":"a","content":"one"},
            {"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"two"},{"type":"text","text":"three"}]}]}
            """);

        chat.Messages.Select(Turn).ShouldBe(
        [
            "text go", """call a f {"x": 1.50} | custom call b g raw""", "result a f [text one]",
            "result b g [text two | text three]",
        ]);
        chat.Messages[2].Role.ShouldBe(ChatRole.User);
    }

    [Fact]
    public void ToolLoopOfTheFirstDays_getsIds()
    {
        var chat = Read("""
            {"model":"m","functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"},"messages":[
            {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
            {"role":"function","name":"f","content":"one"}]}
            """);

        chat.Messages.Select(Turn).ShouldBe(["call call_0 f {}", "result call_0 f [text one]"]);
        chat.Tools.ShouldHaveSingleItem().ShouldBeOfType<FunctionTool>().Name.ShouldBe("f");
        chat.ToolChoice.ShouldBe(new ToolChoice(ToolChoiceKind.Named, "f"));
    }

    // Bug classes 4 and 5: what a host wants back of its reasoning survives a client that echoes what it was sent.
    [Fact]
    public void Reasoning_comesBackSealedAndInItsPlace()
    {
        var chat = Read("""
            {"model":"m","messages":[{"role":"assistant","content":"let me see","reasoning_content":"first second",
            "reasoning_details":[
             {"type":"reasoning.text","index":0,"text":"first ","signature":"mercato:1:s:anthropic::s1"},
             {"type":"reasoning.text","index":1,"text":"second"},
             {"type":"reasoning.encrypted","index":2,"data":"mercato:1:s:google::s2","id":"a"}],
            "tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"},
             "extra_content":{"google":{"thought_signature":"mercato:1:s:google::s2"}}}]}]}
            """);

        Turn(chat.Messages[0]).ShouldBe(
            "thought first  seal anthropic:s1 | thought second | text let me see | thought  seal google:s2 | call a f {}");
    }

    [Theory]
    [InlineData("\"reasoning_content\":\"why\"", "thought why | text x")]
    [InlineData("\"reasoning\":\"why\"", "thought why | text x")]
    [InlineData(
        "\"reasoning\":\"why\",\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"d\"}]",
        "thought why | thought  hidden seal :d | text x")]
    [InlineData(
        "\"reasoning\":\"why\",\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"why\"}]",
        "thought why | text x")]
    public void PlainReasoning_isTakenOnce(string members, string expected)
    {
        Turn(Read($$"""{"model":"m","messages":[{"role":"assistant","content":"x",{{members}}}]}""").Messages[0])
            .ShouldBe(expected);
    }

    [Fact]
    public void SealOnACallAlone_standsBeforeIt()
    {
        Turn(Read("""
            {"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"a":1}},
            "extra_content":{"google":{"thought_signature":"mercato:1:s:google::s"}}}]}]}
            """).Messages[0]).ShouldBe("""thought  seal google:s | call call_0 f {"a":1}""");
    }

    [Fact]
    public void Options_haveTheirPlaces()
    {
        var chat = Read("""
            {"model":"m","messages":[{"role":"user","content":"x"}],"max_tokens":5,"max_completion_tokens":7,"stop":["a","b"],
            "temperature":0.70,"top_p":1e-1,"top_k":4,"frequency_penalty":1,"presence_penalty":-1,"seed":12345678901234567890,
            "n":2,"stream":true,"user":"u","prompt_cache_key":"k","verbosity":"low","parallel_tool_calls":false,
            "reasoning_effort":"high","reasoning":{"max_tokens":9,"exclude":true},"logprobs":true,"logit_bias":{},
            "service_tier":"auto","store":false,"top_logprobs":null,"plugins":[1],"models":["o"],"stop_token":5}
            """);

        chat.OutputLimit.ShouldBe(7);
        chat.Stop.ShouldBe(["a", "b"]);
        new[] { chat.Temperature, chat.TopP, chat.TopK, chat.FrequencyPenalty, chat.PresencePenalty, chat.Seed }
            .Select(number => number!.Value.ToRaw()).ShouldBe(["0.70", "1e-1", "4", "1", "-1", "12345678901234567890"]);
        (chat.Choices, chat.IsStream, chat.EndUser, chat.CacheKey, chat.Verbosity, chat.AllowsParallelCalls)
            .ShouldBe((2, true, "u", "k", "low", false));
        chat.Reasoning.ShouldBe(new ReasoningOptions("high", 9, IsHidden: true));
        chat.Others.ShouldBe(["logprobs", "plugins", "stop_token"]);
    }

    [Theory]
    [InlineData("\"reasoning_effort\":\"low\"", "low", null, null)]
    [InlineData("\"reasoning\":{\"effort\":\"low\"}", "low", null, null)]
    [InlineData("\"reasoning\":{\"enabled\":true}", null, null, true)]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":50}", null, 50L, true)]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", null, null, false)]
    [InlineData("\"enable_thinking\":false", null, null, false)]
    public void WishesForReasoning_haveManySpellings(string member, string? effort, long? budget, bool? isEnabled)
    {
        Read($$"""{"model":"m","messages":[{"role":"user","content":"x"}],{{member}}}""").Reasoning
            .ShouldBe(new ReasoningOptions(effort, budget, isEnabled));
    }

    [Fact]
    public void Tools_areOfThreeKinds()
    {
        var chat = Read("""
            {"model":"m","messages":[{"role":"user","content":"x"}],"tools":[
            {"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","maximum":1.0},"strict":true}},
            {"function":{"name":"g"},"cache_control":{"type":"ephemeral"}},
            {"type":"custom","custom":{"name":"h","description":"e","format":{"type":"text"}}},
            {"type":"openrouter:web_search","max":3}]}
            """);

        var function = chat.Tools[0].ShouldBeOfType<FunctionTool>();
        (function.Name, function.Description, function.IsStrict).ShouldBe(("f", "d", true));
        function.Parameters!.Value.ToRaw().ShouldBe("""{"type":"object","maximum":1.0}""");
        chat.Tools[1].ShouldBe(new FunctionTool("g", null, null) { CacheHint = "5m" });
        var custom = chat.Tools[2].ShouldBeOfType<CustomTool>();
        (custom.Name, custom.Description, custom.Format!.Value.ToRaw()).ShouldBe(("h", "e", """{"type":"text"}"""));
        var opaque = chat.Tools[3].ShouldBeOfType<OpaqueTool>();
        (opaque.Dialect, opaque.Type).ShouldBe((Dialect.OpenAiChat, "openrouter:web_search"));
        opaque.Json.ToRaw().ShouldBe("""{"type":"openrouter:web_search","max":3}""");
    }

    [Theory]
    [InlineData("\"auto\"", ToolChoiceKind.Auto, null, null)]
    [InlineData("\"none\"", ToolChoiceKind.None, null, null)]
    [InlineData("\"required\"", ToolChoiceKind.Required, null, null)]
    [InlineData("\"any\"", ToolChoiceKind.Required, null, null)]
    [InlineData("""{"type":"function","function":{"name":"f"}}""", ToolChoiceKind.Named, "f", null)]
    [InlineData("""{"type":"custom","custom":{"name":"f"}}""", ToolChoiceKind.Named, "f", null)]
    [InlineData("""{"type":"tool","name":"f"}""", ToolChoiceKind.Named, "f", null)]
    [InlineData("""{"type":"any"}""", ToolChoiceKind.Required, null, null)]
    [InlineData(
        """{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}""",
        ToolChoiceKind.Required, null, "f")]
    public void ToolChoice_hasManySpellings(string choice, ToolChoiceKind kind, string? name, string? allowed)
    {
        var read = Read($$"""{"model":"m","messages":[{"role":"user","content":"x"}],"tool_choice":{{choice}}}""")
            .ToolChoice.ShouldNotBeNull();

        (read.Kind, read.Name, read.Allowed?.Single()).ShouldBe((kind, name, allowed));
    }

    [Theory]
    [InlineData("""{"type":"json_object"}""", null, null, null)]
    [InlineData("""{"type":"json_object","schema":{"a":1}}""", """{"a":1}""", null, null)]
    [InlineData(
        """{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"a":1}}}""", """{"a":1}""", "n", true)]
    public void Format_keepsTheSchemasBytes(string format, string? schema, string? name, bool? isStrict)
    {
        var read = Read($$"""{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{{format}}}""")
            .Format.ShouldNotBeNull();

        (read.Schema?.ToRaw(), read.Name, read.IsStrict).ShouldBe((schema, name, isStrict));
    }

    [Theory]
    [InlineData("\"messages\":[{\"content\":\"x\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"role\":\"bot\"}]", "messages[0].role")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"hologram\"}]}]", "messages[0].content[0].type")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "messages[0].content[0].text")]
    [InlineData(
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]",
        "messages[0].content[0].image_url")]
    [InlineData(
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{}}]}]",
        "messages[0].content[0].file.file_data")]
    [InlineData("\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]", "messages[0].tool_call_id")]
    [InlineData(
        "\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\"}]}]", "messages[0].tool_calls[0].function")]
    [InlineData(
        "\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{}}]}]",
        "messages[0].tool_calls[0].function.name")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"tools\":[{\"type\":\"function\"}]", "tools[0].function")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"tools\":[{\"function\":{}}]", "tools[0].function.name")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"tool_choice\":\"maybe\"", "tool_choice")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"response_format\":{\"type\":\"xml\"}", "response_format.type")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"temperature\":\"hot\"", "temperature")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"stop\":[1]", "stop")]
    [InlineData("\"messages\":[{\"role\":\"user\"}],\"parallel_tool_calls\":1", "parallel_tool_calls")]
    public void WhatCantBeCarried_isRefusedByItsPath(string members, string path)
    {
        var facts = Facts($$"""{"model":"m",{{members}}}""");

        var reading = OpenAiChatDialect.Instance.ReadChat(facts);

        reading.Chat.ShouldBeNull();
        reading.Refusal.ShouldNotBeNull().Param.ShouldBe(path);
        reading.Refusal.Message.ShouldContain(path);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"\ud83d","\ud83d":1}""")]
    [InlineData("""{"role":"assistant","reasoning_details":[{"\ud83d":1}]}""")]
    public void NameThatIsNoText_isRefused(string message)
    {
        OpenAiChatDialect.Instance.ReadChat(Facts($$"""{"model":"m","messages":[{{message}}]}"""))
            .Refusal.ShouldNotBeNull().Code.ShouldBe("invalid_json");
    }

    internal static ChatRequest Read(string body) =>
        OpenAiChatDialect.Instance.ReadChat(Facts(body)).Chat.ShouldNotBeNull();

    internal static RequestFacts Facts(string body) =>
        OpenAiChatDialect.ReadRequest(Encoding.UTF8.GetBytes(body)).Facts.ShouldNotBeNull();

    private static ChatRequest ReadUser(string content) =>
        Read($$"""{"model":"m","messages":[{"role":"user","content":{{content}}}]}""");

    private static string Turn(ChatMessage message) => string.Join(" | ", message.Parts.Select(Say));

    private static string Say(ChatPart part) => string.Join(' ', new[]
    {
        part switch
        {
            TextPart text => $"text {text.Text}",
            RefusalPart refusal => $"refusal {refusal.Text}",
            ImagePart image => $"image {Say(image.Source)}{(image.Detail is null ? "" : " " + image.Detail)}",
            AudioPart audio => $"audio {Say(audio.Source)} {audio.Format}",
            FilePart file => $"file {Say(file.Source)}{(file.FileName is null ? "" : " " + file.FileName)}",
            ToolCallPart call => $"{(call.IsCustom ? "custom " : "")}call {call.Id} {call.Name} {call.Arguments}",
            ToolResultPart result => $"result {result.CallId}{(result.Name is null ? "" : " " + result.Name)}"
                + $"{(result.IsError ? " error" : "")} [{string.Join(" | ", result.Parts.Select(Say))}]",
            ReasoningPart { Seal: { } seal } thought =>
                $"thought {thought.Text}{(seal.IsRedacted ? " hidden" : "")} seal {seal.Minter}:{seal.Value}",
            ReasoningPart thought => $"thought {thought.Text}",
            _ => part.ToString(),
        },
        part.CacheHint is null ? null : "cache " + part.CacheHint,
    }.OfType<string>());

    private static string Say(MediaSource source) => source switch
    {
        InlineMedia media => $"{media.MediaType} {media.Base64}",
        InlineText text => $"'{text.Text}'",
        RemoteMedia { MediaType: { } type } remote => $"{remote.Url} {type}",
        RemoteMedia remote => remote.Url,
        HostedMedia hosted => $"id {hosted.Id}",
        _ => source.ToString(),
    };
}
