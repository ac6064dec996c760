using System.Text.Json;
using System.Text.RegularExpressions;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>
/// What Google refuses outside of the contents: names that its message types lack, at any depth of a schema, and values
/// out of range. Names are taken in camelCase and in snake_case, as Google does.
/// </summary>
internal static partial class GeminiCheck
{
    private const int MostStops = 5;

    public static readonly Wordings Wording = new(
        name => Wrong($"Invalid JSON payload received. Unknown name \"{Last(name)}\"{At(name)}: Cannot find field."),
        (name, expected) => Wrong($"Invalid value at '{name}': expected {expected}"),
        name => Wrong($"* GenerateContentRequest.{name}: {Last(name)} is not specified"));

    // https://ai.google.dev/api/generate-content
    private static readonly Members Root = Both(new Members
    {
        ["cachedContent"] = Shape.Text,
        ["contents"] = Shape.List,
        ["generationConfig"] = Shape.Map,
        ["labels"] = Shape.Map,
        ["model"] = Shape.Text,
        ["safetySettings"] = Shape.List,
        ["serviceTier"] = Shape.Text,
        ["store"] = Shape.Flag,
        ["systemInstruction"] = Shape.Map,
        ["toolConfig"] = Shape.Map,
        ["tools"] = Shape.List,
    });

    private static readonly Members Config = Both(new Members
    {
        ["audioTimestamp"] = Shape.Flag,
        ["candidateCount"] = Shape.Between(1, 8),
        ["enableEnhancedCivicAnswers"] = Shape.Flag,
        ["frequencyPenalty"] = Shape.Decimal(-2, 2),
        ["imageConfig"] = Shape.Map,
        ["logprobs"] = Shape.Between(0, 20),
        ["maxOutputTokens"] = Shape.Between(1, int.MaxValue),
        ["mediaResolution"] = Shape.Text,
        ["presencePenalty"] = Shape.Decimal(-2, 2),
        ["responseJsonSchema"] = Shape.Any,
        ["responseLogprobs"] = Shape.Flag,
        ["responseMimeType"] = Shape.OneOf("text/plain", "application/json", "text/x.enum"),
        ["responseModalities"] = Shape.Texts,
        ["responseSchema"] = Shape.Map,
        ["seed"] = Shape.Between(int.MinValue, int.MaxValue),
        ["speechConfig"] = Shape.Map,
        ["stopSequences"] = Shape.Texts,
        ["temperature"] = Shape.Decimal(0, 2),
        ["thinkingConfig"] = Shape.Map,
        ["topK"] = new Shape("an integer", value => value.ValueKind == Kind.Number
            && value.TryGetDecimal(out var k) && k >= 1 && k == decimal.Truncate(k)),
        ["topP"] = Shape.Decimal(0, 1),
    });

    private static readonly Members Thinking = Both(new Members
    {
        ["includeThoughts"] = Shape.Flag,
        ["thinkingBudget"] = Shape.Between(-1, int.MaxValue),
        ["thinkingLevel"] = Shape.Text,
    });

    private static readonly Members Function = Both(new Members
    {
        ["behavior"] = Shape.Text,
        ["description"] = Shape.Text,
        ["name"] = Shape.Text,
        ["parameters"] = Shape.Map,
        ["parametersJsonSchema"] = Shape.Any,
        ["response"] = Shape.Map,
        ["responseJsonSchema"] = Shape.Any,
    });

    private static readonly Members Calling = Both(new Members
    {
        ["allowedFunctionNames"] = Shape.Texts,
        ["mode"] = Shape.OneOf("MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"),
        ["streamFunctionCallArguments"] = Shape.Flag,
    });

    public static Complaint Wrong(string message) => new(400, "INVALID_ARGUMENT", message);

    public static Complaint? FindComplaint(JsonElement root) =>
        Root.FindComplaint(root, "", Wording)
        ?? (root.FindEither("generationConfig") is { } config ? FindWrongConfig(config) : null)
        ?? FindWrongFunction(root)
        ?? FindWrongCalling(root);

    public static IEnumerable<JsonElement> FunctionsOf(JsonElement root) =>
        (root.Find("tools")?.EnumerateArray() ?? [])
            .SelectMany(tool => tool.FindEither("functionDeclarations")?.EnumerateArray() ?? []);

    /// <summary>The member by its camelCase name, or by the snake_case one.</summary>
    public static JsonElement? FindEither(this JsonElement element, string name) =>
        element.Find(name) ?? element.Find(Snake(name));

    /// <summary>The same members, each also under its snake_case name.</summary>
    public static Members Both(Members members)
    {
        foreach (var (name, shape) in members.ToList())
        {
            members[Snake(name)] = shape;
        }

        return members;
    }

