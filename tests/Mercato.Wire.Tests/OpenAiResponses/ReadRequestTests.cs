using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class ReadRequestTests
{
    [Fact]
    public void PlainText_isOneMessageOfTheUser()
    {
        var chat = Wire.Chat("\"input\":\"Good morning\",\"instructions\":\"Be brief.\"");

        chat.Messages.Count.ShouldBe(2);
        chat.Messages[0].Role.ShouldBe(ChatRole.System);
        chat.Messages[0].Parts.ShouldBe([new TextPart("Be brief.")]);
        chat.Messages[1].Role.ShouldBe(ChatRole.User);
        chat.Messages[1].Parts.ShouldBe([new TextPart("Good morning")]);
    }

    [Fact]
    public void MessagesWithAndWithoutType_areReadAlike()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"developer","content":"d"},{"type":"message","role":"system","content":[{"type":"input_text","text":"s"}]},
            {"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]},
            {"role":"assistant","content":[{"type":"output_text","text":"c","annotations":[]},{"type":"refusal","refusal":"no"}]}]
            """);

        chat.Messages.Select(message => message.Role).ShouldBe(
            [ChatRole.Developer, ChatRole.System, ChatRole.User, ChatRole.Assistant]);
        chat.Messages[2].Parts.ShouldBe([new TextPart("a"), new TextPart("b")]);
        chat.Messages[3].Parts.ShouldBe([new TextPart("c"), new RefusalPart("no")]);
    }

    [Fact]
    public void NeighboursOfTheAssistant_areOneTurnAndResultsAreOneMessage()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"Compare"},
            {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Two "},{"type":"summary_text","text":"calls."}],"encrypted_content":"gAAA"},
            {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Looking."}]},
            {"type":"function_call","id":"fc_1","call_id":"call_a","name":"price","arguments":"{\"n\":1.50}"},
            {"type":"custom_tool_call","id":"ctc_1","call_id":"call_b","name":"patch","input":"*** Begin"},
            {"type":"function_call_output","call_id":"call_a","output":"7"},
            {"type":"custom_tool_call_output","call_id":"call_b","output":[{"type":"input_text","text":"done"},{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},
            {"role":"user","content":"And?"}]
            """);

        chat.Messages.Count.ShouldBe(4);
        chat.Messages[1].Parts.ShouldBe(
        [
            new ReasoningPart("Two \n\ncalls.", new Seal(null, "gAAA", ItemId: "rs_1")), new TextPart("Looking."),
            new ToolCallPart("call_a", "price", "{\"n\":1.50}"), new ToolCallPart("call_b", "patch", "*** Begin", true),
        ]);
        var results = chat.Messages[2].Parts.Cast<ToolResultPart>().ToList();
        results.Select(result => result.CallId).ShouldBe(["call_a", "call_b"]);
        results[0].Parts.ShouldBe([new TextPart("7")]);
        results[1].Parts.ShouldBe([new TextPart("done"), new ImagePart(new InlineMedia("image/png", "AAAA"))]);
    }

    [Fact]
    public void Media_areToldApartByWhereTheyAre()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":[
            {"type":"input_image","image_url":"https://example.org/a.png","detail":"low"},{"type":"input_image","file_id":"file-1"},
            {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="},
            {"type":"input_file","filename":"b.txt","file_data":"aGk="},{"type":"input_file","file_url":"https://example.org/b.pdf"},
            {"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}}]}]
            """);

        chat.Messages[0].Parts.ShouldBe(
        [
            new ImagePart(new RemoteMedia("https://example.org/a.png"), "low"), new ImagePart(new HostedMedia("file-1")),
            new FilePart(new InlineMedia("application/pdf", "JVBERi0="), "a.pdf"),
            new FilePart(new InlineMedia("text/plain", "aGk="), "b.txt"),
            new FilePart(new RemoteMedia("https://example.org/b.pdf")),
            new AudioPart(new InlineMedia("audio/wav", "UklG"), "wav"),
        ]);
    }

    [Fact]
    public void ItemsThatOnlyThisDialectKnows_areCarriedAsTheyAre()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"x"},{"type":"web_search_call","id":"ws_1","n":1.0},
            {"type":"local_shell_call_output","id":"l","output":"o"}]
            """);

        var call = chat.Messages[1].Parts.ShouldHaveSingleItem().ShouldBeOfType<OpaquePart>();
        (call.Dialect, call.Json.Raw()).ShouldBe((Dialect.OpenAiResponses, """{"type":"web_search_call","id":"ws_1","n":1.0}"""));
        chat.Messages[1].Role.ShouldBe(ChatRole.Assistant);
        chat.Messages[2].Role.ShouldBe(ChatRole.User);
    }

    [Fact]
    public void ResultOfACallThatOthersDontKnow_goesWithItsCall()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"x"},{"type":"tool_search_call","call_id":"s1","arguments":{}},
            {"type":"function_call_output","call_id":"s1","output":"found"}]
            """);

        chat.Messages[2].Parts.ShouldHaveSingleItem().ShouldBeOfType<OpaquePart>();
    }

    [Fact]
    public void Settings_areRead()
    {
        var chat = Wire.Chat("""
            "input":"x","max_output_tokens":1e3,"temperature":0.70,"top_p":1,"stream":true,"parallel_tool_calls":false,
            "reasoning":{"effort":"high","summary":"auto"},"prompt_cache_key":"k","user":"u","store":false,
            "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"a":1.0},"strict":true}},
            "tool_choice":{"type":"function","name":"f"},"include":["reasoning.encrypted_content"],
            "client_metadata":{"x":"y"},"max_tool_calls":3,"metadata":null,"models":["a"],"route":"r"
            """);

        chat.OutputLimit.ShouldBe(1000);
        chat.Temperature!.Value.Raw().ShouldBe("0.70");
        chat.TopP!.Value.Raw().ShouldBe("1");
        chat.IsStream.ShouldBeTrue();
        chat.AllowsParallelCalls.ShouldBe(false);
        chat.Reasoning.ShouldBe(new ReasoningOptions("high", Summary: "auto"));
        (chat.CacheKey, chat.EndUser, chat.Verbosity).ShouldBe(("k", "u", "low"));
        chat.Format!.Name.ShouldBe("n");
        chat.Format.Schema!.Value.Raw().ShouldBe("""{"a":1.0}""");
        chat.Format.IsStrict.ShouldBe(true);
        chat.ToolChoice.ShouldBe(new ToolChoice(ToolChoiceKind.Named, "f"));
        chat.Others.ShouldBe(["store", "include", "client_metadata", "max_tool_calls", "route"]);
    }

    [Fact]
    public void Facts_areThoseOfTheRequest()
    {
        var facts = Wire.Read("""
            {"model":"m","input":"hello","stream":true,"max_output_tokens":9,"reasoning":{"effort":"low"},"usage":{},
            "tools":[{"type":"function","name":"f"},{"type":"web_search"}],"session_id":"s","service_tier":"priority"}
            """).Facts!;

        (facts.Model, facts.IsStream, facts.WantsUsage, facts.OutputLimit, facts.Tools).ShouldBe(("m", true, true, 9, 2));
        facts.ServerTools.ShouldBe(["web_search"]);
        facts.CostMembers.ShouldBe(["service_tier"]);
        facts.Stickiness.ShouldBe("s");
        facts.Extensions.ShouldBe(["usage", "session_id"]);
    }

    [Theory]
    [InlineData("", null, "invalid_json")]
    [InlineData("[]", null, "invalid_json")]
    [InlineData("""{"model":"m","input":"x","model":"n"}""", "model", "duplicate_parameter")]
    [InlineData("""{"model":"m","\ud83d":1,"input":"x"}""", null, "invalid_json")]
    [InlineData("""{"input":"x"}""", "model", "missing_required_parameter")]
    [InlineData("""{"model":"m"}""", "input", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":5}""", "input", "invalid_type")]
    [InlineData("""{"model":"m","input":["x"]}""", "input[0]", "invalid_type")]
    [InlineData("""{"model":"m","input":[{}]}""", "input[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"role":"robot","content":"x"}]}""", "input[0].role", "invalid_value")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":7}]}""", "input[0].content", "invalid_type")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"text":"x"}]}]}""", "input[0].content[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input[0].content[0].image_url", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}""", "input[0].call_id", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":"x","tools":[{"type":"function"}]}""", "tools[0].name", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":"x","tools":[{"name":"f"}]}""", "tools[0].type", "missing_required_parameter")]
    [InlineData("""{"model":"m","input":"x","tools":{}}""", "tools", "invalid_type")]
    [InlineData("""{"model":"m","input":"x","tool_choice":"any"}""", "tool_choice", "invalid_value")]
    [InlineData("""{"model":"m","input":"x","max_output_tokens":0}""", "max_output_tokens", "invalid_value")]
    [InlineData("""{"model":"m","input":"x","max_output_tokens":1.5}""", "max_output_tokens", "invalid_value")]
    [InlineData("""{"model":"m","input":"x","stream":1}""", "stream", "invalid_type")]
    [InlineData("""{"model":"m","input":"x","temperature":"1"}""", "temperature", "invalid_type")]
    [InlineData("""{"model":"m","input":"x","background":1}""", "background", "invalid_type")]
    [InlineData("""{"model":"m","input":"x","reasoning":"high"}""", "reasoning", "invalid_type")]
    [InlineData("""{"model":"m","input":"x","text":{"format":{"type":"json_schema"}}}""", "text.format.schema", "invalid_value")]
    public void WhatIsWrong_isNamed(string body, string? param, string code)
    {
        var refusal = Wire.Read(body).Refusal.ShouldNotBeNull();

        (refusal.Param, refusal.Code).ShouldBe((param, code));
    }

    [Theory]
    [InlineData("\"conversation\":\"conv_1\",\"input\":\"x\"", "conversation")]
    [InlineData("\"prompt\":{\"id\":\"p\"}", "prompt")]
    [InlineData("\"previous_response_id\":\"resp_1\",\"input\":\"x\"", "previous_response_id")]
    [InlineData("\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_1\"}]", "input")]
    [InlineData("\"input\":[{\"id\":\"msg_1\"}]", "input")]
    public void WhatAnotherHostKeeps_isRefusedOnlyForTranslation(string members, string param)
    {
        var facts = Wire.Read("{\"model\":\"m\"," + members + "}").Facts.ShouldNotBeNull();

        Wire.Client.ReadChat(facts).Refusal.ShouldNotBeNull().Param.ShouldBe(param);
    }
}
