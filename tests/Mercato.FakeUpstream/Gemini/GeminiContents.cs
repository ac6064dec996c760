using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What Google refuses in contents: roles, parts, calls and responses that don't match in number.</summary>
internal static class GeminiContents
{
    private static readonly string[] Matters =
    [
        "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult",
        "toolCall", "toolResponse",
    ];

    private static readonly Members Content = new() { ["parts"] = Shape.List, ["role"] = Shape.Text };

    private static readonly Members Part = GeminiCheck.Both(new Members
    {
        ["codeExecutionResult"] = Shape.Map,
        ["executableCode"] = Shape.Map,
        ["fileData"] = Shape.Map,
        ["functionCall"] = Shape.Map,
        ["functionResponse"] = Shape.Map,
        ["inlineData"] = Shape.Map,
        ["mediaResolution"] = Shape.Map,
        ["partMetadata"] = Shape.Map,
        ["text"] = Shape.Text,
        ["thought"] = Shape.Flag,
        ["thoughtSignature"] = Shape.Text,
        ["toolCall"] = Shape.Map,
        ["toolResponse"] = Shape.Map,
        ["videoMetadata"] = Shape.Map,
    });

    private static readonly Members Call =
        new() { ["args"] = Shape.Map, ["id"] = Shape.Text, ["name"] = Shape.Text };

    private static readonly Members Response = GeminiCheck.Both(new Members
    {
        ["id"] = Shape.Text,
        ["name"] = Shape.Text,
        ["parts"] = Shape.List,
        ["response"] = Shape.Map,
        ["scheduling"] = Shape.Text,
        ["willContinue"] = Shape.Flag,
    });

    private static readonly Members Blob = GeminiCheck.Both(new Members
    {
        ["data"] = new Shape("base64", value => value.ValueKind == Kind.String && value.TryGetBytesFromBase64(out _)),
        ["displayName"] = Shape.Text,
        ["mimeType"] = Shape.Text,
    });

    public static IEnumerable<JsonElement> PartsOf(JsonElement content) => content.Find("parts")?.EnumerateArray() ?? [];

    public static int CallsIn(JsonElement content) =>
        PartsOf(content).Count(part => part.FindEither("functionCall") is not null);

    public static Complaint? FindComplaint(JsonElement root)
    {
        if (root.Find("contents") is not { } given || given.GetArrayLength() == 0)
        {
            return GeminiCheck.Wrong("* GenerateContentRequest.contents: contents is not specified");
        }

        var contents = given.EnumerateArray().ToList();
        return (root.FindEither("systemInstruction") is { } system ? FindWrongContent(system, "system_instruction") : null)
            ?? contents.Select((content, i) => FindWrongContent(content, $"contents[{i}]"))
                .FirstOrDefault(wrong => wrong is not null)
            ?? FindWrongOrder(contents);
    }

    private static Complaint? FindWrongContent(JsonElement content, string path)
    {
        if (Content.FindComplaint(content, $"{path}.", GeminiCheck.Wording) is { } complaint)
        {
            return complaint;
        }

        if (content.Find("role")?.GetString() is not (null or "user" or "model")
            && !path.StartsWith("system", StringComparison.Ordinal))
        {
            return GeminiCheck.Wrong("Please use a valid role: user, model.");
        }

        var parts = PartsOf(content).ToList();
        return parts.Count == 0
            ? GeminiCheck.Wrong($"* GenerateContentRequest.{path}.parts: contents.parts must not be empty.")
            : parts.Select((part, i) => FindWrongPart(part, $"{path}.parts[{i}]")).FirstOrDefault(wrong => wrong is not null);
    }

    private static Complaint? FindWrongPart(JsonElement part, string path)
    {
        var complaint = Part.FindComplaint(part, $"{path}.", GeminiCheck.Wording)
            ?? FindInner(part, "functionCall", Call, path)
            ?? FindInner(part, "functionResponse", Response, path)
            ?? FindInner(part, "inlineData", Blob, path);
        if (complaint is not null)
        {
            return complaint;
        }

        var matters = Matters.Count(name => part.FindEither(name) is not null);
        if (matters != 1)
        {
            return GeminiCheck.Wrong(
                $"* GenerateContentRequest.{path}.data: required oneof field 'data' must have one initialized field");
        }

        var nameless = new[] { "functionCall", "functionResponse" }.FirstOrDefault(name =>
            part.FindEither(name) is { } value && string.IsNullOrEmpty(value.Find("name")?.GetString()));
        return nameless is not null
            ? GeminiCheck.Wrong($"* GenerateContentRequest.{path}.{nameless}.name: Name cannot be empty.")
            : part.FindEither("functionResponse") is { } response && response.Find("response") is null
                ? GeminiCheck.Wrong($"* GenerateContentRequest.{path}.function_response.response: response is not specified")
                : part.FindEither("inlineData") is { } blob && blob.FindEither("mimeType") is null
                    ? GeminiCheck.Wrong($"* GenerateContentRequest.{path}.inline_data.mime_type: must not be empty")
                    : null;
    }

    private static Complaint? FindInner(JsonElement part, string name, Members members, string path) =>
        part.FindEither(name) is { } value ? members.FindComplaint(value, $"{path}.{name}.", GeminiCheck.Wording) : null;

    private static Complaint? FindWrongOrder(List<JsonElement> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            var responses = PartsOf(contents[i]).Count(part => part.FindEither("functionResponse") is not null);
            var calls = i == 0 ? 0 : CallsIn(contents[i - 1]);
            if (responses > 0 && calls == 0)
            {
                return GeminiCheck.Wrong(
                    "Please ensure that function response turn comes immediately after a function call turn.");
            }

            if (responses != calls)
            {
                return GeminiCheck.Wrong(
                    "Please ensure that the number of function response parts is equal to the number of function call "
                    + "parts of the function call turn.");
            }

            if (CallsIn(contents[i]) > 0 && (i == 0 || contents[i - 1].Find("role")?.GetString() == "model"))
            {
                return GeminiCheck.Wrong(
                    "Please ensure that function call turn comes immediately after a user turn or after a function "
                    + "response turn.");
            }
        }

        return CallsIn(contents[^1]) > 0
            ? GeminiCheck.Wrong("Please ensure that a function call turn is followed by a function response turn.")
            : null;
    }
}
