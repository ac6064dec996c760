using System.Text.Json;

namespace Mercato.Fake;

/// <summary>A checked chat request: the few things in it that an answer depends on.</summary>
internal sealed class ChatRequest(JsonElement root)
{
    public string Model { get; } = root.GetProperty("model").GetString()!;

    public bool Stream => root.Find("stream") is { ValueKind: JsonValueKind.True };

    public bool IncludeUsage => root.Find("stream_options")?.Find("include_usage") is { ValueKind: JsonValueKind.True };

    public int Choices => root.Find("n")?.GetInt32() ?? 1;

    public int? OutputLimit => (root.Find("max_completion_tokens") ?? root.Find("max_tokens"))?.GetInt32();

    /// <summary>False when the caller forbids calls, or the last message is a tool's result.</summary>
    public bool WantsCall =>
        LastRole != "tool" && !(root.Find("tool_choice") is { ValueKind: JsonValueKind.String } choice
            && choice.GetString() == "none");

    public JsonElement? AnswerSchema => root.Find("response_format")?.Find("json_schema")?.Find("schema");

    public string LastRole => LastMessage.GetProperty("role").GetString()!;

    public string LastText => TextOf(LastMessage);

    public string LastUserText => TextOf(root.GetProperty("messages").EnumerateArray()
        .LastOrDefault(message => message.GetProperty("role").GetString() == "user"));

    public IReadOnlyList<(string Name, JsonElement? Parameters)> Tools =>
        root.Find("tools") is not { } tools
            ? []
            : [.. tools.EnumerateArray()
                .Select(tool => tool.Find("function"))
                .OfType<JsonElement>()
                .Select(function => (function.GetProperty("name").GetString()!, function.Find("parameters")))];

    private JsonElement LastMessage => root.GetProperty("messages").EnumerateArray().Last();

    private static string TextOf(JsonElement message) => message.Find("content") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts =>
            string.Concat(parts.EnumerateArray().Select(part => part.Find("text")?.GetString())),
        _ => "",
    };
}
