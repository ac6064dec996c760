using System.Text.Json;
using System.Text.RegularExpressions;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What Anthropic refuses in system and messages: shapes, empty texts, calls and results that don't pair.</summary>
internal static partial class AnthropicMessages
{
    private const int MostCacheMarks = 4;

    private static readonly Members Message = new()
    {
        Required = ["role", "content"],
        ["content"] = Shape.TextOrList,
        ["role"] = Shape.OneOf("user", "assistant", "system"),
    };

    /// <summary>The blocks whose members are known in full; those of server tools are let through.</summary>
    private static readonly Dictionary<string, Members> Known = new()
    {
        ["text"] = new()
        {
            Required = ["text"], ["text"] = Shape.Text, ["citations"] = Shape.Either(Shape.List, Shape.Map),
        },
        ["image"] = new() { Required = ["source"], ["source"] = Shape.Map },
        ["document"] = new()
        {
            Required = ["source"],
            ["source"] = Shape.Map, ["title"] = Shape.Text, ["context"] = Shape.Text, ["citations"] = Shape.Map,
        },
        ["tool_use"] = new()
        {
            Required = ["id", "name", "input"],
            ["id"] = Shape.Text, ["name"] = Shape.Text, ["input"] = Shape.Map, ["caller"] = Shape.Map,
        },
        ["tool_result"] = new()
        {
            Required = ["tool_use_id"],
            ["tool_use_id"] = Shape.Text, ["content"] = Shape.TextOrList, ["is_error"] = Shape.Flag,
        },
        ["thinking"] = new()
        {
            Required = ["thinking", "signature"], ["thinking"] = Shape.Text, ["signature"] = Shape.Text,
        },
        ["redacted_thinking"] = new() { Required = ["data"], ["data"] = Shape.Text },
    };

    private static readonly string[] OfUser = ["text", "image", "document", "tool_result"];
    private static readonly string[] OfAssistant = ["text", "tool_use", "thinking", "redacted_thinking"];

    public static Complaint? FindComplaint(JsonElement root)
    {
        var messages = root.GetProperty("messages").EnumerateArray().ToList();
        return messages.Select((message, i) => FindWrongMessage(message, i)).FirstOrDefault(wrong => wrong is not null)
            ?? FindWrongSystem(root)
            ?? (messages[0].GetProperty("role").GetString() == "user"
                ? null
                : AnthropicCheck.Wrong("messages: first message must use the \"user\" role"))
            ?? FindWrongPair(messages)
            ?? FindTooManyMarks(root)
            ?? FindTrailingSpace(messages[^1]);
    }

    public static string? TypeOf(JsonElement block) =>
        block.Find("type") is { ValueKind: Kind.String } type ? type.GetString() : null;

    public static IEnumerable<JsonElement> BlocksOf(JsonElement message) =>
        message.Find("content") is { ValueKind: Kind.Array } content ? content.EnumerateArray() : [];

    private static Complaint? FindWrongMessage(JsonElement message, int index)
    {
        if (Message.FindComplaint(message, $"messages.{index}.", AnthropicCheck.Wording) is { } complaint)
        {
            return complaint;
        }

        var role = message.GetProperty("role").GetString()!;
        var content = message.GetProperty("content");
        if (content.ValueKind == Kind.String)
        {
            return FindEmpty(content.GetString()!);
        }

        // Between the blocks of a search, the API's own answers have blank texts, and it takes them back.
        var hosted = content.EnumerateArray().Any(block => TypeOf(block) is { } type && !Known.ContainsKey(type));
        return content.EnumerateArray()
            .Select((block, i) => FindWrongBlock(block, $"messages.{index}.content.{i}", role, hosted))
            .FirstOrDefault(wrong => wrong is not null);
    }

    private static Complaint? FindWrongBlock(
        JsonElement block, string path, string role, bool hosted = false)
    {
        var type = TypeOf(block);
        if (type is null || !Known.TryGetValue(type, out var members))
        {
            return type is null || type is "input_text" or "output_text" or "image_url" or "input_image" or "file"
                ? AnthropicCheck.Wrong($"{path}: Input tag '{type}' found using 'type' does not match any of the "
                    + "expected tags")
                : null;
        }

        if (role != "system" && !(role == "user" ? OfUser : OfAssistant).Contains(type))
        {
            return AnthropicCheck.Wrong($"{path}: `{type}` blocks are not permitted in messages of role '{role}'");
        }

        var marked = type is not ("thinking" or "redacted_thinking");
        var whole = new Members { Required = members.Required, ["type"] = Shape.Text };
        foreach (var (name, shape) in marked ? members.Append(new("cache_control", Shape.Map)) : members)
        {
            whole[name] = shape;
        }

        return whole.FindComplaint(block, $"{path}.{type}.", AnthropicCheck.Wording) ?? type switch
        {
            "text" => FindEmpty(block.GetProperty("text").GetString()!, mayBeBlank: hosted),
            "image" or "document" => FindWrongSource(block.GetProperty("source"), $"{path}.{type}.source"),
            "tool_use" when !CallId().IsMatch(block.GetProperty("id").GetString()!) =>
                AnthropicCheck.Wrong($"{path}.tool_use.id: String should match pattern '{CallId()}'"),
            "tool_result" when block.Find("content") is { ValueKind: Kind.Array } parts => parts.EnumerateArray()
                .Select((part, i) => FindWrongPart(part, $"{path}.tool_result.content.{i}"))
                .FirstOrDefault(wrong => wrong is not null),
            _ => null,
        };
    }

