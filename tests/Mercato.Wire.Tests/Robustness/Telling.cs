using System.Globalization;
using System.Text;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>
/// How hosts of one dialect tell the pieces of an answer, to build very large ones. In the pieces X stands for the
/// inside of a JSON string, N for a number.
/// </summary>
/// <param name="Text">An event with text.</param>
/// <param name="Call">An event that begins the call N.</param>
/// <param name="Arguments">An event with arguments of the call N; null where they come whole.</param>
/// <param name="End">The events that end the answer.</param>
/// <param name="Whole">A whole answer around P, its parts.</param>
/// <param name="TextPart">A part of a whole answer.</param>
/// <param name="CallPart">A call N in a whole answer, with arguments X.</param>
internal sealed record Telling(
    string Text, string Call, string? Arguments, string End, string Whole, string TextPart, string CallPart)
{
    private static readonly Dictionary<Dialect, Telling> All = new()
    {
        [Dialect.OpenAiChat] = new(
            """{"choices":[{"index":0,"delta":{"content":"X"}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":N,"id":"call_N","type":"function","function":{"name":"f","arguments":""}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":N,"function":{"arguments":"X"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""",
            """{"choices":[{"index":0,"message":{"role":"assistant",P},"finish_reason":"stop"}]}""",
            "\"content\":\"X\"",
            """{"id":"call_N","type":"function","function":{"name":"f","arguments":"X"}}""")
        {
            Citation =
                """{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":0,"end_index":1}}]}}]}""",
        },
        [Dialect.OpenAiResponses] = new(
            """{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"X"}""",
            """{"type":"response.output_item.added","output_index":N,"item":{"id":"fc_N","type":"function_call","call_id":"call_N","name":"f","arguments":""}}""",
            """{"type":"response.function_call_arguments.delta","item_id":"fc_N","output_index":N,"delta":"X"}""",
            """{"type":"response.completed","response":{"id":"r","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"id":"r","status":"completed","output":[P]}""",
            """{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"X"}]}""",
            """{"type":"function_call","id":"fc_N","call_id":"call_N","name":"f","arguments":"X"}""")
        {
            Citation =
                """{"type":"response.output_text.annotation.added","item_id":"m","output_index":0,"content_index":0,"annotation":{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":1}}""",
        },
        [Dialect.Anthropic] = new(
            """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"X"}}""",
            """{"type":"content_block_start","index":N,"content_block":{"type":"tool_use","id":"toolu_N","name":"f","input":{}}}""",
            """{"type":"content_block_delta","index":N,"delta":{"type":"input_json_delta","partial_json":"X"}}""",
            """{"type":"message_stop"}""",
            """{"id":"m","type":"message","role":"assistant","content":[P],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}""",
            """{"type":"text","text":"X"}""",
            """{"type":"tool_use","id":"toolu_N","name":"f","input":{"a":"X"}}""")
        {
            Citation =
                """{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"u","title":"t","cited_text":"c"}}}""",
        },
        [Dialect.Gemini] = new(
            """{"candidates":[{"content":{"parts":[{"text":"X"}]}}]}""",
            """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","id":"N","args":{}}}]}}]}""",
            null,
            """{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}""",
            """{"candidates":[{"content":{"parts":[P]},"finishReason":"STOP"}]}""",
            """{"text":"X"}""",
            """{"functionCall":{"name":"f","id":"N","args":{"a":"X"}}}"""),
        [Dialect.Cohere] = new(
            """{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"X"}}}}""",
            """{"type":"tool-call-start","index":N,"delta":{"message":{"tool_calls":{"id":"c_N","type":"function","function":{"name":"f","arguments":""}}}}}""",
            """{"type":"tool-call-delta","index":N,"delta":{"message":{"tool_calls":{"function":{"arguments":"X"}}}}}""",
            """{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}""",
            """{"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant",P}}""",
            """
            "content":[{"type":"text","text":"X"}]
            """,
            """{"id":"c_N","type":"function","function":{"name":"f","arguments":"X"}}"""),
        [Dialect.Ollama] = new(
            """{"message":{"content":"X"},"done":false}""",
            """{"message":{"content":"","tool_calls":[{"id":"c_N","function":{"name":"f","arguments":{}}}]},"done":false}""",
            null,
            """{"message":{"content":""},"done":true,"done_reason":"stop"}""",
            """{"message":{"role":"assistant",P},"done":true,"done_reason":"stop"}""",
            "\"content\":\"X\"",
            """{"id":"c_N","function":{"name":"f","arguments":{"a":"X"}}}"""),
    };

    /// <summary>An event with a citation; null where they come whole.</summary>
    public string? Citation { get; init; }

    public static Telling Of(Dialect dialect) => All[dialect];

    /// <summary>A call's arguments that never end, as a piece of a whole answer.</summary>
    public string WholeText(string text) => Whole.Replace("P", TextPart, StringComparison.Ordinal).Replace("X", text, StringComparison.Ordinal);

    /// <summary>A whole answer of these calls.</summary>
    public string WholeCalls(string calls) => Whole.Replace(
        "P", TextPart.Contains("\"content\":", StringComparison.Ordinal) && !TextPart.StartsWith('{')
            ? "\"tool_calls\":[" + calls + "]" : calls, StringComparison.Ordinal);

    /// <summary>The template with other numbers again and again, until there are about so many bytes.</summary>
    public static string Repeat(string template, int bytes, string between)
    {
        var text = new StringBuilder(bytes + template.Length);
        for (var number = 0; text.Length < bytes; number++)
        {
            text.Append(number == 0 ? "" : between)
                .Append(template.Replace("N", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        return text.ToString();
    }
}
