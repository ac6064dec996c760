using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mercato.Wire;

/// <summary>Writes JSON as every dialect does: compact, escaped only where JSON demands it.</summary>
internal static class JsonWriting
{
    /// <summary>How all JSON is written.</summary>
    public static readonly JsonWriterOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // Raw values come from bodies that were parsed before.
        SkipValidation = true,
    };

    /// <summary>One JSON value.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output, Plain))
        {
            write(json);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>One JSON object; the action writes its members.</summary>
    public static byte[] WriteObject(Action<Utf8JsonWriter> writeMembers) => Write(json =>
    {
        json.WriteStartObject();
        writeMembers(json);
        json.WriteEndObject();
    });

    extension(Utf8JsonWriter json)
    {
        /// <summary>A member whose value is JSON that came from elsewhere, to the byte; nothing when it is
        /// null.</summary>
        public void WriteRaw(string name, JsonElement? value)
        {
            if (value is { ValueKind: not JsonValueKind.Undefined } element)
            {
                json.WritePropertyName(name);
                json.WriteRaw(element);
            }
        }

        /// <summary>A value that came from elsewhere, to the byte. The platform's own way writes strings anew, and
        /// stumbles over half a surrogate pair.</summary>
        public void WriteRaw(JsonElement value) =>
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);

        /// <summary>A member whose value is raw JSON.</summary>
        public void WriteRaw(string name, ReadOnlySpan<byte> value)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }

        /// <summary>A text member; nothing when it is null.</summary>
        public void WriteTextIfAny(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        /// <summary>A member that holds an array of texts; nothing when there are none.</summary>
        public void WriteTexts(string name, IReadOnlyList<string> values)
        {
            if (values.Count == 0)
            {
                return;
            }

            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }

    /// <summary>A whole number as JSON.</summary>
    public static byte[] Number(long value) =>
        System.Text.Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
}
