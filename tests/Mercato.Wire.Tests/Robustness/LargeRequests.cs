using System.Text;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>Large requests of callers. In the pieces X stands for the inside of a string, N for a number.</summary>
internal static class LargeRequests
{
    private const string Escapes = "\\u00e9\\n\\\"\\ud83d\\ude42";

    /// <summary>By the name of their shape; each takes the number of bytes.</summary>
    public static Dictionary<string, Func<Dialect, int, byte[]>> Shapes { get; } = new()
    {
        ["one text"] = (dialect, bytes) => Body(dialect, Said(dialect, new string('x', bytes))),
        ["escapes"] = (dialect, bytes) => Body(dialect, Said(dialect, Repeat(Escapes, bytes))),
        ["turns"] = (dialect, bytes) => Body(dialect, Telling.Repeat(Said(dialect, "Hello"), bytes, ",")),
        ["calls and results"] = (dialect, bytes) => Body(dialect, Telling.Repeat(Used(dialect), bytes, ",")),
        ["calls, then results"] = (dialect, bytes) => Body(dialect,
            Telling.Repeat(Calls(dialect), bytes / 2, ",") + "," + Telling.Repeat(Results(dialect), bytes / 2, ",")),
        ["calls of one id"] = (dialect, bytes) => Body(
            dialect, Repeat(Used(dialect).Replace("_N", "") + ",", bytes) + Said(dialect, "Hi")),
        ["nested arguments"] = (dialect, bytes) => Body(
            dialect, Used(dialect).Replace("N", "0").Replace("{}", new string('[', bytes), StringComparison.Ordinal)),
        ["tools"] = (dialect, bytes) => Body(dialect, Said(dialect, "Hi"), $",\"tools\":[{Telling.Repeat(Tool(dialect), bytes, ",")}]"),
        ["members of a schema"] = (dialect, bytes) => Body(dialect, Said(dialect, "Hi"), ",\"tools\":["
            + Tool(dialect).Replace("N", "0").Replace("{}", "{\"type\":\"object\",\"properties\":{"
                + Telling.Repeat("\"pN\":{\"type\":\"string\"}", bytes, ",") + "}}", StringComparison.Ordinal) + "]"),
        ["members"] = (dialect, bytes) => Body(dialect, Said(dialect, "Hi"), "," + Telling.Repeat("\"mN\":N", bytes, ",")),
        ["equal members"] = (dialect, bytes) => Body(dialect, Said(dialect, "Hi"), Repeat(",\"m\":0", bytes)),
        ["nesting"] = (_, bytes) => Encoding.UTF8.GetBytes(new string('[', bytes)),
        ["blanks"] = (dialect, bytes) => Body(dialect, Said(dialect, "Hi"), new string(' ', bytes)),
    };

    private static string Said(Dialect dialect, string text) => dialect == Dialect.OpenAiResponses
        ? $$"""{"role":"user","content":[{"type":"input_text","text":"{{text}}"}]}"""
        : $$"""{"role":"user","content":[{"type":"text","text":"{{text}}"}]}""";

    private static string Used(Dialect dialect) => Calls(dialect) + "," + Results(dialect);

    private static string Calls(Dialect dialect) => dialect switch
    {
        Dialect.OpenAiChat =>
            """{"role":"assistant","tool_calls":[{"id":"call_N","type":"function","function":{"name":"f","arguments":"{}"}}]}""",
        Dialect.OpenAiResponses => """{"type":"function_call","call_id":"call_N","name":"f","arguments":"{}"}""",
        _ => """{"role":"assistant","content":[{"type":"tool_use","id":"toolu_N","name":"f","input":{}}]}""",
    };

    private static string Results(Dialect dialect) => dialect switch
    {
        Dialect.OpenAiChat => """{"role":"tool","tool_call_id":"call_N","content":"r"}""",
        Dialect.OpenAiResponses => """{"type":"function_call_output","call_id":"call_N","output":"r"}""",
        _ => """{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_N","content":"r"}]}""",
    };

    private static string Tool(Dialect dialect) => dialect switch
    {
        Dialect.OpenAiChat => """{"type":"function","function":{"name":"fN","parameters":{}}}""",
        Dialect.OpenAiResponses => """{"type":"function","name":"fN","parameters":{}}""",
        _ => """{"name":"fN","input_schema":{}}""",
    };

    private static byte[] Body(Dialect dialect, string turns, string members = "") => Encoding.UTF8.GetBytes(dialect switch
    {
        Dialect.OpenAiChat => $"{{\"model\":\"m\",\"messages\":[{turns}]{members}}}",
        Dialect.OpenAiResponses => $"{{\"model\":\"m\",\"input\":[{turns}]{members}}}",
        _ => $"{{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{turns}]{members}}}",
    });

    private static string Repeat(string text, int bytes) =>
        new StringBuilder(bytes + text.Length).Insert(0, text, 1 + (bytes / text.Length)).ToString();
}
