using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Reads JSON that anybody may have written: a member that is absent or of a wrong type is null.</summary>
public static class JsonElements
{
    extension(JsonElement element)
    {
        /// <summary>A member's value; null when this is no object, or the member is absent or JSON null.</summary>
        public JsonElement? Find(string name) =>
            element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
                && value.ValueKind != JsonValueKind.Null
                ? value
                : null;

        /// <summary>A text member; null when it is absent or no string.</summary>
        public string? FindText(string name) =>
            element.Find(name) is { ValueKind: JsonValueKind.String } value ? value.ReadText() : null;

        /// <summary>A flag; null when it is absent or neither true nor false.</summary>
        public bool? FindFlag(string name) => element.Find(name)?.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

        /// <summary>A count from 0 to 2^31-1; null when it is absent or anything else. <c>4.0</c> and <c>1e3</c> are
        /// counts.</summary>
        public long? FindCount(string name) =>
            element.Find(name) is { ValueKind: JsonValueKind.Number } value
                && JsonCount.Read(JsonMarshal.GetRawUtf8Value(value), out var count) == CountShape.Whole
                ? count
                : null;

        /// <summary>A number as it stands; null when the member is absent or no number.</summary>
        public JsonElement? FindNumber(string name) =>
            element.Find(name) is { ValueKind: JsonValueKind.Number } value ? value : null;

        /// <summary>The items of an array member; none when it is absent or no array.</summary>
        public IEnumerable<JsonElement> List(string name) =>
            element.Find(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

        /// <summary>The text of a string; half a surrogate pair in it becomes U+FFFD.</summary>
        public string ReadText() =>
            JsonText.ToText(JsonMarshal.GetRawUtf8Value(element)[1..^1]);

        /// <summary>The element as JSON text, to the character.</summary>
        public string ToRaw() => System.Text.Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));
    }
}
