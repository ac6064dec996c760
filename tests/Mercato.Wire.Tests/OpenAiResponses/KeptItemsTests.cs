using System.Text;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire.Tests.OpenAiResponses;

public sealed class KeptItemsTests
{
    [Fact]
    public void References_areListed()
    {
        var references = OpenAiResponsesDialect.ListReferences(Members(
            """{"previous_response_id":"resp_1","input":[{"type":"item_reference","id":"msg_1"},{"id":"rs_2"},{"role":"user","content":"x","id":"msg_3"}]}"""));

        references.PreviousResponseId.ShouldBe("resp_1");
        references.ItemIds.ShouldBe(["msg_1", "rs_2"]);
        OpenAiResponsesDialect.ListReferences(Members("""{"input":"x","previous_response_id":null}""")).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void KeptItems_standWhereTheyWereNamed()
    {
        var history = OpenAiResponsesDialect.ListInput(Members("""{"input":"First\u0021"}"""))
            .Concat(OpenAiResponsesDialect.ListOutput(Encoding.UTF8.GetBytes(
                """{"id":"resp_1","output":[{"id":"msg_1","type":"message","role":"assistant","content":[]}]}"""))!.Value.Items)
            .ToList();
        var items = new Dictionary<string, KeptItem> { ["rs_2"] = new("rs_2", """{"type":"reasoning","id":"rs_2","n":1.0}"""u8.ToArray()) };

        var body = OpenAiResponsesDialect.InsertItems(
            Members("""{ "model":"m","previous_response_id":"resp_1", "input":[{"type":"item_reference","id":"rs_2"},{"role":"user","content":"Go"},{"type":"item_reference","id":"gone"}] }"""),
            history, items);

        Wire.Text(body).ShouldBe(
            """{ "model":"m", "input":[{"type":"message","role":"user","content":"First\u0021"},{"id":"msg_1","type":"message","role":"assistant","content":[]},{"type":"reasoning","id":"rs_2","n":1.0},{"role":"user","content":"Go"},{"type":"item_reference","id":"gone"}] }""");
    }

    [Theory]
    [InlineData("\"conv_1\"", "conv_1")]
    [InlineData("""{"id":"conv_1"}""", "conv_1")]
    [InlineData("null", null)]
    [InlineData("{}", null)]
    [InlineData("7", null)]
    public void Conversation_isNamedByATextOrAnObject(string value, string? id) =>
        OpenAiResponsesDialect.ListReferences(Members("{\"conversation\":" + value + "}")).ConversationId.ShouldBe(id);

    [Fact]
    public void ConversationWrittenOut_losesItsName()
    {
        var request = Members("""{ "conversation":"conv_1", "model":"m", "input":"Go" }""");
        KeptItem[] before = [new("msg_1", """{"role":"user","content":"1.0"}"""u8.ToArray())];
        const string input = """[{"role":"user","content":"1.0"},{"type":"message","role":"user","content":"Go"}]""";

        Wire.Text(OpenAiResponsesDialect.WriteOutConversation(request, before).Document)
            .ShouldBe("""{ "model":"m", "input":""" + input + " }");
        Wire.Text(OpenAiResponsesDialect.InsertBefore(request, before).Document)
            .ShouldBe("""{ "conversation":"conv_1", "model":"m", "input":""" + input + " }");
        OpenAiResponsesDialect.InsertBefore(request, []).ShouldBeSameAs(request);
    }

    [Theory]
    [InlineData("""{"id":"r"}""", """{"id":"r","conversation":{"id":"conv_1"}}""")]
    [InlineData("""{"conversation":null}""", """{"conversation":{"id":"conv_1"}}""")]
    [InlineData("""{"conversation":{"id":"host's"}}""", """{"conversation":{"id":"host's"}}""")]
    public void Answer_namesTheConversation(string answer, string named) =>
        Wire.Text(OpenAiResponsesDialect.NameConversation(
            Encoding.UTF8.GetBytes(answer), Members("""{"conversation":"conv_1"}"""))).ShouldBe(named);

    [Fact]
    public void TerminalEventAndWholeBody_listTheSameItems()
    {
        const string response = """{"id":"resp_1","output":[{"id":"fc_1","type":"function_call"},{"type":"x"}]}""";

        foreach (var answer in new[] { response, "{\"type\":\"response.completed\",\"response\":" + response + "}" })
        {
            var (id, items) = OpenAiResponsesDialect.ListOutput(Encoding.UTF8.GetBytes(answer))!.Value;
            id.ShouldBe("resp_1");
            items.Select(item => item.Id).ShouldBe(["fc_1", null]);
            Wire.Text(items[0].Json).ShouldBe("""{"id":"fc_1","type":"function_call"}""");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void NoAnswer_listsNothing(string body) =>
        OpenAiResponsesDialect.ListOutput(Encoding.UTF8.GetBytes(body)).ShouldBeNull();

    private static JsonMembers Members(string body) => JsonMembers.Read(Encoding.UTF8.GetBytes(body))!;
}
