using System.Text.Json;

namespace Mercato.Wire.Dialects.Gemini;

/// <summary>
/// A JSON Schema cut down to what Gemini's own <c>Schema</c> knows, by a list of what is allowed: one unknown keyword
/// is 400 for the whole request. References are put in place; what can't be said is left out, which makes the schema
/// wider, never narrower.
/// </summary>
/// <remarks>Source: ai.google.dev/api/caching#Schema.</remarks>
internal sealed class SchemaSubset
{
    private const int MaxDepth = 24;
    private const int MaxSchemas = 5_000;

    private static readonly string[] Copied =
    [
        "title", "description", "minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength",
        "pattern", "minimum", "maximum", "propertyOrdering",
    ];

    private static readonly string[] Types = ["string", "number", "integer", "boolean", "array", "object"];

    private static readonly string[] Formats =
        ["enum", "date-time", "float", "double", "int32", "int64"];

    private readonly JsonElement _root;
    private int _schemas;

    private SchemaSubset(JsonElement root) => _root = root;

    /// <summary>The schema in Gemini's subset.</summary>
    public static byte[] Of(JsonElement schema)
    {
        var subset = new SchemaSubset(schema);
        return JsonWriting.Write(json => subset.Write(json, schema, 0, false));
    }

    /// <summary>Whether the schema names any property; Gemini refuses an object without.</summary>
    public static bool HasProperties(JsonElement schema) =>
        new SchemaSubset(schema).Resolve(schema).Find("properties") is { ValueKind: JsonValueKind.Object } properties
        && properties.EnumerateObject().Any();

    private void Write(Utf8JsonWriter json, JsonElement source, int depth, bool isNullable)
    {
        json.WriteStartObject();
        // References may nest without end, and may double with every level.
        if (depth < MaxDepth && ++_schemas < MaxSchemas)
        {
            WriteMembers(json, Resolve(source), depth, isNullable);
        }

        json.WriteEndObject();
    }

    private void WriteMembers(Utf8JsonWriter json, JsonElement schema, int depth, bool isNullable)
    {
        var types = TypesOf(schema);
        var known = types.Where(Types.Contains).ToList();
        var choices = known.Count == 1 ? [] : ChoicesOf(schema, known);
        isNullable |= types.Contains("null") || schema.FindFlag("nullable") == true || choices.Any(IsNull);
        choices = [.. choices.Where(choice => !IsNull(choice))];
        if (choices.Count == 1 && depth < MaxDepth)
        {
            // "X or nothing" is a nullable X, with the words that stood around it.
            var only = Resolve(choices[0]);
            json.WriteRaw("description", only.Find("description") is null ? schema.Find("description") : null);
            WriteMembers(json, only, depth + 1, isNullable);
        }
        else if (choices.Count > 1)
        {
            WriteChoices(json, choices, depth, isNullable);
        }
        else
        {
            WritePlain(json, schema, known.FirstOrDefault(), depth, isNullable);
        }
    }

    private void WritePlain(Utf8JsonWriter json, JsonElement schema, string? type, int depth, bool isNullable)
    {
        json.WriteTextIfAny("type", type);
        if (isNullable)
        {
            json.WriteBoolean("nullable", true);
        }

        foreach (var name in Copied)
        {
            json.WriteRaw(name, schema.Find(name));
        }

        if (schema.FindText("format") is { } format && Formats.Contains(format))
        {
            json.WriteString("format", format);
        }

        json.WriteTexts("enum", EnumOf(schema));
        WriteProperties(json, schema, depth);
        if (ItemsOf(schema) is { } items)
        {
            json.WritePropertyName("items");
            Write(json, items, depth + 1, false);
        }
    }

    // Nothing may stand beside a choice, so each of its members says that it may be null.
    private void WriteChoices(Utf8JsonWriter json, List<JsonElement> choices, int depth, bool isNullable)
    {
        json.WriteStartArray("anyOf");
        foreach (var choice in choices)
        {
            Write(json, choice, depth + 1, isNullable);
        }

        json.WriteEndArray();
    }

