using System.Text;
using Mercato.Wire.Dialects.Anthropic;
using Mercato.Wire.Dialects.OpenAiChat;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire.Tests;

public sealed class PaidToolsTests
{
    private const string ChatFunction = """{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}""";
    private const string Function = """{"type":"function","name":"f","parameters":{"type":"object"}}""";
    private const string Custom = """{"name":"f","input_schema":{"type":"object"}}""";

    [Theory]
    [InlineData("function", false)]
    [InlineData("custom", false)]
    [InlineData("namespace", false)]
    [InlineData("local_shell", false)]
    [InlineData("shell", false)]
    [InlineData("apply_patch", false)]
    [InlineData("computer_use_preview", false)]
    [InlineData("computer_20250124", false)]
    [InlineData("text_editor_20250728", false)]
    [InlineData("bash_20250124", false)]
    [InlineData("memory_20250818", false)]
    [InlineData("tool_search_tool_regex_20251119", false)]
    [InlineData("web_search", true)]
    [InlineData("web_search_preview", true)]
    [InlineData("web_search_20250305", true)]
    [InlineData("web_fetch_20250910", true)]
    [InlineData("code_execution_20250825", true)]
    [InlineData("code_interpreter", true)]
    [InlineData("file_search", true)]
    [InlineData("image_generation", true)]
    [InlineData("mcp", true)]
    [InlineData("functions", true)]
    [InlineData("shellfish", true)]
    [InlineData("bash20250124", true)]
    [InlineData("FUNCTION", true)]
    [InlineData("", true)]
    [InlineData("something_new", true)]
    public void Type_PaidUnlessTheCallerRunsIt(string type, bool isPaid) => PaidTools.IsPaid(type).ShouldBe(isPaid);

    [Theory]
    [InlineData("chat", ChatFunction, """{"type":"web_search"}""")]
    [InlineData("responses", Function, """{"type":"web_search","search_context_size":"low"}""")]
    [InlineData("messages", Custom, """{"type":"web_search_20250305","name":"web_search","max_uses":5}""")]
    public void PaidToolBesideOwn_TakenOutAndEveryOtherByteStays(string dialect, string own, string paid)
    {
        var before = Body(dialect, $"[{own} , {paid},{own.Replace("\"f\"", "\"g\"")}]", "");

        var request = Edit(dialect, before, drops: true);

        Encoding.UTF8.GetString(request.Body.Span).ShouldBe(Body(dialect, $"[{own},{own.Replace("\"f\"", "\"g\"")}]", ""));
        request.Dropped.ShouldBe(["tools"]);
    }

    [Theory]
    [InlineData("chat", ChatFunction)]
    [InlineData("responses", Function)]
    [InlineData("responses", """{"type":"local_shell"}""")]
    [InlineData("messages", Custom)]
    [InlineData("messages", """{"type":"bash_20250124","name":"bash"}""")]
    public void OnlyOwnTools_BytesStay(string dialect, string own)
    {
        var before = Body(dialect, $"[ {own} ]", "");

        var request = Edit(dialect, before, drops: true);

        Encoding.UTF8.GetString(request.Body.Span).ShouldBe(before);
        request.Dropped.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("chat", ChatFunction, """{"type":"web_search"}""")]
    [InlineData("responses", Function, """{"type":"web_search"}""")]
    [InlineData("messages", Custom, """{"type":"web_search_20250305","name":"web_search"}""")]
    public void CallOnAnOwnKey_ToolsStay(string dialect, string own, string paid)
    {
        var before = Body(dialect, $"[{own},{paid}]", "");

        var request = Edit(dialect, before, drops: false);

        Encoding.UTF8.GetString(request.Body.Span).ShouldBe(before);
        request.Dropped.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("messages", """{"type":"tool","name":"web_search"}""", true)]
    [InlineData("messages", """{"type":"tool","name":"f"}""", false)]
    [InlineData("messages", """{"type":"any"}""", false)]
    [InlineData("messages", """{"type":"auto"}""", false)]
    [InlineData("responses", """{"type":"web_search"}""", true)]
    [InlineData("responses", """{"type":"function","name":"f"}""", false)]
    [InlineData("responses", "\"required\"", false)]
    [InlineData("responses", "7", false)]
    public void Choice_DemandsThePaidToolOnlyWhenItNamesIt(string dialect, string choice, bool isDemanded)
    {
        var tools = dialect == "messages"
            ? $$"""[{{Custom}},{"type":"web_search_20250305","name":"web_search"}]"""
            : $$"""[{{Function}},{"type":"web_search"}]""";

        var members = JsonMembers.Read(Encoding.UTF8.GetBytes(Body(dialect, tools, $",\"tool_choice\":{choice}")))!;

        PaidTools.IsDemanded(members).ShouldBe(isDemanded);
    }

    private static string Body(string dialect, string tools, string rest) => dialect switch
    {
        "responses" => $$"""{"model":"m","input":"Hi", "tools":{{tools}}{{rest}} }""",
        _ => $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}], "tools":{{tools}}{{rest}} }""",
    };

    private static UpstreamRequest Edit(string dialect, string body, bool drops)
    {
        IClientDialect client = dialect switch
        {
            "chat" => OpenAiChatDialect.Instance,
            "responses" => OpenAiResponsesDialect.Instance,
            _ => AnthropicDialect.Instance,
        };
        var facts = client.ReadRequest(Encoding.UTF8.GetBytes(body)).Facts.ShouldNotBeNull();
        return client.EditRequest(facts, new RequestEdits("m", new HostQuirks(), null, true, "host", drops));
    }
}
