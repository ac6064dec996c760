using System.Runtime.InteropServices;
using System.Text.Json;

namespace Mercato.Wire.Dialects.OpenAiResponses;

/// <summary>Reads one request body into the neutral form and notes the first thing to refuse. Items and parts of
/// types that we don't know are carried as they are.</summary>
internal sealed partial class ResponsesBody(JsonElement body)
{
    /// <summary>Members that <see cref="Read"/> understands; all others are named to whoever can't carry
    /// them.</summary>
    private static readonly HashSet<string> Known =
    [
        "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning",
        "max_output_tokens", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty", "stream",
        "user", "prompt_cache_key", "conversation", "prompt", "previous_response_id",
    ];

    public RequestRefusal? Refusal { get; private set; }

    /// <summary>The request; null when there is something to refuse.</summary>
    public ChatRequest? Read()
    {
        Flag("background");
        ReadTools();
        ReadInput();
        var text = Member("text", JsonValueKind.Object, "an object");
        var chat = new ChatRequest
        {
            Messages = _messages,
            Tools = _tools,
            ToolChoice = ReadToolChoice(),
            AllowsParallelCalls = Flag("parallel_tool_calls"),
            Format = ReadFormat(text?.Find("format")),
            Verbosity = text?.FindText("verbosity"),
            Reasoning = ReadReasoning(),
            OutputLimit = ReadLimit(),
            Temperature = Number("temperature"),
            TopP = Number("top_p"),
            TopK = Number("top_k"),
            FrequencyPenalty = Number("frequency_penalty"),
            PresencePenalty = Number("presence_penalty"),
            IsStream = Flag("stream") ?? false,
            EndUser = Text("user"),
            CacheKey = Text("prompt_cache_key"),
            Others = ListOthers(),
        };
        return Refusal is null ? chat : null;
    }

    private List<string> ListOthers()
    {
        var others = new List<string>();
        foreach (var member in body.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !Known.Contains(member.Name)
                && !RequestWishes.Honoured.Contains(member.Name))
            {
                others.Add(member.Name);
            }
        }

        return others;
    }

    private AnswerFormat? ReadFormat(JsonElement? format)
    {
        switch (format?.FindText("type"))
        {
            case "json_object":
                return new AnswerFormat(null);
            case "json_schema" when format.Value.Find("schema") is { ValueKind: JsonValueKind.Object } schema:
                return new AnswerFormat(
                    schema, format.Value.FindText("name"), format.Value.FindText("description"),
                    format.Value.FindFlag("strict"));
            case "json_schema":
                Refuse("'text.format.schema' must be a JSON schema.", "text.format.schema");
                return null;
            default:
                return null;
        }
    }

    private ReasoningOptions? ReadReasoning()
    {
        if (Member("reasoning", JsonValueKind.Object, "an object") is not { } reasoning)
        {
            return null;
        }

        var options = new ReasoningOptions(
            reasoning.FindText("effort"),
            reasoning.FindCount("max_tokens"),
            reasoning.FindFlag("enabled"),
            reasoning.FindText("summary") ?? reasoning.FindText("generate_summary"),
            reasoning.FindFlag("exclude") ?? false);
        return options == new ReasoningOptions() ? null : options;
    }

    private long? ReadLimit()
    {
        if (body.Find("max_output_tokens") is null)
        {
            return null;
        }

        var limit = body.FindCount("max_output_tokens");
        if (limit is null or 0)
        {
            Refuse(
                $"'max_output_tokens' must be a whole number from 1 to {JsonCount.Limit - 1}.", "max_output_tokens");
        }

        return limit;
    }

    private ToolChoice? ReadToolChoice()
    {
        switch (body.Find("tool_choice"))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String } mode:
                return mode.ReadText() switch
                {
                    "auto" => new ToolChoice(ToolChoiceKind.Auto),
                    "none" => new ToolChoice(ToolChoiceKind.None),
                    "required" => new ToolChoice(ToolChoiceKind.Required),
                    _ => Refuse<ToolChoice>(
                        "'tool_choice' must be auto, none, required or an object.", "tool_choice"),
                };
            case { ValueKind: JsonValueKind.Object } choice:
                return ReadToolChoice(choice);
            default:
                return Refuse<ToolChoice>("'tool_choice' must be a string or an object.", "tool_choice", "invalid_type");
        }
    }

    private ToolChoice? ReadToolChoice(JsonElement choice)
    {
        if (choice.FindText("type") == "allowed_tools")
        {
            var kind = choice.FindText("mode") == "required" ? ToolChoiceKind.Required : ToolChoiceKind.Auto;
            var names = choice.List("tools").Where(tool => tool.FindText("name") is not null).Select(NameOf);
            return new ToolChoice(kind, Allowed: [.. names]);
        }

        // A choice of a tool that the host runs itself means nothing to other hosts.
        return choice.FindText("name") is null ? null : new ToolChoice(ToolChoiceKind.Named, NameOf(choice));
    }

    private JsonElement? Member(string name, JsonValueKind kind, string wanted)
    {
        var value = body.Find(name);
        if (value is { } element && element.ValueKind != kind)
        {
            RefuseType(name, wanted);
            return null;
        }

        return value;
    }

    private string? Text(string name) => Member(name, JsonValueKind.String, "a string")?.ReadText();

    private JsonElement? Number(string name) => Member(name, JsonValueKind.Number, "a number");

    private bool? Flag(string name)
    {
        var flag = body.FindFlag(name);
        if (flag is null && body.Find(name) is not null)
        {
            RefuseType(name, "true or false");
        }

        return flag;
    }

    private void RefuseType(string path, string wanted) => Refuse($"'{path}' must be {wanted}.", path, "invalid_type");

    private void Refuse(string message, string path, string code = "invalid_value") =>
        Refusal ??= new RequestRefusal(message, path, code);

    private T? Refuse<T>(string message, string path, string code = "invalid_value")
        where T : class
    {
        Refuse(message, path, code);
        return null;
    }
}