    // allOf is told by its parts' properties together.
    private void WriteProperties(Utf8JsonWriter json, JsonElement schema, int depth)
    {
        List<JsonElement> parts = [schema, .. schema.List("allOf").Take(MaxDepth).Select(Resolve)];
        var properties = parts.Select(part => part.Find("properties"))
            .OfType<JsonElement>().Where(found => found.ValueKind == JsonValueKind.Object)
            .SelectMany(found => found.EnumerateObject()).DistinctBy(property => property.Name).ToList();
        if (properties.Count == 0)
        {
            return;
        }

        json.WriteStartObject("properties");
        foreach (var property in properties)
        {
            json.WritePropertyName(property.Name);
            Write(json, property.Value, depth + 1, false);
        }

        json.WriteEndObject();
        var names = properties.Select(property => property.Name).ToHashSet();
        json.WriteTexts("required",
        [
            .. parts.SelectMany(part => part.List("required"))
                .Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.ReadText())
                .Where(names.Contains).Distinct(),
        ]);
    }

    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; hops < MaxDepth && schema.FindText("$ref") is { } reference; hops++)
        {
            if (Follow(reference) is not { } target)
            {
                break;
            }

            schema = target;
        }

        return schema;
    }

    private JsonElement? Follow(string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        JsonElement? found = _root;
        foreach (var step in reference.Split('/').Skip(1))
        {
            found = found?.Find(step.Replace("~1", "/", StringComparison.Ordinal)
                .Replace("~0", "~", StringComparison.Ordinal));
        }

        return found;
    }

    private static List<string> TypesOf(JsonElement schema)
    {
        var told = schema.Find("type") switch
        {
            { ValueKind: JsonValueKind.String } one => [one.ReadText().ToLowerInvariant()],
            { ValueKind: JsonValueKind.Array } many => many.EnumerateArray()
                .Where(type => type.ValueKind == JsonValueKind.String).Select(type => type.ReadText()).ToList(),
            _ => [],
        };
        return told.Count > 0 ? told
            : schema.Find("properties") is not null ? ["object"]
            : schema.Find("items") is not null ? ["array"]
            : EnumOf(schema).Count > 0 ? ["string"]
            : schema.List("allOf").Any(part => part.Find("properties") is not null) ? ["object"]
            : [];
    }

    private static List<JsonElement> ChoicesOf(JsonElement schema, List<string> known)
    {
        List<JsonElement> choices = [.. schema.List("anyOf"), .. schema.List("oneOf")];
        return choices.Count > 0 ? choices
            : known.Count > 1 ? [.. known.Select(type => OfType(schema, type))]
            : schema.List("allOf").ToList() is [var only] ? [only]
            : [];
    }

    // Several types become a choice; what belongs to one type only goes with it.
    private static JsonElement OfType(JsonElement schema, string type) => JsonElement.Parse(
        JsonWriting.WriteObject(json =>
        {
            json.WriteString("type", type);
            if (type == "array")
            {
                json.WriteRaw("items", schema.Find("items"));
            }
            else if (type == "object")
            {
                json.WriteRaw("properties", schema.Find("properties"));
                json.WriteRaw("required", schema.Find("required"));
            }
            else if (type == "string")
            {
                json.WriteRaw("enum", schema.Find("enum"));
            }
        }));

    private bool IsNull(JsonElement schema) => TypesOf(Resolve(schema)) is ["null"];

    // Enumerations hold texts only; one constant is an enumeration of one.
    private static List<string> EnumOf(JsonElement schema)
    {
        var values = schema.List("enum").ToList();
        if (schema.Find("const") is { } constant)
        {
            values.Add(constant);
        }

        values.RemoveAll(value => value.ValueKind == JsonValueKind.Null);
        return values.TrueForAll(value => value.ValueKind == JsonValueKind.String)
            ? [.. values.Select(value => value.ReadText()).Where(value => value.Length > 0).Distinct()]
            : [];
    }

    private static JsonElement? ItemsOf(JsonElement schema)
    {
        var items = schema.Find("items");
        return items?.ValueKind switch
        {
            JsonValueKind.Object => items,
            JsonValueKind.Array => items.Value.EnumerateArray().FirstOrDefault() is
                { ValueKind: JsonValueKind.Object } first ? first : null,
            _ => null,
        };
    }
}
