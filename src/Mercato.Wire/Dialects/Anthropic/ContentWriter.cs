using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Writes blocks and tools for a host. One per request.</summary>
/// <param name="surplus">How many of the wishes for a cut of the cache are too many. The first ones are left out: a
/// later cut covers all that stands before it.</param>
internal sealed class ContentWriter(int surplus)
{
    private int _surplus = surplus;

    /// <summary>How many wishes for a cut of the cache a part has, with those inside it.</summary>
    public static int CountCuts(ChatPart part) =>
        (HasCut(part) ? 1 : 0) + (part is ToolResultPart result ? result.Parts.Sum(CountCuts) : 0);

    /// <summary>The instructions: one text where no cut divides them, else a block for each piece between
    /// cuts.</summary>
    public void WriteSystem(Utf8JsonWriter json, List<IReadOnlyList<ChatPart>> messages)
    {
        if (!messages.Exists(parts => parts.Any(HasCut)))
        {
            json.WriteStringValue(string.Join("\n\n", messages.Select(parts => TextOf(parts))));
            return;
        }

        json.WriteStartArray();
        var text = new StringBuilder();
        for (var place = 0; place < messages.Count; place++)
        {
            text.Append(place == 0 ? "" : "\n\n");
            foreach (var part in messages[place].OfType<TextPart>())
            {
                text.Append(part.Text);
                if (HasCut(part) && !string.IsNullOrWhiteSpace(text.ToString()))
                {
                    WriteText(json, text.ToString(), part.CacheHint);
                    text.Clear();
                }
            }
        }

        if (!string.IsNullOrWhiteSpace(text.ToString()))
        {
            WriteText(json, text.ToString(), null);
        }

        json.WriteEndArray();
    }

    /// <summary>A tool.</summary>
    public void WriteTool(Utf8JsonWriter json, ChatTool tool)
    {
        if (tool is OpaqueTool opaque)
        {
            json.WriteRaw(opaque.Json);
            return;
        }

        var function = tool as FunctionTool ?? ((CustomTool)tool).ToFunction();
        json.WriteStartObject();
        json.WriteString("name", function.Name);
        json.WriteTextIfAny("description", function.Description);
        json.WriteRaw("input_schema", function.Parameters is { ValueKind: JsonValueKind.Object } parameters
            ? ToObjectSchema(parameters)
            : """{"type":"object","properties":{}}"""u8);
        WriteCut(json, tool.CacheHint);
        json.WriteEndObject();
    }

    /// <summary>A block.</summary>
    public void WritePart(Utf8JsonWriter json, ChatPart part)
    {
        switch (part)
        {
            case TextPart text:
                WriteText(json, text.Text, text.CacheHint);
                break;
            case ImagePart image:
                WriteMedia(json, "image", image.Source, image.CacheHint);
                break;
            case FilePart file:
                WriteMedia(json, "document", file.Source, file.CacheHint, file);
                break;
            case ReasoningPart { Seal: { } seal } reasoning:
                WriteThought(json, reasoning.Text, seal);
                break;
            case ToolCallPart call:
                json.WriteStartObject();
                json.WriteString("type", "tool_use");
                json.WriteString("id", call.Id);
                json.WriteString("name", call.Name);
                json.WriteRaw("input", call.ToObject());
                WriteCut(json, call.CacheHint);
                json.WriteEndObject();
                break;
            case ToolResultPart result:
                WriteResult(json, result);
                break;
            case OpaquePart opaque:
                json.WriteRaw(opaque.Json);
                break;
        }
    }

    // A thought can't have one.
    private static bool HasCut(ChatPart part) => part.CacheHint is not null && part is not ReasoningPart;

    private static string TextOf(IEnumerable<ChatPart> parts) =>
        string.Concat(parts.OfType<TextPart>().Select(part => part.Text));

    // A host wants "type":"object" at the top, which others let a caller leave out.
    private static byte[] ToObjectSchema(JsonElement schema)
    {
        var bytes = JsonMarshal.GetRawUtf8Value(schema).ToArray();
        return schema.FindText("type") == "object" ? bytes
            : JsonSplice.Read(bytes)!.SetText("type", "object").ToBytes();
    }

    private void WriteText(Utf8JsonWriter json, string text, string? cacheHint)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        WriteCut(json, cacheHint);
        json.WriteEndObject();
    }

    private static void WriteThought(Utf8JsonWriter json, string text, Seal seal)
    {
        json.WriteStartObject();
        if (seal.IsRedacted)
        {
            json.WriteString("type", "redacted_thinking");
            json.WriteString("data", seal.Value);
        }
        else
        {
            json.WriteString("type", "thinking");
            json.WriteString("thinking", text);
            json.WriteString("signature", seal.Value);
        }

        json.WriteEndObject();
    }

    private void WriteResult(Utf8JsonWriter json, ToolResultPart result)
    {
        json.WriteStartObject();
        json.WriteString("type", "tool_result");
        json.WriteString("tool_use_id", result.CallId);
        if (result.Parts.All(part => part is TextPart { CacheHint: null }))
        {
            json.WriteString("content", TextOf(result.Parts));
        }
        else
        {
            json.WriteStartArray("content");
            foreach (var part in result.Parts)
            {
                WritePart(json, part);
            }

            json.WriteEndArray();
        }

        if (result.IsError)
        {
            json.WriteBoolean("is_error", true);
        }

        WriteCut(json, result.CacheHint);
        json.WriteEndObject();
    }

    private void WriteMedia(
        Utf8JsonWriter json, string type, MediaSource source, string? cacheHint, FilePart? document = null)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteStartObject("source");
        switch (source)
        {
            case InlineMedia media:
                json.WriteString("type", "base64");
                json.WriteString("media_type", media.MediaType == "image/jpg" ? "image/jpeg" : media.MediaType);
                json.WriteString("data", media.Base64);
                break;
            case InlineText text:
                json.WriteString("type", "text");
                json.WriteString("media_type", "text/plain");
                json.WriteString("data", text.Text);
                break;
            case RemoteMedia remote:
                json.WriteString("type", "url");
                json.WriteString("url", remote.Url);
                break;
            case HostedMedia hosted:
                json.WriteString("type", "file");
                json.WriteString("file_id", hosted.Id);
                break;
        }

        json.WriteEndObject();
        json.WriteTextIfAny("title", document?.FileName);
        if (document is { WantsCitations: true })
        {
            json.WriteStartObject("citations");
            json.WriteBoolean("enabled", true);
            json.WriteEndObject();
        }

        WriteCut(json, cacheHint);
        json.WriteEndObject();
    }

    private void WriteCut(Utf8JsonWriter json, string? cacheHint)
    {
        if (cacheHint is null || _surplus-- > 0)
        {
            return;
        }

        json.WriteStartObject("cache_control");
        json.WriteString("type", "ephemeral");
        if (cacheHint == "1h")
        {
            json.WriteString("ttl", "1h");
        }

        json.WriteEndObject();
    }
}
