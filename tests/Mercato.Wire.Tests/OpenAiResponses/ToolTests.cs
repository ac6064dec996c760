using Mercato.Wire;

namespace Mercato.Wire.Tests.OpenAiResponses;

/// <summary>Tools, and above all those that other dialects have no word for.</summary>
public sealed class ToolTests
{
    private const string Grouped = """
        "tools":[{"type":"function","name":"ls","description":"List","parameters":{"type":"object"},"strict":true},
        {"type":"namespace","name":"crew","description":"Others","tools":[{"type":"function","name":"ask","parameters":{"a":1}}]},
        {"type":"namespace","name":"mcp__files__","tools":[{"type":"function","name":"read file"},{"type":"function","name":"ls"}]},
        {"type":"custom","name":"patch","description":"Patch","format":{"type":"grammar","syntax":"lark","definition":"start: X"}},
        {"type":"web_search"}]
        """;

    [Fact]
    public void Tools_areReadWithTheirNames()
    {
        var tools = Wire.Chat("\"input\":\"x\"," + Grouped).Tools;

        tools.Select(NameOf).ShouldBe(["ls", "crew__ask", "mcp__files__read_file", "mcp__files__ls", "patch", "web_search"]);
        tools[1].Origin.ShouldBe(new NamespacedName("crew", "ask"));
        tools[0].Origin.ShouldBeNull();
        tools[0].ShouldBeOfType<FunctionTool>().IsStrict.ShouldBe(true);
    }

    [Fact]
    public void NamesThatWouldMeet_getAHash()
    {
        var tools = Wire.Chat("""
            "input":"x","tools":[{"type":"namespace","name":"a","tools":[{"type":"function","name":"b"},{"type":"function","name":"c.d"},{"type":"function","name":"c_d"}]},
            {"type":"function","name":"a__b"}]
            """).Tools;

        tools.Select(NameOf).Distinct().Count().ShouldBe(4);
        NameOf(tools[0]).ShouldMatch("^a__b_[0-9a-f]{8}$");
        NameOf(tools[1]).ShouldBe("a__c_d");
        NameOf(tools[2]).ShouldMatch("^a__c_d_[0-9a-f]{8}$");
        NameOf(tools[3]).ShouldBe("a__b");
    }

    [Fact]
    public void LongNames_areCutTo64Characters()
    {
        var name = new string('n', 70);
        var tools = Wire.Chat(
            "\"input\":\"x\",\"tools\":[{\"type\":\"namespace\",\"name\":\"s\",\"tools\":[{\"type\":\"function\",\"name\":\""
            + name + "\"}]}]").Tools;

        NameOf(tools[0]).Length.ShouldBe(64);
        tools[0].Origin.ShouldBe(new NamespacedName("s", name));
    }

    [Fact]
    public void CallsInTheHistory_bearTheNameThatIsOnOffer()
    {
        var chat = Wire.Chat(Grouped + """
            ,"input":[{"role":"user","content":"x"},
            {"type":"function_call","call_id":"1","namespace":"crew","name":"ask","arguments":"{}"},
            {"type":"function_call","call_id":"2","namespace":"ls","name":"ls","arguments":"{}"},
            {"type":"function_call","call_id":"3","namespace":"gone","name":"old","arguments":"{}"}],
            "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"ask","namespace":"crew"},{"type":"custom","name":"patch"}]}
            """);

        chat.Messages[1].Parts.Cast<ToolCallPart>().Select(call => call.Name).ShouldBe(["crew__ask", "ls", "old"]);
        chat.ToolChoice!.Kind.ShouldBe(ToolChoiceKind.Required);
        chat.ToolChoice.Allowed.ShouldBe(["crew__ask", "patch"]);
    }

    [Fact]
    public void ToolsOfferedInTheInput_areOnOffer()
    {
        var chat = Wire.Chat("""
            "input":[{"role":"user","content":"x"},{"type":"additional_tools","role":"developer","tools":[{"type":"function","name":"later"}]},
            {"type":"tool_search_output","call_id":"s","tools":[{"type":"function","name":"first"},{"type":"function","name":"found"}]}],
            "tools":[{"type":"function","name":"first","defer_loading":true}]
            """);

        chat.Tools.Select(NameOf).ShouldBe(["first", "later", "found"]);
        chat.Messages.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("\"auto\"", ToolChoiceKind.Auto)]
    [InlineData("\"none\"", ToolChoiceKind.None)]
    [InlineData("\"required\"", ToolChoiceKind.Required)]
    public void Choice_isRead(string choice, ToolChoiceKind kind) =>
        Wire.Chat("\"input\":\"x\",\"tool_choice\":" + choice).ToolChoice.ShouldBe(new ToolChoice(kind));

    [Fact]
    public void CustomTool_isAFunctionOfOneTextWhereHostsKnowNoOther()
    {
        var custom = Wire.Chat("\"input\":\"x\"," + Grouped).Tools.OfType<CustomTool>().Single();

        var function = custom.ToFunction();

        function.Name.ShouldBe("patch");
        function.Description.ShouldBe("Patch\n\nThe input must follow this grammar:\nstart: X");
        function.Parameters!.Value.GetProperty("required")[0].GetString().ShouldBe("input");
        new ToolCallPart("1", "patch", "{\"a\":\"é\"}", IsCustom: true).ToFunctionCall()
            .ShouldBe(new ToolCallPart("1", "patch", """{"input":"{\"a\":\"é\"}"}"""));
        var plain = new ToolCallPart("1", "f", "{}");
        plain.ToFunctionCall().ShouldBeSameAs(plain);
    }

    [Theory]
    [InlineData("""{"input":"a\nb"}""", "a\nb")]
    [InlineData("""{"text":"a"}""", """{"text":"a"}""")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void CustomToolsText_isUnwrapped(string arguments, string text) =>
        CustomTools.Unwrap(arguments).ShouldBe(text);

    private static string NameOf(ChatTool tool) => tool switch
    {
        FunctionTool function => function.Name,
        CustomTool custom => custom.Name,
        OpaqueTool opaque => opaque.Type,
        _ => "",
    };
}
