using System.Buffers;
using System.Text;
using CsCheck;
using Mercato.Wire;

namespace Mercato.Wire.Tests.Anthropic;

/// <summary>Nothing that anybody sends makes a reader throw.</summary>
public sealed class HostileBytesTests
{
    private static readonly string[] Seeds =
    [
        Wire.Body("\"system\":[{\"type\":\"text\",\"text\":\"A\"}],\"tools\":[{\"name\":\"ls\",\"input_schema\":{}}],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2048}"),
        """{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a","signature":"mercato:1:s:other::x"},{"type":"tool_use","id":"t","name":"n","input":{}}]}]}""",
        """{"type":"message","content":[{"type":"thinking","thinking":"a","signature":"b"},{"type":"tool_use","id":"t","name":"n","input":{"a":[1]}}],"usage":{"input_tokens":1,"iterations":[{"type":"compaction"}]}}""",
        """{"type":"message_start","message":{"usage":{"cache_creation":{"ephemeral_5m_input_tokens":1}}}}""",
        """{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","input":{}}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":\ud800"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}""",
        """{"type":"error","error":{"type":"api_error","message":"no"}}""",
    ];

    private static readonly string[] Splinters =
        ["null", "{}", "[]", "\"\\ud800\"", "-1", "1e999", "\"", "}", "{\"\\udfff\":1}", "[[[[", ",", "\u00ff", "5"];

    /// <summary>A seed with a splinter in place of some of its bytes.</summary>
    private static readonly Gen<byte[]> Bodies =
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Gen.Double[0, 1], Gen.Int[0, 30], Gen.Int[0, Splinters.Length - 1],
            (seed, place, length, splinter) =>
            {
                var bytes = Encoding.UTF8.GetBytes(Seeds[seed]);
                var start = (int)(place * bytes.Length);
                var end = Math.Min(start + length, bytes.Length);
                return (byte[])[.. bytes[..start], .. Encoding.Latin1.GetBytes(Splinters[splinter]), .. bytes[end..]];
            });

    [Fact]
    public void Requests_areReadOrRefused() => Bodies.Sample(
        body =>
        {
            var reading = Wire.Client.ReadRequest(body);
            if (reading.Facts is { } facts)
            {
                Wire.Upstream.WriteRequest(Wire.Client.ReadChat(facts).Chat!, Wire.Host()).Body.IsEmpty.ShouldBeFalse();
                Wire.Client.EditRequest(facts, new RequestEdits("m", new HostQuirks(), 50, true, "host")).Body.IsEmpty
                    .ShouldBeFalse();
            }

            return (reading.Facts is null) != (reading.Refusal is null);
        },
        iter: 3000);

    [Fact]
    public void Answers_areReadOrErrors() => Bodies.Sample(
        body =>
        {
            var deltas = Wire.Upstream.ReadAnswer(body, "host");
            Wire.Client.WriteAnswer(Wire.Head, ChatAnswer.Of(deltas), new Usage(), null);
            return deltas.Count > 0;
        },
        iter: 3000);

    [Fact]
    public void Streams_areReadToTheirEnd() => Bodies.Array[1, 6].Sample(
        bodies =>
        {
            var stream = Encoding.Latin1.GetString([.. bodies.SelectMany(body => (byte[])[.. "data: "u8, .. body, .. "\n\n"u8])]);
            var relay = new StreamTranslation(Wire.Upstream.ReadStream("host"), Wire.Client.WriteStream(Wire.Head));
            var (received, output) = (new Received(), new ArrayBufferWriter<byte>());
            foreach (var frame in Wire.Frames(stream))
            {
                relay.Take(frame, received, output);
            }

            relay.Finish(new AnswerEnding(received.Finish, received.Usage ?? new Usage(), null, true), output);
            Wire.Relay(stream);
            return Wire.Text(output.WrittenMemory).EndsWith("{\"type\":\"message_stop\"}\n\n", StringComparison.Ordinal);
        },
        iter: 2000);
}
