using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

internal sealed partial class ChatBody
{
    private IEnumerable<ChatTool> ReadTools()
    {
        foreach (var (index, tool) in _body.List("tools").Index())
        {
            if (ReadTool(tool, $"tools[{index}]") is { } read)
            {
                yield return read;
            }
        }

        foreach (var (index, function) in _body.List("functions").Index())
        {
            if (ReadFunction(function, $"functions[{index}]") is { } read)
            {
                yield return read;
            }
        }
    }

    private ChatTool? ReadTool(JsonElement tool, string path)
    {
        var type = tool.FindText("type");
        var hint = CacheHintOf(tool);
        if (type is "function" or null && tool.Find("function") is { } function)
        {
            return ReadFunction(function, path + ".function") is { } read
                ? read with { CacheHint = hint ?? CacheHintOf(function) }
                : null;
        }

        if (type == "custom" && tool.Find("custom") is { } custom)
        {
            if (custom.FindText("name") is not { Length: > 0 } name)
            {
                RefuseMissing(path + ".custom.name");
                return null;
            }

            return new CustomTool(name, custom.FindText("description"), custom.Find("format")) { CacheHint = hint };
        }

        if (type is null or "function")
        {
            RefuseMissing(type is null ? path + ".type" : path + ".function");
            return null;
        }

        return new OpaqueTool(Dialect.OpenAiChat, type, tool) { CacheHint = hint };
    }

    private FunctionTool? ReadFunction(JsonElement function, string path)
    {
        if (function.FindText("name") is not { Length: > 0 } name)
        {
            RefuseMissing(path + ".name");
            return null;
        }

        return new FunctionTool(
            name, function.FindText("description"), function.Find("parameters"), function.FindFlag("strict"));
    }

    private ToolChoice? ReadToolChoice()
    {
        var path = _body.Find("tool_choice") is not null ? "tool_choice" : "function_call";
        switch (_body.Find(path))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String } word:
                return ReadMode(word.ReadText(), path) is { } kind ? new ToolChoice(kind) : null;
            case { ValueKind: JsonValueKind.Object } choice:
                return ReadChoice(choice, path);
            default:
                RefuseType(path, "a string or an object");
                return null;
        }
    }

    private ToolChoice? ReadChoice(JsonElement choice, string path)
    {
        if (choice.FindText("type") == "allowed_tools")
        {
            var allowed = choice.Find("allowed_tools") ?? choice;
            var kind = ReadMode(allowed.FindText("mode") ?? "auto", path + ".allowed_tools.mode");
            return kind is null ? null : new ToolChoice(
                kind.Value, null, [.. allowed.List("tools").Select(NameOf).OfType<string>()]);
        }

        if (NameOf(choice) is { } name)
        {
            return new ToolChoice(ToolChoiceKind.Named, name);
        }

        // Anthropic's spelling has an object even for a mode.
        return ReadMode(choice.FindText("type") ?? "", path + ".type") is { } mode ? new ToolChoice(mode) : null;
    }

    private static string? NameOf(JsonElement choice) =>
        choice.Find("function")?.FindText("name") ?? choice.Find("custom")?.FindText("name") ?? choice.FindText("name");

    private ToolChoiceKind? ReadMode(string mode, string path)
    {
        switch (mode)
        {
            case "auto":
                return ToolChoiceKind.Auto;
            case "none":
                return ToolChoiceKind.None;
            case "required" or "any":
                return ToolChoiceKind.Required;
            default:
                Refuse(path, "must be auto, none, required or the choice of a tool", "invalid_value");
                return null;
        }
    }

    private static string? CacheHintOf(JsonElement part) => part.Find("cache_control") is not { } control ? null
        : control.FindText("ttl") == "1h" ? "1h"
        : "5m";
}
