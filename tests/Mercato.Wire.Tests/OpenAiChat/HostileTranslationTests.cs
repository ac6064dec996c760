using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Mercato.Wire;
using Mercato.Wire.Dialects.OpenAiChat;

namespace Mercato.Wire.Tests.OpenAiChat;

/// <summary>Whatever bytes come, their translation ends in a value, and what it writes is JSON.</summary>
public sealed class HostileTranslationTests
{
    private static readonly byte[] Request = Encoding.UTF8.GetBytes("""
        {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"h\u00e9","cache_control":{"ttl":"1h"}},
         {"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"file","file":{"file_data":"AA"}}]},
         {"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"a",
         "signature":"mercato:1:s:host::s"}],"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\"b\":1}"},
         "extra_content":{"google":{"thought_signature":"mercato:1:s:host::g"}}}]},
         {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"r"}]}],
         "tools":[{"type":"function","function":{"name":"f","parameters":{"a":1.0}}},{"type":"custom","custom":{"name":"g"}}],
         "tool_choice":{"type":"function","function":{"name":"f"}},"stop":["a"],"temperature":1.0,"reasoning_effort":"low",
         "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1}}}}
        """);

    private static readonly byte[] Answer = Encoding.UTF8.GetBytes("""
        {"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"}],
         "reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"a\ud83d","signature":"s","index":0}],
         "annotations":[{"url":"u"}],"images":[{"image_url":{"url":"u"}}],"audio":{"id":"a"},"refusal":"n","tool_calls":[
         {"index":0,"id":"a","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]},
         "finish_reason":"stop"}],"usage":{"prompt_tokens":5}}
        """);

    private static readonly Gen<byte[]> Scraps = Gen.OneOf(
        "\""u8.ToArray(), "{}"u8.ToArray(), "[]"u8.ToArray(), ","u8.ToArray(), "\\ud83d"u8.ToArray(), "\\"u8.ToArray(),
        "null"u8.ToArray(), "5"u8.ToArray(), "\"\""u8.ToArray(), [0xFF], [0xC3], "\"\\ud83d\":1,"u8.ToArray(),
        "mercato:1:"u8.ToArray());

    [Fact]
    public void MutatedRequest_isTranslatedOrRefused()
    {
        Mutations(Request).Sample(
            body =>
            {
                if (OpenAiChatDialect.ReadRequest(body).Facts is not { } facts)
                {
                    return;
                }

                var reading = OpenAiChatDialect.Instance.ReadChat(facts);
                (reading.Chat is null).ShouldNotBe(reading.Refusal is null);
                var quirks = new HostQuirks(HasNineCharCallIds: true, AcceptsCustomTools: true);
                JsonElement.Parse(OpenAiChatDialect.WriteRequest(facts, new("m", quirks, null, true, "host")).Body.Span);
                if (reading.Chat is { } chat)
                {
                    var sent = OpenAiChatDialect.Instance.WriteRequest(chat, new HostTarget("host", "m", quirks));
                    OpenAiChatDialect.ReadRequest(sent.Body).Refusal?.Param.ShouldBe("messages");
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void MutatedAnswer_isTranslatedOrAnError()
    {
        var head = new AnswerHead("gen-1", "m", 1);
        Mutations(Answer).Sample(
            body =>
            {
                var whole = OpenAiChatDialect.Instance.ReadAnswer(body, "host");
                var answer = OpenAiChatDialect.Instance.WriteAnswer(head, ChatAnswer.Of(whole), new Usage(), null);
                JsonElement.Parse(answer).GetProperty("choices").GetArrayLength().ShouldBe(1);

                var deltas = new List<ChatDelta>();
                var frame = new EventFrame(default, default, body, true, true);
                OpenAiChatDialect.Instance.ReadStream("host").Read(frame, deltas);
                var output = new ArrayBufferWriter<byte>();
                var stream = OpenAiChatDialect.Instance.WriteStream(head);
                foreach (var delta in deltas)
                {
                    stream.Write(delta, output);
                }

                stream.Finish(new AnswerEnding(null, new Usage(), null, true), output);
                foreach (var line in Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n")[..^2])
                {
                    JsonElement.Parse(line["data: ".Length..].Replace("\ndata: ", "\n"));
                }
            },
            iter: 20_000);
    }

    private static Gen<byte[]> Mutations(byte[] valid) =>
        from at in Gen.Int[0, valid.Length]
        from cut in Gen.Int[0, 6]
        from scrap in Scraps
        select (byte[])[.. valid[..at], .. scrap, .. valid[Math.Min(valid.Length, at + cut)..]];
}
