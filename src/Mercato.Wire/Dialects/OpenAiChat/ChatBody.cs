using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiChat;

/// <summary>
/// A caller's request read into the neutral form. The first thing to refuse is kept, and names its path; what follows
/// it is read all the same and thrown away.
/// </summary>
internal sealed partial class ChatBody
{
    /// <summary>Members that have a place in the neutral form, or that the gateway itself honours.</summary>
    private static readonly HashSet<string> Known =
    [
        "messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format",
        "reasoning", "reasoning_effort", "include_reasoning", "thinking", "enable_thinking", "max_tokens",
        "max_completion_tokens", "stop", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty",
        "seed", "n", "prompt_cache_key", "verbosity", "models", "provider", "usage", "session_id",
    ];

    private readonly RequestFacts _facts;
    private readonly JsonElement _body;
    private RequestRefusal? _refusal;

    private ChatBody(RequestFacts facts, JsonElement body) => (_facts, _body) = (facts, body);

    /// <summary>Reads a request that passed admission.</summary>
    public static ChatReading Read(RequestFacts facts)
    {
        if (JsonText.ParseElement(facts.Members.Document.Span) is not { } json)
        {
            return new(null, new RequestRefusal("The body has a name that is no text.", null, "invalid_json"));
        }

        var body = new ChatBody(facts, json);
        var chat = body.Read();
        return body._refusal is null ? new(chat, null) : new(null, body._refusal);
    }

    private ChatRequest Read() => new()
    {
        Messages = ReadMessages(),
        Tools = [.. ReadTools()],
        ToolChoice = ReadToolChoice(),
        AllowsParallelCalls = Flag("parallel_tool_calls"),
        Format = ReadFormat(),
        Reasoning = ReadReasoning(),
        OutputLimit = _facts.OutputLimit,
        Stop = ReadStop(),
        Temperature = Number("temperature"),
        TopP = Number("top_p"),
        TopK = Number("top_k"),
        FrequencyPenalty = Number("frequency_penalty"),
        PresencePenalty = Number("presence_penalty"),
        Seed = Number("seed"),
        Choices = _facts.Choices,
        IsStream = _facts.IsStream,
        EndUser = Text("user"),
        CacheKey = Text("prompt_cache_key"),
        Verbosity = Text("verbosity"),
        Others = [.. _body.EnumerateObject().Where(SaysSomething).Select(member => member.Name)],
    };

    // An absent member, null, false and an empty list are the same wish.
    private static bool SaysSomething(JsonProperty member) =>
        !Known.Contains(member.Name) && !ChatRequest.SilentMembers.Contains(member.Name)
        && member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
        && (member.Name, member.Value.ToRaw()) is not ((_, "[]" or "{}") or ("modalities", "[\"text\"]"));

    private IReadOnlyList<string> ReadStop()
    {
        switch (_body.Find("stop"))
        {
            case null:
                return [];
            case { ValueKind: JsonValueKind.String } one:
                return [one.ReadText()];
            case { ValueKind: JsonValueKind.Array } many when many.EnumerateArray().All(IsText):
                return [.. many.EnumerateArray().Select(text => text.ReadText())];
            default:
                RefuseType("stop", "a string or an array of strings");
                return [];
        }
    }

    private AnswerFormat? ReadFormat()
    {
        var format = _body.Find("response_format");
        switch (format?.FindText("type"))
        {
            case null when format is not null:
                RefuseType("response_format", "an object with a type");
                return null;
            case null or "text":
                return null;
            case "json_object":
                // Some hosts take a schema beside it.
                return new AnswerFormat(format?.Find("schema"));
            case "json_schema" when format?.Find("json_schema") is { ValueKind: JsonValueKind.Object } wanted:
                return new AnswerFormat(
                    wanted.Find("schema"), wanted.FindText("name"), wanted.FindText("description"),
                    wanted.FindFlag("strict"));
            case "json_schema":
                RefuseType("response_format.json_schema", "an object");
                return null;
            default:
                Refuse("response_format.type", "must be text, json_object or json_schema", "invalid_value");
                return null;
        }
    }

    private ReasoningOptions? ReadReasoning()
    {
        var wishes = _facts.Reasoning;
        var thinking = _body.Find("thinking");
        // The dialect's own spelling wins over the extension's when a caller sends both.
        var effort = Text("reasoning_effort") ?? wishes?.Effort;
        var options = new ReasoningOptions(
            effort == "default" ? null : effort,
            wishes?.MaxTokens ?? thinking?.FindCount("budget_tokens"),
            wishes?.Enabled ?? thinking?.FindText("type") switch
            {
                "enabled" or "adaptive" => true,
                "disabled" => false,
                _ => _body.FindFlag("enable_thinking"),
            },
            Summary: null,
            IsHidden: wishes?.Exclude == true || _body.FindFlag("include_reasoning") == false);
        return options == new ReasoningOptions() ? null : options;
    }

    private JsonElement? Number(string name)
    {
        var value = _body.Find(name);
        if (value is not null and not { ValueKind: JsonValueKind.Number })
        {
            RefuseType(name, "a number");
            return null;
        }

        return value;
    }

    private string? Text(string name)
    {
        var value = _body.Find(name);
        if (value is null)
        {
            return null;
        }

        if (!IsText(value.Value))
        {
            RefuseType(name, "a string");
            return null;
        }

        return value.Value.ReadText();
    }

    private bool? Flag(string name)
    {
        if (_body.Find(name) is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            RefuseType(name, "true or false");
        }

        return _body.FindFlag(name);
    }

    private static bool IsText(JsonElement value) => value.ValueKind == JsonValueKind.String;

    private void RefuseType(string path, string wanted) => Refuse(path, $"must be {wanted}", "invalid_type");

    private void RefuseMissing(string path) => Refuse(path, "is missing", "missing_required_parameter");

    private void Refuse(string path, string problem, string code) =>
        _refusal ??= new RequestRefusal($"'{path}' {problem}.", path, code);
}
