using System.Text.Json;

namespace Mercato.Wire;

/// <summary>JSON arrays made of others.</summary>
internal static class JsonArrays
{
    /// <summary>One array of all items; of an array among them, its items one by one.</summary>
    public static JsonElement Join(IEnumerable<JsonElement> items) => JsonElement.Parse(JsonWriting.Write(json =>
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            if (item.ValueKind == JsonValueKind.Array)
            {
                foreach (var one in item.EnumerateArray())
                {
                    json.WriteRaw(one);
                }
            }
            else if (item.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                json.WriteRaw(item);
            }
        }

        json.WriteEndArray();
    }));
}
