using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as a message: the plain body, and what it shares with the events.</summary>
internal sealed class AnthropicFormat(Turn turn, Story story)
{
    private static readonly Dictionary<string, string> Stops = new()
    {
        ["stop"] = "end_turn",
        ["length"] = "max_tokens",
        ["tool_calls"] = "tool_use",
        ["content_filter"] = "refusal",
    };

    public IReadOnlyList<Block> Blocks { get; } = Fake.Blocks.Of(turn, story);

    public JsonNode? Reported { get; } = Language.ClaimUsage(ToJson(story.Usage, turn), turn);

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, new AnthropicEvents(turn, story, this).List())
            : Answer.Plain(Body().ToBytes(), story.Usage.Output, story.SizeFor(turn)),
        Reported);

    public JsonObject Head() => new()
    {
        ["id"] = turn.Id("msg_fake", '_'),
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model,
        ["content"] = new JsonArray(),
        ["stop_reason"] = null,
        ["stop_sequence"] = null,
    };

    public JsonObject Ending() => new()
    {
        ["stop_reason"] = Stops.GetValueOrDefault(story.Finish, story.Finish),
        ["stop_sequence"] = story.Finish == "stop_sequence" ? turn.Request.StopSequence : null,
    };

    /// <summary>A block as it is at its start (empty), or whole.</summary>
    public JsonObject ToJson(Block block, bool whole) => block.Matter switch
    {
        Matter.Text => new() { ["type"] = "text", ["text"] = whole ? block.Text : "" },
        Matter.Call => new()
        {
            ["type"] = "tool_use",
            ["id"] = block.Call!.Id,
            ["name"] = block.Call.Name,
            ["input"] = JsonNode.Parse(whole ? block.Text : "{}"),
        },
        _ when turn.Has("hidden-thoughts") => new() { ["type"] = "redacted_thinking", ["data"] = Seal(block) },
        _ => new()
        {
            ["type"] = "thinking",
            ["thinking"] = whole ? block.Text : "",
            ["signature"] = whole ? Seal(block) : "",
        },
    };

    public string Seal(Block thought) => turn.Seals.Mint(turn.Dialect, thought.Text);

    public static JsonObject ToJson(Usage usage, Turn turn)
    {
        var isLong = turn.Has("cache-hour");
        var counts = new JsonObject
        {
            ["input_tokens"] = usage.Input - usage.Cached - usage.CacheWrite,
            ["cache_creation_input_tokens"] = usage.CacheWrite,
            ["cache_read_input_tokens"] = usage.Cached,
            ["cache_creation"] = new JsonObject
            {
                ["ephemeral_5m_input_tokens"] = isLong ? 0 : usage.CacheWrite,
                ["ephemeral_1h_input_tokens"] = isLong ? usage.CacheWrite : 0,
            },
            ["output_tokens"] = usage.Output,
            ["service_tier"] = "standard",
        };
        if (usage.Reasoning > 0)
        {
            counts["output_tokens_details"] = new JsonObject { ["thinking_tokens"] = usage.Reasoning };
        }

        return counts;
    }

    private JsonObject Body()
    {
        var body = Head();
        body["content"] = new JsonArray([.. Blocks.Select(block => ToJson(block, whole: true))]);
        foreach (var (name, value) in Ending())
        {
            body[name] = value?.DeepClone();
        }

        if (Reported is not null)
        {
            body["usage"] = Reported.DeepClone();
        }

        return body;
    }
}
