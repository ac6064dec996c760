using System.Text;
using System.Text.Json;
using CsCheck;
using Mercato.Wire.Dialects.Cohere;
using Mercato.Wire.Dialects.Gemini;
using Mercato.Wire.Dialects.Ollama;

namespace Mercato.Wire.Tests;

/// <summary>Whatever bytes a host sends, reading them ends in steps of an answer and never in an exception.</summary>
public sealed class HostileUpstreamTests
{
    private static readonly (IUpstreamDialect Dialect, byte[] Answer)[] Hosts =
    [
        (GeminiDialect.Instance, Encoding.UTF8.GetBytes(
            """{"candidates":[{"content":{"parts":[{"text":"a\ud83d\ude42","thought":true,"thoughtSignature":"s"},{"functionCall":{"name":"f","id":"i","args":{"a":[1,"b"]},"willContinue":true,"partialArgs":[{"jsonPath":"$.a[0]['b']","stringValue":"c","numberValue":1}]}},{"inlineData":{"data":"x"}}]},"finishReason":"STOP","index":0,"groundingMetadata":{}}],"promptFeedback":{"blockReason":"x"},"usageMetadata":{"promptTokenCount":5,"cachedContentTokenCount":1,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1}]},"responseId":"r","modelVersion":"m"}""")),
        (CohereDialect.Instance, Encoding.UTF8.GetBytes(
            """{"type":"tool-call-start","index":0,"id":"c","message":{"tool_plan":"p","content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"b"}],"tool_calls":[{"id":"i","function":{"name":"f","arguments":"{}"}}],"citations":[{}]},"delta":{"message":{"content":{"text":"a"},"tool_plan":"p","tool_calls":{"id":"i","function":{"name":"f","arguments":"{}"}},"citations":{}},"finish_reason":"COMPLETE","usage":{}},"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5},"tokens":{"input_tokens":6,"reasoning_tokens":1}}}""")),
        (OllamaDialect.Instance, Encoding.UTF8.GetBytes(
            """{"model":"m","message":{"content":"a","thinking":"b","tool_calls":[{"id":"i","function":{"name":"f","arguments":{"a":1}}}]},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":6}""")),
    ];

    private static readonly Gen<byte[]> Scraps = Gen.OneOf(
        "\""u8.ToArray(), "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), ","u8.ToArray(), "\\ud83d"u8.ToArray(),
        "\\"u8.ToArray(), "null"u8.ToArray(), "-1e999"u8.ToArray(), [0xFF], [0xC3], [0], ":"u8.ToArray(),
        "\"\\ud83d\":1,"u8.ToArray(), "\n\ndata: "u8.ToArray());

    [Fact]
    public void DamagedAnswers_areNoException() =>
        Gen.Select(Gen.Int[0, Hosts.Length - 1], Gen.Int[0, 2_000], Gen.Int[0, 40], Scraps).Sample((host, at, cut, scrap) =>
        {
            var (dialect, answer) = Hosts[host];
            var place = at % answer.Length;
            var end = Math.Min(answer.Length, place + cut);
            byte[] damaged = [.. answer[..place], .. scrap, .. answer[end..]];
            ReadAll(dialect, damaged);
        }, iter: 5_000);

    [Fact]
    public void ValuesOfOtherTypes_areNoException()
    {
        string[] values = ["null", "1", "\"x\"", "[]", "[1]", "{}", "true", "[[]]", "[null]", "\"\\udc00\""];
        foreach (var (dialect, answer) in Hosts)
        {
            var text = Encoding.UTF8.GetString(answer);
            foreach (var member in new JsonPaths(text).Values)
            {
                foreach (var value in values)
                {
                    ReadAll(dialect, Encoding.UTF8.GetBytes(text[..member.Start] + value + text[member.End..]));
                }
            }
        }
    }

    [Fact]
    public void NestingWithoutEnd_isNoException()
    {
        foreach (var (dialect, _) in Hosts)
        {
            ReadAll(dialect, Encoding.UTF8.GetBytes(new string('[', 5_000)));
            ReadAll(dialect, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"message\":", 100))));
        }
    }

    private static void ReadAll(IUpstreamDialect dialect, byte[] body)
    {
        var answer = dialect.ReadAnswer(body, "p");
        answer.ShouldNotBeEmpty();
        Use(answer);
        using var reader = dialect.StreamsLines ? EventStreamReader.ForLines() : EventStreamReader.ForEvents();
        reader.Push(dialect.StreamsLines ? body : [.. "data: "u8, .. body, .. "\n\n"u8, .. body]);
        reader.Complete();
        var stream = dialect.ReadStream("p");
        var deltas = new List<ChatDelta>();
        while (reader.TryRead(out var frame))
        {
            stream.Read(frame, deltas);
        }

        Use(deltas);
    }

    // What was read must not throw later either.
    private static void Use(IReadOnlyList<ChatDelta> deltas)
    {
        var received = new Received();
        foreach (var delta in deltas)
        {
            received.Take(delta);
        }

        ChatAnswer.Of(deltas).Finish.ShouldNotBeNull();
    }

    /// <summary>Where the values of a JSON text stand.</summary>
    private sealed class JsonPaths
    {
        public List<(int Start, int End)> Values { get; } = [];

        public JsonPaths(string ascii)
        {
            var bytes = Encoding.UTF8.GetBytes(ascii);
            var reader = new Utf8JsonReader(bytes);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName
                    or JsonTokenType.EndArray or JsonTokenType.EndObject)
                {
                    continue;
                }

                var inner = reader;
                inner.Skip();
                Values.Add(((int)reader.TokenStartIndex, (int)inner.BytesConsumed));
            }
        }
    }
}
