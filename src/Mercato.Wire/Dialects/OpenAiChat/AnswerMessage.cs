using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>The members of an answer's message, which a stream's delta shares.</summary>
internal static class AnswerMessage
{
    /// <summary>Begins an item of <c>tool_calls</c>.</summary>
    public static void WriteCall(
        Utf8JsonWriter json, int? index, string id, string name, string input, bool isCustom, Seal? seal)
    {
        json.WriteStartObject();
        if (index is { } place)
        {
            json.WriteNumber("index", place);
        }

        json.WriteString("id", id);
        json.WriteString("type", isCustom ? "custom" : "function");
        json.WriteStartObject(isCustom ? "custom" : "function");
        json.WriteString("name", name);
        json.WriteString(isCustom ? "input" : "arguments", input);
        json.WriteEndObject();
        if (seal is not null)
        {
            // Clients of Google's own endpoint send this back even where they know nothing of reasoning_details.
            json.WriteStartObject("extra_content");
            json.WriteStartObject("google");
            json.WriteString("thought_signature", seal.ToToken());
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a picture or sound that this dialect has a member for; nothing for other blocks.</summary>
    public static void WriteMedia(Utf8JsonWriter json, IEnumerable<(Dialect Dialect, JsonElement Json)> blocks)
    {
        var images = new List<byte[]>();
        foreach (var (dialect, block) in blocks)
        {
            if (dialect == Dialect.OpenAiChat && block.Find("image_url") is not null)
            {
                images.Add(JsonWriting.Write(image => image.WriteRaw(block)));
            }
            else if (dialect == Dialect.OpenAiChat && block.Find("audio") is { } audio)
            {
                json.WriteRaw("audio", audio);
            }
            else if (block.Find("inlineData") is { } media && media.FindText("data") is { } data)
            {
                images.Add(WriteImage(new InlineMedia(media.FindText("mimeType") ?? "image/png", data)));
            }
        }

        if (images.Count > 0)
        {
            json.WriteStartArray("images");
            images.ForEach(image => json.WriteRawValue(image, skipInputValidation: true));
            json.WriteEndArray();
        }
    }

    /// <summary>Whether the request offered a tool of that name that takes free text.</summary>
    public static bool IsCustom(AnswerHead head, string name) =>
        head.Request?.Tools.Any(tool => tool is CustomTool custom && custom.Name == name) == true;

    private static byte[] WriteImage(InlineMedia media) => JsonWriting.WriteObject(json =>
    {
        json.WriteString("type", "image_url");
        json.WriteStartObject("image_url");
        json.WriteString("url", DataUri.Write(media));
        json.WriteEndObject();
    });
}
