using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Arrays put together from JSON that came from elsewhere.</summary>
internal static class JsonArrays
{
    /// <summary>The array with one more item (an array's items one by one) behind; null stands for an empty one.</summary>
    public static JsonElement Append(JsonElement? array, JsonElement item)
    {
        var items = new List<JsonElement>();
        foreach (var source in (ReadOnlySpan<JsonElement?>)[array, item])
        {
            if (source is { ValueKind: JsonValueKind.Array } many)
            {
                items.AddRange(many.EnumerateArray());
            }
            else if (source is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } one)
            {
                items.Add(one);
            }
        }

        return JsonElement.Parse(JsonWriting.Write(json =>
        {
            json.WriteStartArray();
            foreach (var one in items)
            {
                json.WriteRaw(one);
            }

            json.WriteEndArray();
        }));
    }
}
