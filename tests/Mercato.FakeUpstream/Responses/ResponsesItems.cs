using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>What the responses endpoint refuses in its input items: shapes, ids, calls and results that don't pair.</summary>
internal static class ResponsesItems
{
    private static readonly Members Message = new()
    {
        Required = ["role", "content"],
        ["content"] = Shape.TextOrList,
        ["id"] = Shape.Text,
        ["phase"] = Shape.Text,
        ["role"] = Shape.OneOf("user", "assistant", "system", "developer"),
        ["status"] = Shape.Text,
        ["type"] = Shape.Text,
    };

    private static readonly Members Call = new()
    {
        Required = ["call_id", "name", "arguments"],
        ["arguments"] = Shape.Text,
        ["call_id"] = Shape.Text,
        ["id"] = Shape.Text,
        ["name"] = Shape.Text,
        ["namespace"] = Shape.Text,
        ["status"] = Shape.Text,
        ["type"] = Shape.Text,
    };

    private static readonly Members Output = new()
    {
        Required = ["call_id", "output"],
        ["call_id"] = Shape.Text,
        ["id"] = Shape.Text,
        ["output"] = Shape.TextOrList,
        ["status"] = Shape.Text,
        ["type"] = Shape.Text,
    };

    private static readonly Members Thought = new()
    {
        Required = ["summary"],
        ["content"] = Shape.List,
        ["encrypted_content"] = Shape.Text,
        ["id"] = Shape.Text,
        ["status"] = Shape.Text,
        ["summary"] = Shape.List,
        ["type"] = Shape.Text,
    };

    private static readonly Dictionary<string, (Members Members, string? IdStart)> Known = new()
    {
        ["message"] = (Message, "msg"),
        ["function_call"] = (Call, "fc"),
        ["function_call_output"] = (Output, null),
        ["reasoning"] = (Thought, "rs"),
    };

    private static readonly Dictionary<string, string[]> PartsOf = new()
    {
        ["user"] = ["input_text", "input_image", "input_file", "input_audio"],
        ["system"] = ["input_text", "input_image", "input_file"],
        ["developer"] = ["input_text", "input_image", "input_file"],
        ["assistant"] = ["output_text", "refusal"],
    };

    public static IEnumerable<JsonElement> Of(JsonElement root) =>
        root.Find("input") is { ValueKind: Kind.Array } input ? input.EnumerateArray() : [];

    public static string? TypeOf(JsonElement item) =>
        item.Find("type") is { ValueKind: Kind.String } type ? type.GetString()
        : item.Find("role") is null ? null : "message";

    public static Complaint? FindComplaint(JsonElement root, Seals seals, Dialect dialect)
    {
        var items = Of(root).ToList();
        return items.Select((item, i) => FindWrongItem(item, $"input[{i}]")).FirstOrDefault(wrong => wrong is not null)
            ?? items.Select(item => FindForged(item, seals, dialect)).FirstOrDefault(wrong => wrong is not null)
            ?? FindWrongPair(root, items)
            ?? FindLonelyThought(items);
    }

    /// <summary>In the current turn a call with its item's id must stand behind the reasoning it came with.</summary>
    public static Complaint? FindForgottenThought(JsonElement root)
    {
        var items = Of(root).ToList();
        var turn = items.FindLastIndex(item => item.Find("role")?.ToString() == "user");
        var call = items.FindIndex(turn + 1, item => TypeOf(item) == "function_call");
        return call >= 0 && !items[..call].Skip(turn + 1).Any(item => TypeOf(item) == "reasoning")
            ? Complaint.WrongValue(
                "input",
                $"Item '{items[call].Find("id")?.ToString() ?? items[call].GetProperty("call_id").GetString()}' of type "
                    + "'function_call' was provided without its required 'reasoning' item.")
            : null;
    }

