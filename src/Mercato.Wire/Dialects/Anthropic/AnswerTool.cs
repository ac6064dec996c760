using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>
/// The tool whose input is the answer, for models that have no schema for answers of their own: the writer of a
/// request forces it, and the reader of the answer turns its input into text again. Its name tells them.
/// </summary>
internal static class AnswerTool
{
    /// <summary>The reserved name.</summary>
    public const string Name = "mercato_answer";

    /// <summary>Writes the tool.</summary>
    public static void Write(Utf8JsonWriter json, AnswerFormat format)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString(
            "description",
            "Gives the answer. Call it once, with the JSON object that was asked for: its members are the input's "
                + "members." + (format.Description is null ? "" : " " + format.Description));
        if (format.Schema is { } schema)
        {
            json.WriteRaw("input_schema", schema);
        }
        else
        {
            json.WriteRaw("input_schema", """{"type":"object","additionalProperties":true}"""u8);
        }

        json.WriteEndObject();
    }
}
