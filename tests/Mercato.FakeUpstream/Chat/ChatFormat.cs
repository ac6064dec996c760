using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story in OpenAI's chat format: here the plain body, and what it shares with the events.</summary>
internal sealed class ChatFormat(Turn turn, Story story)
{
    private readonly long created = turn.Time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The usage member as claimed; null when the answer carries none.</summary>
    public JsonNode? Reported { get; } =
        !turn.Request.Stream || turn.Request.IncludeUsage || turn.Has("usage-always") || turn.Has("usage-in-finish")
            ? Language.ClaimUsage(ToJson(story.Usage), turn)
            : null;

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, new ChatEvents(turn, story, this).List())
            : Answer.Plain(Body().ToBytes(), story.Usage.Output, story.SizeFor(turn) * turn.Request.Choices),
        Reported);

    private JsonObject Body()
    {
        var body = Head("chat.completion");
        body["choices"] = new JsonArray([.. Enumerable.Range(0, turn.Request.Choices).Select(index => new JsonObject
        {
            ["index"] = index,
            ["message"] = Message(),
            ["logprobs"] = null,
            ["finish_reason"] = story.Finish,
        })]);
        if (Reported is not null)
        {
            body["usage"] = Reported.DeepClone();
        }

        return body;
    }

    private JsonObject Message()
    {
        var message = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = story.Calls.Count > 0 ? null : string.Concat(story.Words),
            ["refusal"] = null,
        };
        if (story.Reasoning.Count > 0 && Blocks.ShowsThoughts(turn))
        {
            message["reasoning_content"] = string.Concat(story.Reasoning);
        }

        if (story.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. story.Calls.Select(call => ToJson(call, call.Arguments))]);
        }

        return message;
    }

    public JsonObject Head(string kind) => new()
    {
        ["id"] = turn.Id("chatcmpl-fake", '-'),
        ["object"] = kind,
        ["created"] = created,
        ["model"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model,
        ["system_fingerprint"] = "fp_fake",
    };

    public static JsonObject ToJson(ToolCall call, string arguments) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    public static JsonObject ToJson(Usage usage)
    {
        var prompt = new JsonObject { ["cached_tokens"] = usage.Cached, ["audio_tokens"] = 0 };
        if (usage.CacheWrite > 0)
        {
            prompt["cache_write_tokens"] = usage.CacheWrite;
        }

        return new JsonObject
        {
            ["prompt_tokens"] = usage.Input,
            ["completion_tokens"] = usage.Output,
            ["total_tokens"] = usage.Input + usage.Output,
            ["prompt_tokens_details"] = prompt,
            ["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = usage.Reasoning,
                ["audio_tokens"] = 0,
            },
        };
    }
}
