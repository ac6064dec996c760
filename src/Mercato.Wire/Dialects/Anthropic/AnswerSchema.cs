using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>
/// A JSON schema as hosts of this dialect bind answers to: every object closed, and none of the words that they refuse
/// (limits on numbers, lengths and the like), which go into the description so that the model still reads them.
/// </summary>
internal static class AnswerSchema
{
    private static readonly HashSet<string> Kept =
    [
        "type", "title", "description", "enum", "const", "default", "required", "$ref", "additionalProperties",
    ];

    private static readonly HashSet<string> Formats =
        ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

    /// <summary>The schema; null when it can't be bound to: an object with free names can't be closed, and a schema
    /// inside itself is refused.</summary>
    public static byte[]? Write(JsonElement schema) =>
        IsClosable(schema) ? JsonWriting.Write(json => WriteSchema(json, schema)) : null;

    private static bool IsInItself(JsonProperty definition) =>
        definition.Value.ToRaw().Contains($"/{definition.Name}\"", StringComparison.Ordinal);

    private static bool IsClosable(JsonElement schema)
    {
        switch (schema.ValueKind)
        {
            case JsonValueKind.Array:
                return schema.EnumerateArray().All(IsClosable);
            case JsonValueKind.Object:
                var isMap = schema.Find("additionalProperties") is { ValueKind: JsonValueKind.Object }
                    || schema.Find("patternProperties") is not null
                    || (schema.FindText("type") == "object" && schema.Find("properties") is null);
                return !isMap && schema.EnumerateObject().All(member => member.Name switch
                {
                    "$ref" => member.Value.ToRaw() != "\"#\"",
                    "$defs" or "definitions" => member.Value.ValueKind == JsonValueKind.Object
                        && member.Value.EnumerateObject().All(inner => !IsInItself(inner) && IsClosable(inner.Value)),
                    "properties" => member.Value.ValueKind == JsonValueKind.Object
                        && member.Value.EnumerateObject().All(inner => IsClosable(inner.Value)),
                    "items" or "anyOf" or "oneOf" or "allOf" => IsClosable(member.Value),
                    _ => true,
                });
            default:
                return true;
        }
    }

    private static void WriteSchema(Utf8JsonWriter json, JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            json.WriteRaw(schema);
            return;
        }

        var refused = new List<string>();
        json.WriteStartObject();
        foreach (var member in schema.EnumerateObject())
        {
            if (!WriteMember(json, member.Name, member.Value) && !member.Name.StartsWith('$'))
            {
                refused.Add($"{member.Name}: {member.Value.ToRaw()}");
            }
        }

        if (schema.Find("properties") is not null)
        {
            json.WriteBoolean("additionalProperties", false);
        }

        var words = refused.Count == 0 ? [] : (string[])[$"({string.Join("; ", refused)})"];
        if (schema.FindText("description") is { } description)
        {
            words = [description, .. words];
        }

        json.WriteTextIfAny("description", words.Length == 0 ? null : string.Join(' ', words));
        json.WriteEndObject();
    }

    /// <summary>Writes what a host takes; false for what it refuses.</summary>
    private static bool WriteMember(Utf8JsonWriter json, string name, JsonElement value)
    {
        switch (name)
        {
            case "additionalProperties" or "description":
                return true;
            case "properties" or "$defs" or "definitions":
                json.WriteStartObject(name);
                foreach (var inner in value.EnumerateObject())
                {
                    json.WritePropertyName(inner.Name);
                    WriteSchema(json, inner.Value);
                }

                json.WriteEndObject();
                return true;
            case "items" when value.ValueKind == JsonValueKind.Object:
                json.WritePropertyName(name);
                WriteSchema(json, value);
                return true;
            case "anyOf" or "oneOf" or "allOf" when value.ValueKind == JsonValueKind.Array:
                json.WriteStartArray(name == "oneOf" ? "anyOf" : name);
                foreach (var inner in value.EnumerateArray())
                {
                    WriteSchema(json, inner);
                }

                json.WriteEndArray();
                return true;
            default:
                var isKept = Kept.Contains(name) || (name == "format" && Formats.Contains(value.ToRaw().Trim('"')))
                    || (name == "minItems" && value.ToRaw() is "0" or "1");
                if (isKept)
                {
                    json.WriteRaw(name, value);
                }

                return isKept;
        }
    }
}
