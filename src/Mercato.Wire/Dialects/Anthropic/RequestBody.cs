using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.Anthropic;

/// <summary>Reads a request's members into the neutral form. The first thing to refuse wins.</summary>
internal sealed partial class RequestBody(JsonElement root)
{
    private static readonly HashSet<string> Known =
    [
        "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "output_format",
        "max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "stream", "metadata", "cache_control",
    ];

    public RequestRefusal? Refusal { get; private set; }

    /// <summary>The request; null when something is to be refused.</summary>
    public ChatRequest? Read()
    {
        var messages = ReadMessages();
        var (choice, allowsParallel) = ReadToolChoice();
        var chat = new ChatRequest
        {
            Messages = messages,
            Tools = [.. Items(root, "tools").Select((tool, index) => ReadTool(tool, $"tools[{index}]"))
                .OfType<ChatTool>()],
            ToolChoice = choice,
            AllowsParallelCalls = allowsParallel,
            Format = ReadFormat(),
            Reasoning = ReadReasoning(),
            OutputLimit = ReadOutputLimit(),
            Stop = ReadStop(),
            Temperature = Number("temperature"),
            TopP = Number("top_p"),
            TopK = Number("top_k"),
            IsStream = Flag(root, "stream", "stream") ?? false,
            EndUser = Object(root, "metadata", "metadata")?.FindText("user_id"),
            Others = ReadOthers(),
        };
        return Refusal is null ? chat : null;
    }

