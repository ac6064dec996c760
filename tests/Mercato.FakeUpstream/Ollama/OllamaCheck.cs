using System.Text.Json;
using Kind = System.Text.Json.JsonValueKind;

namespace Mercato.Fake;

/// <summary>
/// What Ollama's decoder refuses, above all arguments that are not an object and images that are not bare base64. The
/// real one overlooks unknown members; here they are refused, so that a leak is seen.
/// </summary>
internal static class OllamaCheck
{
    private static readonly Wordings Wording = new(
        name => Wrong($"unknown field {name}"),
        (name, expected) => Wrong($"json: cannot unmarshal into Go struct field ChatRequest.{name} of type {expected}"),
        name => Wrong($"{name} is required"));

    // https://docs.ollama.com/api/chat
    private static readonly Members Root = new()
    {
        Required = ["model", "messages"],
        // No member at all, but OllamaSharp sends its own headers in the body too.
        ["CustomHeaders"] = Shape.Map,
        ["format"] = Shape.TextOrMap,
        ["keep_alive"] = Shape.Either(Shape.Text, Shape.Decimal(-1_000_000, 1_000_000)),
        ["logprobs"] = Shape.Flag,
        ["messages"] = Shape.List,
        ["model"] = Shape.Text,
        ["options"] = Shape.Map,
        ["shift"] = Shape.Flag,
        ["stream"] = Shape.Flag,
        ["think"] = Shape.Either(Shape.Flag, Shape.Text),
        ["tools"] = Shape.List,
        ["top_logprobs"] = Shape.Whole,
        ["truncate"] = Shape.Flag,
    };

    private static readonly Members Options = new()
    {
        ["draft_num_predict"] = Shape.Whole,
        ["frequency_penalty"] = Shape.Decimal(-100, 100),
        ["main_gpu"] = Shape.Whole,
        ["min_p"] = Shape.Decimal(0, 1),
        ["num_batch"] = Shape.Whole,
        ["num_ctx"] = Shape.Between(1, int.MaxValue),
        ["num_gpu"] = Shape.Whole,
        ["num_keep"] = Shape.Whole,
        ["num_predict"] = Shape.Between(-2, int.MaxValue),
        ["num_thread"] = Shape.Whole,
        ["presence_penalty"] = Shape.Decimal(-100, 100),
        ["repeat_last_n"] = Shape.Whole,
        ["repeat_penalty"] = Shape.Decimal(-100, 100),
        ["seed"] = Shape.Whole,
        ["stop"] = Shape.Texts,
        ["temperature"] = Shape.Decimal(0, 100),
        ["top_k"] = Shape.Whole,
        ["top_p"] = Shape.Decimal(0, 1),
        ["typical_p"] = Shape.Decimal(0, 1),
        ["use_mmap"] = Shape.Flag,
    };

    private static readonly Members Message = new()
    {
        Required = ["role"],
        ["content"] = Shape.Text,
        ["images"] = Shape.Texts,
        ["role"] = Shape.OneOf("system", "user", "assistant", "tool"),
        ["thinking"] = Shape.Text,
        ["tool_call_id"] = Shape.Text,
        ["tool_calls"] = Shape.List,
        ["tool_name"] = Shape.Text,
    };

    private static readonly Members Call = new() { Required = ["function"], ["function"] = Shape.Map, ["id"] = Shape.Text };

    private static readonly Members Function = new()
    {
        Required = ["name"], ["arguments"] = Shape.Map, ["index"] = Shape.Whole, ["name"] = Shape.Text,
    };

    public static Complaint? FindComplaint(JsonElement root) =>
        Root.FindComplaint(root, "", Wording)
        ?? (root.Find("options") is { } options ? Options.FindComplaint(options, "options.", Wording) : null)
        ?? (root.Find("format") is { ValueKind: Kind.String } format && format.GetString() is not ("" or "json")
            ? Wrong($"invalid format: \"{format.GetString()}\"; expected \"json\" or a valid JSON Schema object")
            : null)
        ?? (root.Find("think") is { ValueKind: Kind.String } think && think.GetString() is not ("high" or "medium" or "low" or "max")
            ? Wrong($"invalid think value: \"{think.GetString()}\" (must be \"high\", \"medium\", \"low\", true, or false)")
            : null)
        ?? FindWrongTool(root)
        ?? root.GetProperty("messages").EnumerateArray().Select(FindWrongMessage).FirstOrDefault(wrong => wrong is not null);

    private static Complaint Wrong(string message) => new(400, "bad_request", message);

    private static Complaint? FindWrongTool(JsonElement root) => (root.Find("tools")?.EnumerateArray() ?? []).Any(tool =>
            tool.Find("type")?.ToString() != "function" || tool.Find("function")?.Find("name") is not { ValueKind: Kind.String })
        ? Wrong("json: cannot unmarshal into Go struct field ChatRequest.tools of type api.Tool")
        : null;

    private static Complaint? FindWrongMessage(JsonElement message)
    {
        if (Message.FindComplaint(message, "messages.", Wording) is { } complaint)
        {
            return complaint;
        }

        var image = message.Find("images")?.EnumerateArray().FirstOrDefault(image => !image.TryGetBytesFromBase64(out _));
        return image is { ValueKind: Kind.String }
            ? Wrong("illegal base64 data at input byte 0")
            : (message.Find("tool_calls")?.EnumerateArray() ?? [])
                .Select(call => Call.FindComplaint(call, "messages.tool_calls.", Wording)
                    ?? Function.FindComplaint(call.GetProperty("function"), "messages.tool_calls.function.", Wording))
                .FirstOrDefault(wrong => wrong is not null);
    }
}
