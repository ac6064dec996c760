using System.Text;

namespace Mercato.Wire.Tests.Robustness;

/// <summary>Large inputs of every shape that has ever made a parser slow.</summary>
internal static class Shapes
{
    private const string Escapes = "\\u00e9\\n\\\"\\ud83d\\ude42";

    /// <summary>Streams by the name of their shape; each takes the number of bytes.</summary>
    public static Dictionary<string, Func<Dialect, int, byte[]>> Streams { get; } = new()
    {
        ["one line"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Text.With(new string('x', bytes))),
        ["small events"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Text.With("x").Many(dialect, bytes)),
        ["nesting"] = (dialect, bytes) => Stream(dialect, new string('[', bytes)),
        ["nested objects"] = (dialect, bytes) => Stream(dialect, "{\"choices\":".Times(bytes)),
        ["escapes"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Text.With(Escapes.Times(bytes))),
        ["one comment"] = (dialect, bytes) => Stream(dialect, "", ": " + new string('x', bytes)),
        ["lines of comment"] = (dialect, bytes) => Stream(dialect, "", ": x\n".Times(bytes)),
        ["blank lines"] = (dialect, bytes) => Stream(dialect, "", "\r\n".Times(bytes)),
        ["lines of data"] = (dialect, bytes) => Stream(dialect, "[" + "1,\ndata: ".Times(bytes) + "1]"),
        ["members"] = (dialect, bytes) => Stream(dialect,
            "{" + Telling.Repeat("\"mN\":{\"a\":N}", bytes, ",") + "," + Telling.Of(dialect).Text.With("x")[1..]),
        ["equal members"] = (dialect, bytes) => Stream(dialect,
            "{" + "\"delta\":{\"a\":1},".Times(bytes) + Telling.Of(dialect).Text.With("x")[1..]),
        ["citations"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Text.With("x") + Between(dialect)
            + (Telling.Of(dialect).Citation ?? Telling.Of(dialect).Text.With("x")).Many(dialect, bytes)),
        ["calls"] = (dialect, bytes) => Stream(dialect, Telling.Repeat(Telling.Of(dialect).Call, bytes, Between(dialect))),
        ["pieces of arguments"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Call.Numbered()
            + Between(dialect) + (Telling.Of(dialect).Arguments ?? Telling.Of(dialect).Text).Numbered().With("1").Many(dialect, bytes)),
        ["nested arguments"] = (dialect, bytes) => Stream(dialect, Telling.Of(dialect).Call.Numbered()
            + Between(dialect) + (Telling.Of(dialect).Arguments ?? Telling.Of(dialect).Text).Numbered().With(new string('[', bytes))),
    };

    /// <summary>Whole answers.</summary>
    public static Dictionary<string, Func<Dialect, int, byte[]>> Answers { get; } = new()
    {
        ["one text"] = (dialect, bytes) => Bytes(Telling.Of(dialect).WholeText(new string('x', bytes))),
        ["escapes"] = (dialect, bytes) => Bytes(Telling.Of(dialect).WholeText(Escapes.Times(bytes))),
        ["nesting"] = (_, bytes) => Bytes(new string('[', bytes)),
        ["nested objects"] = (_, bytes) => Bytes("{\"message\":".Times(bytes)),
        ["blanks"] = (dialect, bytes) => Bytes(new string(' ', bytes) + Telling.Of(dialect).WholeText("x")),
        ["members"] = (dialect, bytes) => Bytes(
            "{" + Telling.Repeat("\"mN\":{\"a\":N}", bytes, ",") + "," + Telling.Of(dialect).WholeText("x")[1..]),
        ["calls"] = (dialect, bytes) => Bytes(Telling.Of(dialect).WholeCalls(
            Telling.Repeat(Telling.Of(dialect).CallPart.With("{}"), bytes, ","))),
        ["nested arguments"] = (dialect, bytes) => Bytes(Telling.Of(dialect).WholeCalls(
            Telling.Of(dialect).CallPart.Numbered().With(new string('[', bytes)))),
        ["no JSON"] = (_, bytes) => Bytes("<html>".Times(bytes)),
    };

    private static byte[] Stream(Dialect dialect, string data, string before = "")
    {
        var isLines = WireFormats.Upstream(dialect).StreamsLines;
        var start = isLines ? "" : "data: ";
        var end = Telling.Of(dialect).End;
        var first = before.Length == 0 ? "" : before + (isLines ? "\n" : "\n\n");
        var second = data.Length == 0 ? "" : start + data + (isLines ? "\n" : "\n\n");
        return Bytes(first + second + start + end + (isLines ? "\n" : "\n\n"));
    }

    private static string Between(Dialect dialect) => WireFormats.Upstream(dialect).StreamsLines ? "\n" : "\n\ndata: ";

    private static string Many(this string data, Dialect dialect, int bytes) => Telling.Repeat(data, bytes, Between(dialect));

    private static string With(this string template, string text) => template.Replace("X", text, StringComparison.Ordinal);

    private static string Numbered(this string template) => template.Replace("N", "0", StringComparison.Ordinal);

    private static string Times(this string text, int bytes) =>
        new StringBuilder(bytes + text.Length).Insert(0, text, 1 + (bytes / text.Length)).ToString();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
