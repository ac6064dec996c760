using System.Text.Json;

namespace Mercato.Fake;

/// <summary>Where the fake's words come from.</summary>
internal static class Wording
{
    // Words that common tokenizers count as one token each when a space stands before them.
    private static readonly string[] Plain =
        ("the sun rose over a small market town and people came with bread fruit wine cloth books tools lamps boats " +
         "songs news from every road while children ran between tables full of good things").Split(' ');

    private static readonly string[] Wide = "市場 grüße пример δοκιμή 値段 größe добрый 言語モデル".Split(' ');

    public static IEnumerable<string> Endless(Turn turn)
    {
        var words = turn.Has("wide") || turn.Has("split-utf8") ? Wide : Plain;
        for (var i = 0; ; i++)
        {
            var word = words[i % words.Length];
            yield return i > 0 ? " " + word : turn.Has("nul") ? word + "\0" : word;
        }
    }

    /// <summary>The smallest JSON text that a usual JSON Schema accepts.</summary>
    public static string Example(JsonElement? schema)
    {
        if (schema is not { ValueKind: JsonValueKind.Object } given)
        {
            return "{}";
        }

        if (given.TryGetProperty("enum", out var choices) && choices.GetArrayLength() > 0)
        {
            return choices[0].GetRawText();
        }

        return (given.Find("type") is { ValueKind: JsonValueKind.String } type ? type.GetString()!.ToLowerInvariant() : null) switch
        {
            "string" => "\"alpha\"",
            "integer" => "7",
            "number" => "1.5",
            "boolean" => "true",
            "array" => given.TryGetProperty("items", out var item) ? $"[{Example(item)}]" : "[]",
            "null" => "null",
            _ => ExampleOfObject(given),
        };
    }

    private static string ExampleOfObject(JsonElement schema) =>
        schema.Find("properties") is { ValueKind: JsonValueKind.Object } properties
            ? $"{{{string.Join(',', properties.EnumerateObject()
                .Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Example(member.Value)}"))}}}"
            : "{}";
}
