using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as a message's events: start, blocks one after the other, stop reason with usage, stop.</summary>
internal sealed class AnthropicEvents(Turn turn, Story story, AnthropicFormat format)
{
    public IEnumerable<Send> List()
    {
        yield return Start();
        for (var i = 0; i < format.Blocks.Count; i++)
        {
            var block = format.Blocks[i];
            yield return OfBlock("content_block_start", i, "content_block", format.ToJson(block, whole: false));
            if (i == 0)
            {
                yield return ToEvent("ping", [], Part.Event);
            }

            if (block.Matter == Matter.Call)
            {
                yield return OfBlock("content_block_delta", i, "delta", Delta("input_json_delta", "partial_json", ""));
            }

            foreach (var piece in block.Pieces)
            {
                yield return OfBlock("content_block_delta", i, "delta", ToDelta(block.Matter, piece.Text), Part.Content)
                    with { Tokens = piece.Tokens, Content = piece.Size };
            }

            if (block.Matter == Matter.Thought && !turn.Has("hidden-thoughts"))
            {
                yield return OfBlock(
                    "content_block_delta", i, "delta", Delta("signature_delta", "signature", format.Seal(block)));
            }

            yield return ToEvent("content_block_stop", new JsonObject { ["index"] = i }, Part.Event);
        }

        var unseen = Blocks.Unseen(story, format.Blocks);
        foreach (var part in Language.PartsOf(story.Usage, turn))
        {
            var finish = new JsonObject { ["delta"] = format.Ending() };
            if (Language.ClaimUsage(AnthropicFormat.ToJson(part, turn), turn) is { } usage)
            {
                finish["usage"] = usage;
            }

            yield return ToEvent("message_delta", finish, Part.Usage) with { Tokens = unseen };
            unseen = 0;
        }

        yield return ToEvent("message_stop", [], Part.End);
    }

    // The first usage counts the whole input, and of the output only what has begun.
    private Send Start()
    {
        var message = format.Head();
        var begun = story.Usage with { Output = Math.Min(1, story.Usage.Output) };
        if (Language.ClaimUsage(AnthropicFormat.ToJson(begun, turn), turn) is { } usage)
        {
            message["usage"] = usage;
        }

        return ToEvent("message_start", new JsonObject { ["message"] = message }, Part.Event);
    }

    private static JsonObject ToDelta(Matter matter, string text) => matter switch
    {
        Matter.Thought => Delta("thinking_delta", "thinking", text),
        Matter.Call => Delta("input_json_delta", "partial_json", text),
        _ => Delta("text_delta", "text", text),
    };

    private static JsonObject Delta(string type, string member, string text) =>
        new() { ["type"] = type, [member] = text };

    private static Send OfBlock(string type, int index, string member, JsonObject value, Part part = Part.Event) =>
        ToEvent(type, new JsonObject { ["index"] = index, [member] = value }, part);

    private static Send ToEvent(string type, JsonObject data, Part part)
    {
        data.Insert(0, "type", type);
        return Framing.Events.Write(data, part, type);
    }
}
