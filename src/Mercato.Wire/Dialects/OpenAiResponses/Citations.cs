using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>Citations of other dialects as this one's <c>url_citation</c>. What names no address has no place
/// here.</summary>
internal static class Citations
{
    /// <summary>The citations as annotations of a part.</summary>
    /// <param name="json">One citation or an array of them.</param>
    /// <param name="end">How long the part's text is so far, for citations that don't say where they stand.</param>
    public static IEnumerable<JsonElement> Read(JsonElement json, int end)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            return json.EnumerateArray().SelectMany(one => Read(one, end));
        }

        if (IsOwn(json))
        {
            return [json];
        }

        // Chat Completions keeps the same members one level down.
        var source = json.Find("url_citation") ?? json;
        return source.FindText("url") is { } url
            ? [JsonElement.Parse(JsonWriting.WriteObject(citation =>
            {
                citation.WriteString("type", "url_citation");
                citation.WriteNumber("start_index", source.FindCount("start_index") ?? 0);
                citation.WriteNumber("end_index", source.FindCount("end_index") ?? end);
                citation.WriteString("url", url);
                citation.WriteString("title", source.FindText("title") ?? url);
            }))]
            : [];
    }

    private static bool IsOwn(JsonElement json) =>
        json.FindText("type") is "url_citation" or "file_citation" or "container_file_citation" or "file_path"
        && json.Find("url_citation") is null;
}
