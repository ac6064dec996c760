using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as a response object and its output items.</summary>
internal sealed class ResponsesFormat(Turn turn, Story story)
{
    private readonly long created = turn.Time.GetUtcNow().ToUnixTimeSeconds();

    public IReadOnlyList<Block> Blocks { get; } = Fake.Blocks.Of(turn, story);

    public JsonNode? Reported { get; } = Language.ClaimUsage(ToJson(story.Usage), turn);

    /// <summary>completed, incomplete, failed: also the terminal event's name.</summary>
    public string Status => story.Finish switch
    {
        "length" or "content_filter" => "incomplete",
        "failed" or "cancelled" => story.Finish,
        _ => "completed",
    };

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, new ResponsesEvents(turn, story, this).List())
            : Answer.Plain(Whole().ToBytes(), story.Usage.Output, story.SizeFor(turn)),
        Reported);

    /// <summary>The response without output, as a stream begins with it.</summary>
    public JsonObject Head() => new()
    {
        ["id"] = turn.Id("resp_fake", '_'),
        ["object"] = "response",
        ["created_at"] = created,
        ["status"] = "in_progress",
        ["background"] = false,
        ["error"] = null,
        ["incomplete_details"] = null,
        ["instructions"] = null,
        ["max_output_tokens"] = turn.Request.OutputLimit,
        ["model"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model,
        ["output"] = new JsonArray(),
        ["parallel_tool_calls"] = true,
        ["previous_response_id"] = null,
        ["reasoning"] = new JsonObject { ["effort"] = null, ["summary"] = null },
        ["service_tier"] = "default",
        ["store"] = false,
        ["temperature"] = 1.0,
        ["text"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "text" } },
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = 1.0,
        ["truncation"] = "disabled",
        ["usage"] = null,
        ["user"] = null,
        ["metadata"] = new JsonObject(),
    };

    public JsonObject Whole()
    {
        var response = Head();
        response["status"] = Status;
        response["output"] = new JsonArray([.. Blocks.Select((block, i) => Item(block, i, whole: true))]);
        if (Status == "incomplete")
        {
            response["incomplete_details"] = new JsonObject
            {
                ["reason"] = story.Finish == "length" ? "max_output_tokens" : story.Finish,
            };
        }
        else if (Status == "failed")
        {
            response["error"] = new JsonObject { ["code"] = "server_error", ["message"] = "The script asked for a failure." };
        }

        if (Reported is null)
        {
            response.Remove("usage");
        }
        else
        {
            response["usage"] = Reported.DeepClone();
        }

        return response;
    }

    /// <summary>An output item as it is at its start (empty), or whole.</summary>
    public JsonObject Item(Block block, int index, bool whole)
    {
        var status = !whole ? "in_progress" : Status == "incomplete" && index == Blocks.Count - 1 ? "incomplete" : "completed";
        return block.Matter switch
        {
            Matter.Thought => Thought(block, index, whole),
            Matter.Call => new()
            {
                ["id"] = ItemId(block, index),
                ["type"] = "function_call",
                ["status"] = status,
                ["arguments"] = whole ? block.Text : "",
                ["call_id"] = block.Call!.Id,
                ["name"] = block.Call.Name,
            },
            _ => new()
            {
                ["id"] = ItemId(block, index),
                ["type"] = "message",
                ["status"] = status,
                ["content"] = whole ? new JsonArray(TextPart(block.Text)) : new JsonArray(),
                ["role"] = "assistant",
            },
        };
    }

    public string ItemId(Block block, int index)
    {
        var kind = block.Matter switch { Matter.Thought => "rs", Matter.Call => "fc", _ => "msg" };
        return $"{kind}_fake_{turn.Number}_{index}";
    }

    public static JsonObject TextPart(string text) => new()
    {
        ["type"] = "output_text", ["annotations"] = new JsonArray(), ["logprobs"] = new JsonArray(), ["text"] = text,
    };

    public static JsonObject SummaryPart(string text) => new() { ["type"] = "summary_text", ["text"] = text };

    private JsonObject Thought(Block block, int index, bool whole)
    {
        var item = new JsonObject
        {
            ["id"] = ItemId(block, index),
            ["type"] = "reasoning",
            ["summary"] = whole && block.Pieces.Count > 0 ? new JsonArray(SummaryPart(block.Text)) : new JsonArray(),
        };
        if (whole && turn.Request.SealsThoughts)
        {
            item["encrypted_content"] = turn.Seals.Mint(turn.Dialect, block.Text);
        }

        return item;
    }

    private static JsonObject ToJson(Usage usage)
    {
        var input = new JsonObject { ["cached_tokens"] = usage.Cached };
        if (usage.CacheWrite > 0)
        {
            input["cache_write_tokens"] = usage.CacheWrite;
        }

        return new JsonObject
        {
            ["input_tokens"] = usage.Input,
            ["input_tokens_details"] = input,
            ["output_tokens"] = usage.Output,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = usage.Reasoning },
            ["total_tokens"] = usage.Input + usage.Output,
        };
    }
}
