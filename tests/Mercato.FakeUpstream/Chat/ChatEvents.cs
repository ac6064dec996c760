using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as server-sent events: role, content in pieces, finish, perhaps usage, end marker.</summary>
internal sealed class ChatEvents(Turn turn, Story story, ChatFormat format)
{
    private static readonly Send Done = new("data: [DONE]\n\n"u8.ToArray(), Part.End);

    public IEnumerable<Send> List()
    {
        var blocks = Blocks.Of(turn, story);
        for (var index = 0; index < turn.Request.Choices; index++)
        {
            yield return ToEvent(Chunk(index, new JsonObject { ["role"] = "assistant", ["content"] = "" }), Part.Event);
            foreach (var (delta, piece) in Deltas(blocks))
            {
                var chunk = Chunk(index, delta);
                if (turn.Has("usage-always"))
                {
                    chunk["usage"] = ChatFormat.ToJson(
                        story.Usage with { Output = (story.Tokens * index) + piece.Running });
                }

                yield return ToEvent(chunk, Part.Content) with { Tokens = piece.Tokens, Content = piece.Size };
            }

            var finish = Chunk(index, [], story.Finish);
            var last = turn.Has("usage-in-finish") && index == turn.Request.Choices - 1;
            if (last)
            {
                finish["usage"] = format.Reported?.DeepClone();
            }

            yield return ToEvent(finish, last ? Part.Usage : Part.Event) with { Tokens = Blocks.Unseen(story, blocks) };
        }

        if (turn.Request.IncludeUsage && format.Reported is not null && !turn.Has("usage-in-finish"))
        {
            foreach (var part in Language.PartsOf(story.Usage, turn))
            {
                var chunk = format.Head("chat.completion.chunk");
                chunk["choices"] = new JsonArray();
                chunk["usage"] = Language.ClaimUsage(ChatFormat.ToJson(part), turn);
                yield return ToEvent(chunk, Part.Usage);
            }
        }

        yield return Done;
    }

    private static IEnumerable<(JsonObject Delta, Piece Piece)> Deltas(IReadOnlyList<Block> blocks)
    {
        var calls = 0;
        var running = 0;
        foreach (var block in blocks)
        {
            if (block.Call is not null)
            {
                yield return (CallDelta(calls, ChatFormat.ToJson(block.Call, "")), new Piece("", 0, running));
            }

            foreach (var piece in block.Pieces)
            {
                running = Math.Max(running, piece.Running);
                yield return (block.Matter switch
                {
                    Matter.Thought => new JsonObject { ["reasoning_content"] = piece.Text },
                    Matter.Text => new JsonObject { ["content"] = piece.Text },
                    _ => CallDelta(
                        calls, new JsonObject { ["function"] = new JsonObject { ["arguments"] = piece.Text } }),
                }, piece);
            }

            calls += block.Call is null ? 0 : 1;
        }
    }

    private static JsonObject CallDelta(int index, JsonObject call)
    {
        call.Insert(0, "index", index);
        return new JsonObject { ["tool_calls"] = new JsonArray(call) };
    }

    private JsonObject Chunk(int index, JsonObject delta, string? finish = null)
    {
        var chunk = format.Head("chat.completion.chunk");
        chunk["choices"] = new JsonArray(Choice(index, delta, finish));
        if (turn.Request.IncludeUsage)
        {
            chunk["usage"] = null;
        }

        return chunk;
    }

    private static JsonObject Choice(int index, JsonObject delta, string? finish = null) =>
        new() { ["index"] = index, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish };

    private static Send ToEvent(JsonObject chunk, Part part) => Framing.Events.Write(chunk, part);
}