    private static Complaint? FindWrongConfig(JsonElement config)
    {
        var schema = config.FindEither("responseSchema");
        return Config.FindComplaint(config, "generation_config.", Wording)
            ?? (config.FindEither("stopSequences") is { } stops && stops.GetArrayLength() > MostStops
                ? Wrong($"* GenerateContentRequest.generation_config.stop_sequences: at most {MostStops} are allowed")
                : null)
            ?? (config.FindEither("thinkingConfig") is { } thinking
                ? Thinking.FindComplaint(thinking, "generation_config.thinking_config.", Wording)
                    ?? (thinking.FindEither("thinkingBudget") is not null && thinking.FindEither("thinkingLevel") is not null
                        ? Wrong("You can only set only one of thinking budget and thinking level.")
                        : null)
                : null)
            ?? (schema is not null && config.FindEither("responseMimeType")?.GetString() is not ("application/json" or "text/x.enum")
                ? Wrong("* GenerateContentRequest.generation_config.response_mime_type: only 'application/json' and "
                    + "'text/x.enum' can be used with a response schema")
                : null)
            ?? (schema is null ? null : GeminiSchema.FindComplaint(schema.Value, "generation_config.response_schema"));
    }

    private static Complaint? FindWrongFunction(JsonElement root)
    {
        foreach (var (function, i) in FunctionsOf(root).Select((function, i) => (function, i)))
        {
            var path = $"tools[0].function_declarations[{i}]";
            if (Function.FindComplaint(function, $"{path}.", Wording) is { } complaint)
            {
                return complaint;
            }

            if (!FunctionName().IsMatch(function.Find("name")?.GetString() ?? ""))
            {
                return Wrong($"* GenerateContentRequest.{path}.name: Invalid function name. Must start with a letter or an "
                    + "underscore. Must be alphameric, underscores, dots, colons or dashes, with a maximum length of 64.");
            }

            if (function.Find("parameters") is { } parameters)
            {
                var wrong = function.FindEither("parametersJsonSchema") is not null
                    ? Wrong($"* GenerateContentRequest.{path}: parameters and parameters_json_schema exclude each other")
                    : GeminiSchema.FindComplaint(parameters, $"{path}.parameters");
                if (wrong is not null)
                {
                    return wrong;
                }
            }
        }

        return null;
    }

    private static Complaint? FindWrongCalling(JsonElement root) =>
        root.FindEither("toolConfig")?.FindEither("functionCallingConfig") is { } calling
            ? Calling.FindComplaint(calling, "tool_config.function_calling_config.", Wording)
                ?? (calling.FindEither("allowedFunctionNames") is { } names && names.GetArrayLength() > 0
                    && calling.Find("mode")?.GetString() is not ("ANY" or "VALIDATED")
                    ? Wrong("Allowed function names should only be set when the function calling mode is ANY.")
                    : null)
            : null;

    private static string Snake(string name) => Capital().Replace(name, match => $"_{match.Value.ToLowerInvariant()}");

    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string At(string path) => path.LastIndexOf('.') is var dot && dot < 0 ? "" : $" at '{path[..dot]}'";

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$")]
    private static partial Regex FunctionName();
}

/// <summary>The part of OpenAPI's schema language that Google takes in <c>parameters</c> and <c>responseSchema</c>.</summary>
internal static class GeminiSchema
{
    private static readonly Members Members = GeminiCheck.Both(new Members
    {
        ["anyOf"] = Shape.List,
        ["description"] = Shape.Text,
        ["enum"] = Shape.Texts,
        ["example"] = Shape.Any,
        ["format"] = Shape.Text,
        ["items"] = Shape.Map,
        ["maxItems"] = Shape.Any,
        ["maxLength"] = Shape.Any,
        ["maxProperties"] = Shape.Any,
        ["maximum"] = Shape.Any,
        ["minItems"] = Shape.Any,
        ["minLength"] = Shape.Any,
        ["minProperties"] = Shape.Any,
        ["minimum"] = Shape.Any,
        ["nullable"] = Shape.Flag,
        ["pattern"] = Shape.Text,
        ["properties"] = Shape.Map,
        ["propertyOrdering"] = Shape.Texts,
        ["required"] = Shape.Texts,
        ["title"] = Shape.Text,
        ["type"] = new Shape("a type's name", value => value.ValueKind == Kind.String
            && value.GetString()!.ToUpperInvariant()
                is "STRING" or "NUMBER" or "INTEGER" or "BOOLEAN" or "ARRAY" or "OBJECT" or "NULL" or "TYPE_UNSPECIFIED"),
    });

    public static Complaint? FindComplaint(JsonElement schema, string path) =>
        Members.FindComplaint(schema, $"{path}.", GeminiCheck.Wording)
        ?? (schema.Find("required")?.EnumerateArray()
            .FirstOrDefault(name => schema.Find("properties")?.Find(name.GetString()!) is null)
            is { ValueKind: Kind.String } missing
            ? GeminiCheck.Wrong($"* GenerateContentRequest.{path}.required: property is not defined: {missing.GetString()}")
            : null)
        ?? (schema.Find("properties")?.EnumerateObject() ?? default)
            .Select(property => FindComplaint(property.Value, $"{path}.properties[{property.Name}]"))
            .FirstOrDefault(wrong => wrong is not null)
        ?? (schema.Find("items") is { } items ? FindComplaint(items, $"{path}.items") : null)
        ?? (schema.FindEither("anyOf")?.EnumerateArray() ?? [])
            .Select((choice, i) => FindComplaint(choice, $"{path}.any_of[{i}]"))
            .FirstOrDefault(wrong => wrong is not null);
}
