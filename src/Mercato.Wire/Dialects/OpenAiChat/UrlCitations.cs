using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>Citations of web pages, which each dialect writes in its own way, as this dialect's
/// <c>url_citation</c>. Others can't be said here.</summary>
internal static class UrlCitations
{
    /// <summary>The citations in a host's annotations, as an array; null when there are none.</summary>
    /// <param name="annotations">A host's own JSON, an array or one object.</param>
    /// <param name="start">Where the cited text begins, in characters of the message.</param>
    /// <param name="end">Where it ends.</param>
    public static byte[]? Write(JsonElement annotations, int start, int end)
    {
        var citations = Flatten(annotations).Select(note => WriteOne(note, start, end)).OfType<byte[]>().ToList();
        return citations.Count == 0 ? null : JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            citations.ForEach(citation => json.WriteRawValue(citation, skipInputValidation: true));
            json.WriteEndArray();
        });
    }

    // Gemini's grounding holds its pages one level down.
    private static IEnumerable<JsonElement> Flatten(JsonElement annotations) =>
        annotations.ValueKind == JsonValueKind.Array ? annotations.EnumerateArray().SelectMany(Flatten)
        : annotations.Find("groundingChunks") is not null ? annotations.List("groundingChunks")
        : [annotations];

    private static byte[]? WriteOne(JsonElement note, int start, int end)
    {
        if (note.Find("url_citation") is not null)
        {
            return JsonWriting.Write(json => json.WriteRaw(note));
        }

        var page = note.Find("web") ?? note;
        return (page.FindText("url") ?? page.FindText("uri")) is not { } url ? null : JsonWriting.WriteObject(json =>
        {
            json.WriteString("type", "url_citation");
            json.WriteStartObject("url_citation");
            json.WriteNumber("start_index", note.FindCount("start_index") ?? start);
            json.WriteNumber("end_index", note.FindCount("end_index") ?? end);
            json.WriteString("url", url);
            json.WriteString("title", page.FindText("title") ?? "");
            json.WriteTextIfAny("content", note.FindText("cited_text"));
            json.WriteEndObject();
        });
    }
}
