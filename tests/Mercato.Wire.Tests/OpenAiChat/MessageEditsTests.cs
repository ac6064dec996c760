using System.Text;
using System.Text.Json;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Seals and ids inside a body that is otherwise passed on as it came.</summary>
public sealed class MessageEditsTests
{
    private static readonly HostQuirks Plain = new();

    [Theory]
    [InlineData(
        """{"reasoning_details":[{"type":"reasoning.encrypted", "data":"mercato:1:s:host::d"}]}""",
        """{"reasoning_details":[{"type":"reasoning.encrypted", "data":"d"}]}""")]
    [InlineData(
        """{"reasoning_details":[{"type":"reasoning.text","text":"t","signature":"mercato:1:s:host::{\"type\":\"reasoning.text\",\"format\":\"f\"}"}]}""",
        """{"reasoning_details":[{"type":"reasoning.text","format":"f","text":"t"}]}""")]
    [InlineData(
        """{"reasoning_details":[{"data":"mercato:1:s:other::d"},{"type":"reasoning.text","text":"kept"}]}""",
        """{"reasoning_details":[{"type":"reasoning.text","text":"kept"}]}""")]
    [InlineData("""{"reasoning_details":[{"data":"mercato:1:r:other::d"}],"name":"n"}""", """{"name":"n"}""")]
    [InlineData(
        """{"tool_calls":[{"id":"a", "extra_content":{"google":{"thought_signature":"mercato:1:s:host::g"}}}]}""",
        """{"tool_calls":[{"id":"a", "extra_content":{"google":{"thought_signature":"g"}}}]}""")]
    [InlineData(
        """{"tool_calls":[{"id":"a", "extra_content":{"google":{"thought_signature":"mercato:1:s:other::g"}}}]}""",
        """{"tool_calls":[{"id":"a"}]}""")]
    [InlineData(
        """{"content":[{"type":"thinking","thinking":"t","signature":"mercato:1:s:other::s"},{"type":"text","text":"x"}]}""",
        """{"content":[{"type":"text","text":"x"}]}""")]
    [InlineData(
        """{"content":[{"type":"redacted_thinking","data":"mercato:1:r:other::s"}]}""", """{"content":""}""")]
    [InlineData(
        """{"content":"what is mercato:1:s:other::d?"}""", """{"content":"what is mercato:1:s:other::d?"}""")]
    [InlineData(
        """{"reasoning_details":[{"type":"reasoning.encrypted","data":"bare"}]}""",
        """{"reasoning_details":[{"type":"reasoning.encrypted","data":"bare"}]}""")]
    public void Seal_isUnwrappedForItsMinterAndTakenFromOthers(string message, string expected)
    {
        // The first message keeps every byte, and so does what surrounds them.
        const string Head = """{"model":"m", "messages":[{ "role":"user","content":"mercato\u003a" },""";

        Edit($$"""{{Head}} {{message}}], "seed":1.0}""", Plain).ShouldBe(
            $$"""{{Head}}{{(message == expected ? " " : "")}}{{expected}}], "seed":1.0}""");
    }

    // Bug class 10.
    [Fact]
    public void HostWithShortIds_getsThemInCallAndResult()
    {
        const string Body =
            """{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"call_long","function":{}},{"id":"abcDEF123"}]},{"role":"tool","tool_call_id":"call_long"}]}""";
        Edit(Body, Plain).ShouldBe(Body);

        var messages = JsonElement.Parse(Edit(Body, Plain with { HasNineCharCallIds = true })).GetProperty("messages");

        var id = messages[0].GetProperty("tool_calls")[0].GetProperty("id").GetString()!;
        id.ShouldMatch("^[a-zA-Z0-9]{9}$");
        messages[0].GetProperty("tool_calls")[1].GetProperty("id").GetString().ShouldBe("abcDEF123");
        messages[1].GetProperty("tool_call_id").GetString().ShouldBe(id);
    }

    private static string Edit(string body, HostQuirks quirks)
    {
        IClientDialect dialect = OpenAiChatDialect.Instance;
        var facts = dialect.ReadRequest(Encoding.UTF8.GetBytes(body)).Facts.ShouldNotBeNull();
        return Encoding.UTF8.GetString(
            dialect.EditRequest(facts, new RequestEdits("m", quirks, null, true, "host")).Body.Span);
    }
}
