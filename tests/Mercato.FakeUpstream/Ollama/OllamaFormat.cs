using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story in Ollama's lines: one per piece, the last one with reason and counts.</summary>
internal sealed class OllamaFormat(Turn turn, Story story)
{
    private readonly IReadOnlyList<Block> blocks = Blocks.Of(turn, story, wholeCalls: true);

    private readonly JsonNode? reported = Language.ClaimUsage(ToJson(story.Usage), turn);

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, List())
            : Answer.Plain(
                Last(Message([.. blocks.Select(block => (block, block.Text))])).ToBytes(),
                story.Usage.Output,
                story.SizeFor(turn)),
        reported);

    private IEnumerable<Send> List()
    {
        foreach (var (block, piece) in blocks.SelectMany(block => block.Pieces.Select(piece => (block, piece))))
        {
            var line = Head(Message([(block, piece.Text)]));
            line["done"] = false;
            yield return Framing.Lines.Write(line, Part.Content) with { Tokens = piece.Tokens, Content = piece.Size };
        }

        yield return Framing.Lines.Write(Last(Message([])), Part.Last) with { Tokens = Blocks.Unseen(story, blocks) };
    }

    private JsonObject Message(IReadOnlyList<(Block Block, string Text)> texts)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = TextOf(Matter.Text) };
        if (TextOf(Matter.Thought) is { Length: > 0 } thoughts)
        {
            message["thinking"] = thoughts;
        }

        var calls = texts.Where(text => text.Block.Call is not null).Select(text => ToJson(text.Block.Call!)).ToArray();
        if (calls.Length > 0)
        {
            message["tool_calls"] = new JsonArray(calls);
        }

        return message;

        string TextOf(Matter matter) =>
            string.Concat(texts.Where(text => text.Block.Matter == matter).Select(text => text.Text));
    }

    private JsonObject ToJson(ToolCall call)
    {
        var json = new JsonObject
        {
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonNode.Parse(call.Arguments) },
        };
        if (turn.Has("call-ids"))
        {
            json.Insert(0, "id", call.Id);
        }

        return json;
    }

    private JsonObject Head(JsonObject message) => new()
    {
        ["model"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model,
        ["created_at"] = turn.Time.GetUtcNow().ToString("O"),
        ["message"] = message,
    };

    private JsonObject Last(JsonObject message)
    {
        var line = Head(message);
        line["done_reason"] = story.Finish == "tool_calls" ? "stop" : story.Finish;
        line["done"] = true;
        line["total_duration"] = 5_000_000;
        line["load_duration"] = 1_000_000;
        if (reported is JsonObject counts)
        {
            foreach (var (name, value) in counts)
            {
                line[name] = value?.DeepClone();
            }
        }
        else if (reported is not null)
        {
            line["eval_count"] = reported.DeepClone();
        }

        return line;
    }

    // A prompt that is wholly in the cache goes uncounted.
    private static JsonObject ToJson(Usage usage)
    {
        var counts = new JsonObject { ["eval_count"] = usage.Output };
        if (usage.Cached < usage.Input || usage.Input == 0)
        {
            counts.Insert(0, "prompt_eval_count", usage.Input);
        }

        return counts;
    }
}
