using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.Anthropic;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>What a caller's request says, and what is refused by name.</summary>
public sealed class ReadRequestTests
{
    [Fact]
    public void Facts_areTold()
    {
        var facts = Wire.Read("""
            {"model":"acme/large","max_tokens":4096,"stream":true,"session_id":"s1","service_tier":"standard_only",
            "messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"ls","input_schema":{"type":"object"}},
            {"type":"web_search_20250305","name":"web_search"}],"models":["b/c"],"transforms":["x"]}
            """).Facts.ShouldNotBeNull();

        facts.Model.ShouldBe("acme/large");
        facts.Models.ShouldBe(["b/c"]);
        facts.OutputLimit.ShouldBe(4096);
        facts.IsStream.ShouldBeTrue();
        facts.WantsUsage.ShouldBeTrue();
        facts.Tools.ShouldBe(2);
        facts.ServerTools.ShouldBe(["web_search_20250305"]);
        facts.CostMembers.ShouldBeEmpty();
        facts.Stickiness.ShouldBe("s1");
        facts.Extensions.ShouldBe(["models", "transforms", "session_id"]);
        facts.Chat.ShouldNotBeNull().Others.ShouldBe(["service_tier", "transforms"]);
    }

    [Theory]
    [InlineData("", null, "invalid_json")]
    [InlineData("{", null, "invalid_json")]
    [InlineData("[]", null, "invalid_type")]
    [InlineData("""{"model":"m","model":"m"}""", "model", "duplicate_parameter")]
    [InlineData("""{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1}""", "messages", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[]}""", "messages", "invalid_value")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":{}}""", "messages", "invalid_type")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":["x"]}""", "messages[0]", "invalid_type")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"content":"x"}]}""", "messages[0].role", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"tool","content":"x"}]}""", "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user"}]}""", "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":5}]}""", "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[5]}]}""", "messages[0].content[0]", "invalid_type")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"text":"x"}]}]}""", "messages[0].content[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text", "missing_required_parameter")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"tape"}}]}]}""", "messages[0].content[0].source.type", "invalid_value")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":7}]}]}""", "messages[0].content[0].tool_use_id", "invalid_type")]
    [InlineData("""{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]}]}]}""", "messages[0].content[0].content[0].text", "missing_required_parameter")]
    public void WrongBody_isRefusedByName(string body, string? param, string code)
    {
        var reading = Wire.Read(body);

        reading.Facts.ShouldBeNull();
        reading.Refusal.ShouldNotBeNull().Param.ShouldBe(param);
        reading.Refusal.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("", "max_tokens", "missing_required_parameter")]
    [InlineData("\"max_tokens\":null", "max_tokens", "missing_required_parameter")]
    [InlineData("\"max_tokens\":\"5\"", "max_tokens", "invalid_type")]
    [InlineData("\"max_tokens\":0", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":-1", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":1.5", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":2147483648", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":1e309", "max_tokens", "invalid_value")]
    [InlineData("\"max_tokens\":5,\"stream\":\"yes\"", "stream", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"temperature\":\"hot\"", "temperature", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"system\":5", "system", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"stop_sequences\":\"x\"", "stop_sequences", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"stop_sequences\":[\"x\",5]", "stop_sequences[1]", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"tools\":{}", "tools", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"tools\":[{}]", "tools[0].name", "missing_required_parameter")]
    [InlineData("\"max_tokens\":5,\"tools\":[{\"name\":\"a\",\"input_schema\":[]}]", "tools[0].input_schema", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"tool_choice\":\"auto\"", "tool_choice", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"tool_choice\":{\"type\":\"some\"}", "tool_choice.type", "invalid_value")]
    [InlineData("\"max_tokens\":5,\"tool_choice\":{\"type\":\"tool\"}", "tool_choice.name", "missing_required_parameter")]
    [InlineData("\"max_tokens\":5,\"thinking\":true", "thinking", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"output_config\":{\"format\":{}}", "output_config.format.schema", "invalid_type")]
    [InlineData("\"max_tokens\":5,\"metadata\":[]", "metadata", "invalid_type")]
    public void WrongMember_isRefusedByName(string members, string param, string code)
    {
        var body = "{\"model\":\"m\",\"messages\":[" + Wire.Question + "]" + (members == "" ? "" : "," + members) + "}";

        Wire.Read(body).Refusal.ShouldNotBeNull().Param.ShouldBe(param);
        Wire.Read(body).Refusal!.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("\"max_tokens\":4.0,\"thinking\":{\"type\":\"someday\"}")]
    [InlineData("\"max_tokens\":2147483647,\"unheard_of\":{\"a\":[1e400]}")]
    [InlineData("\"max_tokens\":1e3,\"system\":null,\"tools\":null,\"stream\":null,\"thinking\":null")]
    public void WhatWeDontKnow_isNotJudged(string members) =>
        Wire.Read("{\"model\":\"m\",\"messages\":[" + Wire.Question + "]," + members + "}").Refusal.ShouldBeNull();

    [Fact]
    public void TextAndSystem_areReadWithTheirCacheCuts()
    {
        var chat = Wire.Chat("""
            {"model":"m","max_tokens":5,"system":[{"type":"text","text":"A"},{"type":"text","text":"B","cache_control":{"type":"ephemeral","ttl":"1h"}}],
            "messages":[{"role":"user","content":[{"type":"text","text":"é\ud83d\ude00","cache_control":{"type":"ephemeral"}},{"type":"text","text":"x","cache_control":null}]},
            {"role":"assistant","content":"Yes"},{"role":"system","content":"Be brief"},{"role":"user","content":""}]}
            """);

        chat.Messages.Select(message => message.Role)
            .ShouldBe([ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.System, ChatRole.User]);
        chat.Messages[0].Parts.ShouldBe([new TextPart("A"), new TextPart("B") { CacheHint = "1h" }]);
        chat.Messages[1].Parts.ShouldBe([new TextPart("é😀") { CacheHint = "5m" }, new TextPart("x")]);
        chat.Messages[3].Parts.ShouldBe([new TextPart("Be brief")]);
        chat.Messages[4].Parts.ShouldBeEmpty();
    }

    [Fact]
    public void CachingOfTheWholeRequest_isACutBehindItsLastBlock()
    {
        var chat = Wire.Chat(Wire.Body("\"cache_control\":{\"type\":\"ephemeral\"}"));

        chat.Messages[^1].Parts.ShouldBe([new TextPart("Hi") { CacheHint = "5m" }]);
        chat.Others.ShouldBeEmpty();
    }

    [Fact]
    public void Media_areReadFromEverySource()
    {
        var parts = Wire.Talk("""
            {"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},
            {"type":"image","source":{"type":"url","url":"https://a/b.png"}},{"type":"image","source":{"type":"file","file_id":"file_1"}},
            {"type":"document","title":"T","context":"C","citations":{"enabled":true},"source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}},
            {"type":"search_result","source":"https://s","title":"S","content":[{"type":"text","text":"found"}]}]}
            """).Messages[0].Parts;

        parts.ShouldBe([
            new ImagePart(new InlineMedia("image/png", "iVBO")), new ImagePart(new RemoteMedia("https://a/b.png")),
            new ImagePart(new HostedMedia("file_1")), new TextPart("C"),
            new FilePart(new InlineMedia("application/pdf", "JVBE"), "T", true), new FilePart(new InlineText("words")),
            new FilePart(new InlineText("one\ntwo")), new FilePart(new InlineText("https://s\nfound"), "S"),
        ]);
    }

    [Fact]
    public void CallsAndResults_keepEveryDigit()
    {
        var messages = Wire.Talk(
            """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"add","input":{"n":12345678901234567890.10,"s":"\u00e9"}}]}""",
            """
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"no"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}}]},{"type":"tool_result","tool_use_id":"b","content":"plain"},
            {"type":"tool_result","tool_use_id":"c"}]}
            """).Messages;

        messages[0].Parts.ShouldBe(
            [new ToolCallPart("toolu_1", "add", """{"n":12345678901234567890.10,"s":"\u00e9"}""")]);
        var results = messages[1].Parts.Cast<ToolResultPart>().ToList();
        results[0].IsError.ShouldBeTrue();
        results[0].Parts.ShouldBe([new TextPart("no"), new ImagePart(new InlineMedia("image/png", "iVBO"))]);
        results[1].Parts.ShouldBe([new TextPart("plain")]);
        results[2].Parts.ShouldBeEmpty();
    }

    [Fact]
    public void Thoughts_comeBackWithTheirSeals()
    {
        var token = new Seal("gemini", "abc").ToToken();
        var parts = Wire.Talk(
            "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"EqQB\"},"
            + "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"" + token + "\"},"
            + "{\"type\":\"thinking\",\"thinking\":\"bare\",\"signature\":\"\"},"
            + "{\"type\":\"thinking\",\"thinking\":\"unsealed\",\"signature\":\"mercato:1:s:::\"},"
            + "{\"type\":\"redacted_thinking\",\"data\":\"Eo4\"}]}").Messages[0].Parts;

        parts.ShouldBe([
            new ReasoningPart("hm", new Seal(null, "EqQB")), new ReasoningPart("", new Seal("gemini", "abc")),
            new ReasoningPart("bare"), new ReasoningPart("unsealed"),
            new ReasoningPart("", new Seal(null, "Eo4", IsRedacted: true)),
        ]);
    }

    [Fact]
    public void BlocksOfTheProvidersOwnTools_stayAsTheyAre()
    {
        const string Block = """{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"x"}}""";

        Wire.Talk("{\"role\":\"assistant\",\"content\":[" + Block + "]}").Messages[0].Parts[0]
            .ShouldBeOfType<OpaquePart>().Json.ToRaw().ShouldBe(Block);
    }

    [Fact]
    public void Tools_areReadByKind()
    {
        var chat = Wire.Chat(Wire.Body("""
            "tools":[{"name":"ls","description":"List","input_schema":{"type":"object","x":1.0},"strict":true,"cache_control":{"type":"ephemeral"}},
            {"type":"custom","name":"cd","input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}]
            """));

        var ls = chat.Tools[0].ShouldBeOfType<FunctionTool>();
        (ls.Name, ls.Description, ls.IsStrict, ls.CacheHint).ShouldBe(("ls", "List", true, "5m"));
        ls.Parameters!.Value.ToRaw().ShouldBe("""{"type":"object","x":1.0}""");
        chat.Tools[1].ShouldBeOfType<FunctionTool>().Name.ShouldBe("cd");
        var bash = chat.Tools[2].ShouldBeOfType<OpaqueTool>();
        (bash.Dialect, bash.Type, bash.Json.ToRaw())
            .ShouldBe((Dialect.Anthropic, "bash_20250124", """{"type":"bash_20250124","name":"bash"}"""));
    }

    [Theory]
    [InlineData("{\"type\":\"auto\"}", ToolChoiceKind.Auto, null, null)]
    [InlineData("{\"type\":\"any\",\"disable_parallel_tool_use\":true}", ToolChoiceKind.Required, null, false)]
    [InlineData("{\"type\":\"none\"}", ToolChoiceKind.None, null, null)]
    [InlineData("{\"type\":\"tool\",\"name\":\"ls\",\"disable_parallel_tool_use\":false}", ToolChoiceKind.Named, "ls", true)]
    public void ToolChoice_isRead(string choice, ToolChoiceKind kind, string? name, bool? allowsParallel)
    {
        var chat = Wire.Chat(Wire.Body("\"tool_choice\":" + choice));

        chat.ToolChoice.ShouldBe(new ToolChoice(kind, name));
        chat.AllowsParallelCalls.ShouldBe(allowsParallel);
    }

    [Theory]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}", null, 2048L, true, false)]
    [InlineData("\"thinking\":{\"type\":\"adaptive\",\"display\":\"omitted\"},\"output_config\":{\"effort\":\"max\"}", "max", null, true, true)]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", null, null, false, false)]
    [InlineData("\"output_config\":{\"effort\":\"low\"}", "low", null, null, false)]
    public void Thinking_isRead(string members, string? effort, long? budget, bool? isEnabled, bool isHidden) =>
        Wire.Chat(Wire.Body(members)).Reasoning
            .ShouldBe(new ReasoningOptions(effort, budget, isEnabled, null, isHidden));

    [Theory]
    [InlineData("\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}}")]
    [InlineData("\"output_format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}")]
    public void AnswerFormat_isReadInBothSpellings(string members)
    {
        var chat = Wire.Chat(Wire.Body(members));

        chat.Format.ShouldNotBeNull().Schema!.Value.ToRaw().ShouldBe("{\"type\":\"object\"}");
        chat.Others.ShouldBeEmpty();
    }

    [Fact]
    public void WhatHasNoPlace_isNamed() =>
        Wire.Chat(Wire.Body("\"container\":\"c\",\"mcp_servers\":[],\"output_config\":{\"task_budget\":{}},\"user\":null"))
            .Others.ShouldBe(["container", "mcp_servers", "output_config"]);

    [Fact]
    public void SamplingAndStops_areRead()
    {
        var chat = Wire.Chat(Wire.Body(
            "\"temperature\":0.30,\"top_p\":0.9,\"top_k\":40,\"stop_sequences\":[\"END\",\"\\n\"],\"metadata\":{\"user_id\":\"u\"}"));

        chat.Temperature!.Value.ToRaw().ShouldBe("0.30");
        chat.TopP!.Value.ToRaw().ShouldBe("0.9");
        chat.TopK!.Value.ToRaw().ShouldBe("40");
        chat.Stop.ShouldBe(["END", "\n"]);
        chat.EndUser.ShouldBe("u");
    }

    [Theory]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}")]
    [InlineData("{\"model\":\"m\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"\\ud800\":1,\"content\":\"x\"}]}")]
    public void TextThatIsNone_isRefused(string body) =>
        AnthropicDialect.Instance.ReadRequest(Encoding.Latin1.GetBytes(body)).Refusal!.Code.ShouldBe("invalid_json");

    [Fact]
    public void HalfASurrogatePair_becomesAReplacementCharacter() =>
        Wire.Talk("""{"role":"user","content":"a\ud800"}""").Messages[0].Parts.ShouldBe([new TextPart("a\ufffd")]);

    [Fact]
    public void NestingBeyond64_isRefused()
    {
        var deep = new string('[', 100) + new string(']', 100);

        Wire.Read(Wire.Body("\"x\":" + deep)).Refusal.ShouldNotBeNull().Code.ShouldBe("invalid_json");
    }
}