    private List<string> ReadOthers()
    {
        var others = new List<string>();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !Known.Contains(member.Name)
                && !RequestWishes.Honoured.Contains(member.Name))
            {
                others.Add(member.Name);
            }
        }

        // A budget for the whole task has no place elsewhere, unlike effort and format.
        if (root.Find("output_config") is { ValueKind: JsonValueKind.Object } config
            && config.EnumerateObject().Any(member => member.Name is not ("effort" or "format")))
        {
            others.Add("output_config");
        }

        return others;
    }

    private long? ReadOutputLimit()
    {
        if (root.Find("max_tokens") is not { } value)
        {
            Refuse("'max_tokens' is missing.", "max_tokens", "missing_required_parameter");
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            RefuseType("max_tokens", $"a whole number from 1 to {JsonCount.Limit - 1}");
            return null;
        }

        if (JsonCount.Read(JsonMarshal.GetRawUtf8Value(value), out var limit) != CountShape.Whole || limit < 1)
        {
            Refuse(
                $"'max_tokens' must be a whole number from 1 to {JsonCount.Limit - 1}.", "max_tokens",
                "invalid_value");
        }

        return limit;
    }

    private List<string> ReadStop()
    {
        var stop = new List<string>();
        foreach (var (item, index) in Items(root, "stop_sequences").Select((item, index) => (item, index)))
        {
            if (item.ValueKind == JsonValueKind.String)
            {
                stop.Add(item.ReadText());
            }
            else
            {
                RefuseType($"stop_sequences[{index}]", "a string");
            }
        }

        return stop;
    }

    private AnswerFormat? ReadFormat()
    {
        var inConfig = Object(root, "output_config", "output_config")?.Find("format");
        var (path, format) = inConfig is null
            ? ("output_format", root.Find("output_format"))
            : ("output_config.format", inConfig);
        if (format is not { } value)
        {
            return null;
        }

        if (value.Find("schema") is not { ValueKind: JsonValueKind.Object } schema)
        {
            RefuseType(path + ".schema", "an object");
            return null;
        }

        return new AnswerFormat(schema, value.FindText("name"));
    }

    private ReasoningOptions? ReadReasoning()
    {
        var thinking = Object(root, "thinking", "thinking");
        var effort = Object(root, "output_config", "output_config") is { } config
            ? Text(config, "effort", "output_config.effort") : null;
        if (thinking is not { } wish)
        {
            return effort is null ? null : new ReasoningOptions(effort);
        }

        var display = wish.FindText("display");
        bool? isEnabled = Text(wish, "type", "thinking.type") switch
        {
            "enabled" or "adaptive" => true,
            "disabled" => false,
            _ => null,
        };
        return new ReasoningOptions(
            effort, wish.FindCount("budget_tokens"), isEnabled, display == "summarized" ? "auto" : null,
            display == "omitted");
    }

    private ChatTool? ReadTool(JsonElement tool, string path)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            RefuseType(path, "an object");
            return null;
        }

        var type = Text(tool, "type", path + ".type");
        if (type is not (null or "custom"))
        {
            return new OpaqueTool(Dialect.Anthropic, type, tool) { CacheHint = CacheHintOf(tool) };
        }

        var name = RequiredText(tool, "name", path + ".name");
        return new FunctionTool(
            name ?? "", tool.FindText("description"), Object(tool, "input_schema", path + ".input_schema"),
            tool.FindFlag("strict"))
        { CacheHint = CacheHintOf(tool) };
    }

    private (ToolChoice? Choice, bool? AllowsParallel) ReadToolChoice()
    {
        if (Object(root, "tool_choice", "tool_choice") is not { } choice)
        {
            return (null, null);
        }

        var allowsParallel = !Flag(choice, "disable_parallel_tool_use", "tool_choice.disable_parallel_tool_use");
        switch (RequiredText(choice, "type", "tool_choice.type"))
        {
            case "auto":
                return (new ToolChoice(ToolChoiceKind.Auto), allowsParallel);
            case "none":
                return (new ToolChoice(ToolChoiceKind.None), allowsParallel);
            case "any":
                return (new ToolChoice(ToolChoiceKind.Required), allowsParallel);
            case "tool":
                var name = RequiredText(choice, "name", "tool_choice.name");
                return (new ToolChoice(ToolChoiceKind.Named, name), allowsParallel);
            default:
                Refuse("'tool_choice.type' must be one of: auto, any, tool, none.", "tool_choice.type",
                    "invalid_value");
                return (null, null);
        }
    }

    /// <summary>Where a cache may be cut: <c>5m</c> or <c>1h</c>; null where nothing is said.</summary>
    private static string? CacheHintOf(JsonElement owner) =>
        owner.Find("cache_control") is { ValueKind: JsonValueKind.Object } control
            ? control.FindText("ttl") == "1h" ? "1h" : "5m"
            : null;

    private void Refuse(string message, string param, string code) =>
        Refusal ??= new RequestRefusal(message, param, code);

    private void RefuseType(string param, string wanted) =>
        Refuse($"'{param}' must be {wanted}.", param, "invalid_type");

    private JsonElement? Number(string name)
    {
        var value = root.Find(name);
        if (value is { ValueKind: not JsonValueKind.Number })
        {
            RefuseType(name, "a number");
        }

        return value;
    }

    private bool? Flag(JsonElement owner, string name, string path)
    {
        if (owner.Find(name) is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            RefuseType(path, "true or false");
        }

        return owner.FindFlag(name);
    }

    private string? Text(JsonElement owner, string name, string path)
    {
        if (owner.Find(name) is { ValueKind: not JsonValueKind.String })
        {
            RefuseType(path, "a string");
        }

        return owner.FindText(name);
    }

    private string? RequiredText(JsonElement owner, string name, string path)
    {
        if (owner.Find(name) is null)
        {
            Refuse($"'{path}' is missing.", path, "missing_required_parameter");
        }

        return Text(owner, name, path);
    }

    private JsonElement? Object(JsonElement owner, string name, string path)
    {
        var value = owner.Find(name);
        if (value is { ValueKind: not JsonValueKind.Object })
        {
            RefuseType(path, "an object");
            return null;
        }

        return value;
    }

    private IEnumerable<JsonElement> Items(JsonElement owner, string name)
    {
        if (owner.Find(name) is { ValueKind: not JsonValueKind.Array })
        {
            RefuseType(name, "an array");
        }

        return owner.List(name);
    }
}