    private static Complaint? FindWrongItem(JsonElement item, string path)
    {
        var type = TypeOf(item);
        if (type is null || !Known.TryGetValue(type, out var known))
        {
            // Items of hosted tools come in many shapes and go back as they came.
            return type is null || type is "tool_use" or "tool_result" or "tool" or "text" or "input_text"
                ? Complaint.WrongValue(path, $"Invalid value: '{type}'. Supported values are: 'message', 'reasoning', ...")
                : null;
        }

        if (known.Members.FindComplaint(item, $"{path}.", Complaint.OpenAi) is { } complaint)
        {
            return complaint;
        }

        if (known.IdStart is not null && item.Find("id") is { } id
            && !id.GetString()!.StartsWith(known.IdStart, StringComparison.Ordinal))
        {
            return Complaint.WrongValue(
                $"{path}.id",
                $"Invalid '{path}.id': '{id.GetString()}'. Expected an ID that begins with '{known.IdStart}'.");
        }

        return type switch
        {
            "message" => FindWrongPart(item.GetProperty("content"), PartsOf[item.GetProperty("role").GetString()!], $"{path}.content"),
            "function_call_output" => FindWrongPart(item.GetProperty("output"), PartsOf["user"], $"{path}.output"),
            _ => null,
        };
    }

    private static Complaint? FindWrongPart(JsonElement content, string[] allowed, string path)
    {
        foreach (var (part, i) in (content.ValueKind == Kind.Array ? content.EnumerateArray() : []).Select((part, i) => (part, i)))
        {
            var type = part.Find("type")?.ToString();
            if (type is null || !allowed.Contains(type))
            {
                return Complaint.WrongValue(
                    $"{path}[{i}]",
                    $"Invalid value: '{type}'. Supported values are: {string.Join(", ", allowed.Select(name => $"'{name}'"))}.");
            }

            var texts = type switch
            {
                "input_text" or "output_text" => ["text"],
                "refusal" => ["refusal"],
                "input_image" => part.Find("file_id") is null ? ["image_url"] : [],
                _ => (string[])[],
            };
            foreach (var name in texts.Where(name => part.Find(name) is not { ValueKind: Kind.String }))
            {
                return part.Find(name) is null
                    ? Complaint.OpenAi.Missing($"{path}[{i}].{name}")
                    : Complaint.WrongType($"{path}[{i}].{name}", "a string");
            }
        }

        return null;
    }

    private static Complaint? FindForged(JsonElement item, Seals seals, Dialect dialect) =>
        TypeOf(item) == "reasoning" && item.Find("encrypted_content") is { } seal && !seals.IsOwn(dialect, seal.GetString())
            ? new Complaint(
                400,
                "invalid_encrypted_content",
                $"The encrypted content for item {item.Find("id")?.ToString()} could not be verified. "
                    + "Reason: Encrypted content could not be decrypted or parsed.")
            : null;

    private static Complaint? FindWrongPair(JsonElement root, List<JsonElement> items)
    {
        var open = new HashSet<string>();
        var ofTools = items.Where(item => TypeOf(item) is { } type && type != "function_call"
                && type.EndsWith("_call", StringComparison.Ordinal))
            .Select(item => item.Find("call_id")?.ToString()).ToHashSet();
        var isContinued = root.Find("previous_response_id") is not null || root.Find("conversation") is not null;
        foreach (var item in items)
        {
            var id = item.Find("call_id")?.ToString() ?? "";
            if (TypeOf(item) == "function_call")
            {
                open.Add(id);
            }
            else if (TypeOf(item) == "function_call_output" && !open.Remove(id) && !ofTools.Contains(id)
                && !isContinued)
            {
                return Complaint.WrongValue("input", $"No tool call found for function call output with call_id {id}.");
            }
        }

        return open.Count == 0
            ? null
            : Complaint.WrongValue("input", $"No tool output found for function call {open.First()}.");
    }

    private static Complaint? FindLonelyThought(List<JsonElement> items)
    {
        var lonely = items.Where((item, i) => TypeOf(item) == "reasoning"
            && (i + 1 == items.Count || TypeOf(items[i + 1]) == "function_call_output"
                || items[i + 1].Find("role")?.ToString() is "user" or "system" or "developer")).ToList();
        return lonely.Count == 0
            ? null
            : Complaint.WrongValue(
                "input",
                $"Item '{lonely[0].Find("id")}' of type 'reasoning' was provided without its required following item.");
    }
}
