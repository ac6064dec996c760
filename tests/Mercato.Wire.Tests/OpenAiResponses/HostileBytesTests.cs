using System.Buffers;
using System.Text;
using CsCheck;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiResponses;

namespace Mercato.Wire.Tests.OpenAiResponses;

/// <summary>Whatever bytes come, reading them ends in a value and never in an exception.</summary>
public sealed class HostileBytesTests
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes("""
        {"model":"m","stream":true,"instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"h\u00e9"},
         {"type":"input_image","image_url":"data:image/png;base64,AAAA"},{"type":"input_file","file_data":"JVBERi0="}]},
         {"type":"reasoning","summary":[{"text":"s"}],"encrypted_content":"mercato:1:s:p:i:v"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
         {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"o"}]},{"type":"item_reference","id":"x"}],
         "tools":[{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]},{"type":"custom","name":"p","format":{"definition":"d"}}],
         "tool_choice":{"type":"allowed_tools","tools":[{"name":"f","namespace":"n"}]},"text":{"format":{"type":"json_schema","schema":{}}},"reasoning":{"effort":"low"}}
        """);

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes("""
        {"type":"response.completed","output_index":0,"delta":"d","item":{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
         "response":{"id":"r","error":null},"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a\ud83d\ude42","annotations":[{"url":"u"}]}]},
         {"type":"reasoning","summary":[{"text":"t"}],"encrypted_content":"e"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"web_search_call","action":{"type":"search"}}],
         "usage":{"input_tokens":5,"input_tokens_details":{"cached_tokens":1}},"incomplete_details":{"reason":"x"}}
        """);

    private static readonly Gen<byte[]> Scraps = Gen.OneOf(
        "\""u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), ","u8.ToArray(), "\\ud83d"u8.ToArray(),
        "\\"u8.ToArray(), "null"u8.ToArray(), "-1e999"u8.ToArray(), [0xFF], [0xC3], [0], ":"u8.ToArray(),
        "\"\\ud83d\":1,"u8.ToArray());

    private static readonly string[] Types =
    [
        "response.created", "response.output_item.added", "response.output_item.done", "response.output_text.delta", "response.output_text.done",
        "response.reasoning_summary_text.delta", "response.function_call_arguments.delta", "response.output_text.annotation.added", "response.completed", "response.failed", "error",
    ];

    [Fact]
    public void BrokenRequests_areReadOrRefused() =>
        Broken(Request).Sample(body =>
        {
            if (Wire.Client.ReadRequest(body).Facts is not { } facts)
            {
                return;
            }

            OpenAiResponsesDialect.ListReferences(facts.Members);
            OpenAiResponsesDialect.InsertItems(facts.Members, [], new Dictionary<string, KeptItem>());
            OpenAiResponsesDialect.WriteOutConversation(facts.Members, []).ShouldNotBeNull();
            OpenAiResponsesDialect.NameConversation("{}"u8.ToArray(), facts.Members);
            Wire.Client.EditRequest(facts, new RequestEdits("h", new HostQuirks(), 5, true, "p"));
            if (Wire.Client.ReadChat(facts).Chat is { } chat)
            {
                JsonMembers.Read(Wire.Upstream.WriteRequest(chat, Wire.Host()).Body).ShouldNotBeNull();
            }
        }, iter: 5_000);

    [Fact]
    public void BrokenAnswers_endInAValue() =>
        Broken(Answer).Sample(body =>
        {
            var deltas = Wire.Upstream.ReadAnswer(body, "p");
            var written = Wire.Client.WriteAnswer(Wire.Head, ChatAnswer.Of(deltas), new Usage(), Wire.Paid);
            JsonMembers.Read(written).ShouldNotBeNull();
            OpenAiResponsesDialect.ListOutput(body);
        }, iter: 5_000);

    [Fact]
    public void BrokenEvents_endInAValue() =>
        Gen.Select(Broken(Answer), Gen.Int[0, Types.Length - 1].Select(index => Types[index])).Sample((body, type) =>
        {
            var data = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("response.completed", type, StringComparison.Ordinal));
            var frame = new EventFrame(data, default, data, true, true);
            var deltas = new List<ChatDelta>();
            Wire.Upstream.ReadStream("p").Read(frame, deltas);
            var output = new ArrayBufferWriter<byte>();
            var writer = Wire.Client.WriteStream(Wire.Head);
            foreach (var delta in deltas)
            {
                writer.Write(delta, output);
            }

            var relay = Wire.Client.RelayStream(Wire.Head, showsUsage: true);
            relay.Take(frame, new Received(), output);
            relay.Finish(new AnswerEnding(null, new Usage(), Wire.Paid, true), output);
        }, iter: 10_000);

    [Fact]
    public void NestingOver64Levels_isRefused() =>
        Wire.Read("{\"model\":\"m\",\"input\":\"x\",\"metadata\":" + new string('[', 70) + new string(']', 70) + "}")
            .Refusal.ShouldNotBeNull().Code.ShouldBe("invalid_json");

    [Theory]
    [InlineData("""{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"\ud83d"}],"x":{"n":"\ud83d"}}]}""")]
    [InlineData("""{"model":"m","input":[{"type":"x_call","v":"\ud83d"},{"type":"item_reference","id":"\ud83d"}]}""")]
    public void HalfASurrogatePair_isText(string body)
    {
        var facts = Wire.Read(body).Facts.ShouldNotBeNull();
        OpenAiResponsesDialect.InsertItems(facts.Members, [], new Dictionary<string, KeptItem>()).ShouldNotBeEmpty();
    }

    private static Gen<byte[]> Broken(byte[] whole) =>
        Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, 40], Scraps, (at, length, scrap) =>
            (byte[])[.. whole[..at], .. scrap, .. whole[Math.Min(whole.Length, at + length)..]]);
}
