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
        ["data"] = new Shape("base64", IsBase64),
        ["displayName"] = Shape.Text,
        ["mimeType"] = Shape.Text,
    });

    public static IEnumerable<JsonElement> PartsOf(JsonElement content) => content.Find("parts")?.EnumerateArray() ?? [];

    private static int CallsIn(JsonElement content) =>
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
        if (matters != (part.FindEither("thoughtSignature") is null ? 1 : Math.Min(1, matters)))
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

    // Both alphabets are taken, as everywhere in Google's JSON.
    private static bool IsBase64(JsonElement value) => value.ValueKind == Kind.String
        && Convert.TryFromBase64String(
            value.GetString()!.Replace('-', '+').Replace('_', '/'), new byte[value.GetString()!.Length], out _);

    // Neighbours of one role count as one turn.
    private static Complaint? FindWrongOrder(List<JsonElement> contents)
    {
        var turns = new List<(bool OfModel, int Calls, int Responses)>();
        foreach (var content in contents)
        {
            var ofModel = content.Find("role")?.GetString() == "model";
            var responses = PartsOf(content).Count(part => part.FindEither("functionResponse") is not null);
            if (turns.Count > 0 && turns[^1].OfModel == ofModel)
            {
                turns[^1] = (ofModel, turns[^1].Calls + CallsIn(content), turns[^1].Responses + responses);
            }
            else
            {
                turns.Add((ofModel, CallsIn(content), responses));
            }
        }

        for (var i = 0; i < turns.Count; i++)
        {
            var responses = turns[i].Responses;
            var calls = i == 0 ? 0 : turns[i - 1].Calls;
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

            if (turns[i].Calls > 0 && (i == 0 || !turns[i].OfModel))
            {
                return GeminiCheck.Wrong(
                    "Please ensure that function call turn comes immediately after a user turn or after a function "
                    + "response turn.");
            }
        }

        return turns[^1].Calls > 0
            ? GeminiCheck.Wrong("Please ensure that a function call turn is followed by a function response turn.")
            : null;
    }
}