    private static Complaint? FindWrongPart(JsonElement part, string path) =>
        TypeOf(part) is "text" or "image" or "document"
            ? FindWrongBlock(part, path, "user")
            : TypeOf(part) is "search_result" or "tool_reference"
                ? null
                : AnthropicCheck.Wrong($"{path}: Input tag '{TypeOf(part)}' does not match any of the expected tags");

    private static Complaint? FindWrongSource(JsonElement source, string path)
    {
        var needed = source.Find("type")?.ToString() switch
        {
            "base64" => ["media_type", "data"],
            "url" => ["url"],
            "file" => ["file_id"],
            "text" => ["media_type", "data"],
            "content" => ["content"],
            _ => (string[]?)null,
        };
        return needed is null
            ? AnthropicCheck.Wrong($"{path}: Input tag does not match any of the expected tags")
            : needed.FirstOrDefault(name => source.Find(name) is null) is { } missing
                ? AnthropicCheck.Wrong($"{path}.{missing}: Field required")
                : source.Find("type")!.Value.GetString() == "base64" && !source.GetProperty("data").TryGetBytesFromBase64(out _)
                    ? AnthropicCheck.Wrong($"{path}.base64.data: invalid base64 data")
                    : null;
    }

    private static Complaint? FindEmpty(string text, bool mayBeBlank = false) => text.Length == 0
        ? AnthropicCheck.Wrong("messages: text content blocks must be non-empty")
        : string.IsNullOrWhiteSpace(text) && !mayBeBlank
            ? AnthropicCheck.Wrong("messages: text content blocks must contain non-whitespace text")
            : null;

    private static Complaint? FindWrongSystem(JsonElement root) => root.Find("system") is { ValueKind: Kind.Array } system
        ? system.EnumerateArray().Select((block, i) => TypeOf(block) == "text"
                ? FindWrongBlock(block, $"system.{i}", "system")
                : AnthropicCheck.Wrong($"system.{i}.type: Input should be 'text'"))
            .FirstOrDefault(wrong => wrong is not null)
        : null;

    private static Complaint? FindWrongPair(List<JsonElement> messages)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < messages.Count; i++)
        {
            var blocks = BlocksOf(messages[i]).ToList();
            var calls = i == 0 ? [] : IdsOf(messages[i - 1], "tool_use", "id");
            var results = IdsOf(messages[i], "tool_result", "tool_use_id");
            var stray = results.FindIndex(id => !calls.Contains(id));
            if (stray >= 0)
            {
                return AnthropicCheck.Wrong(
                    $"messages.{i}.content.{stray}: unexpected `tool_use_id` found in `tool_result` blocks: {results[stray]}. "
                    + "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
            }

            // Results come first: one that stands behind a text is not found "immediately after".
            var first = blocks.TakeWhile(block => TypeOf(block) == "tool_result").Count();
            var open = calls.Except(results.Take(first)).ToList();
            if (open.Count > 0 || (i == messages.Count - 1 && IdsOf(messages[i], "tool_use", "id").Count > 0))
            {
                return AnthropicCheck.Wrong(
                    $"messages.{(open.Count > 0 ? i - 1 : i)}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                    + $"{string.Join(", ", open)}. Each `tool_use` block must have a corresponding `tool_result` block "
                    + "in the next message.");
            }

            if (results.Count != results.Distinct().Count()
                || !IdsOf(messages[i], "tool_use", "id").TrueForAll(seen.Add))
            {
                return AnthropicCheck.Wrong($"messages.{i}: `tool_use` ids must be unique");
            }
        }

        return null;
    }

    private static List<string> IdsOf(JsonElement message, string type, string member) =>
        [.. BlocksOf(message).Where(block => TypeOf(block) == type).Select(block => block.GetProperty(member).GetString()!)];

    private static Complaint? FindTooManyMarks(JsonElement root)
    {
        var blocks = (root.Find("tools")?.EnumerateArray() ?? [])
            .Concat(root.Find("system") is { ValueKind: Kind.Array } system ? system.EnumerateArray() : [])
            .Concat(root.GetProperty("messages").EnumerateArray().SelectMany(BlocksOf));
        var marks = blocks.Count(block => block.Find("cache_control") is not null);
        return marks <= MostCacheMarks
            ? null
            : AnthropicCheck.Wrong(
                $"A maximum of {MostCacheMarks} blocks with cache_control may be provided. Found {marks}.");
    }

    private static Complaint? FindTrailingSpace(JsonElement last)
    {
        var content = last.GetProperty("content");
        var text = content.ValueKind == Kind.String
            ? content.GetString()
            : BlocksOf(last).LastOrDefault().Find("text")?.ToString();
        return last.GetProperty("role").GetString() == "assistant" && text is { Length: > 0 } && char.IsWhiteSpace(text[^1])
            ? AnthropicCheck.Wrong("messages: final assistant content cannot end with trailing whitespace")
            : null;
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex CallId();
}
