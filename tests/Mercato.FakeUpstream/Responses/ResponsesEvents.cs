using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as a response's events: created, each item from added to done, and the terminal event.</summary>
internal sealed class ResponsesEvents(Turn turn, Story story, ResponsesFormat format)
{
    private int sequence;

    public IEnumerable<Send> List()
    {
        yield return Event("response.created", new JsonObject { ["response"] = format.Head() });
        yield return Event("response.in_progress", new JsonObject { ["response"] = format.Head() });
        for (var i = 0; i < format.Blocks.Count; i++)
        {
            var block = format.Blocks[i];
            yield return OfItem("response.output_item.added", i, "item", format.Item(block, i, whole: false));
            foreach (var send in block.Matter == Matter.Call ? Arguments(block, i) : Text(block, i))
            {
                yield return send;
            }

            yield return OfItem("response.output_item.done", i, "item", format.Item(block, i, whole: true));
        }

        yield return Event($"response.{format.Status}", new JsonObject { ["response"] = format.Whole() }, Part.Last)
            with { Tokens = Blocks.Unseen(story, format.Blocks) };
    }

    private IEnumerable<Send> Arguments(Block block, int index)
    {
        foreach (var piece in block.Pieces)
        {
            yield return Delta("response.function_call_arguments.delta", block, index, null, piece);
        }

        yield return OfPart("response.function_call_arguments.done", block, index, null, "arguments", block.Text);
    }

    // A hidden thought has no parts.
    private IEnumerable<Send> Text(Block block, int index)
    {
        if (block.Pieces.Count == 0)
        {
            yield break;
        }

        var isThought = block.Matter == Matter.Thought;
        var counter = isThought ? "summary_index" : "content_index";
        var part = isThought ? "response.reasoning_summary_part" : "response.content_part";
        var text = isThought ? "response.reasoning_summary_text" : "response.output_text";
        yield return OfPart($"{part}.added", block, index, counter, "part", PartOf(block, ""));
        foreach (var piece in block.Pieces)
        {
            yield return Delta($"{text}.delta", block, index, counter, piece);
        }

        yield return OfPart($"{text}.done", block, index, counter, "text", block.Text);
        yield return OfPart($"{part}.done", block, index, counter, "part", PartOf(block, block.Text));
    }

    private static JsonObject PartOf(Block block, string text) =>
        block.Matter == Matter.Thought ? ResponsesFormat.SummaryPart(text) : ResponsesFormat.TextPart(text);

    private Send Delta(string type, Block block, int index, string? counter, Piece piece) =>
        OfPart(type, block, index, counter, "delta", piece.Text) with
        {
            Part = Part.Content, Tokens = piece.Tokens, Content = piece.Size,
        };

    private Send OfPart(string type, Block block, int index, string? counter, string member, JsonNode value)
    {
        var data = new JsonObject { ["item_id"] = format.ItemId(block, index), ["output_index"] = index };
        if (counter is not null)
        {
            data[counter] = 0;
        }

        data[member] = value;
        return Event(type, data);
    }

    private Send OfItem(string type, int index, string member, JsonObject value) =>
        Event(type, new JsonObject { ["output_index"] = index, [member] = value });

    private Send Event(string type, JsonObject data, Part part = Part.Event)
    {
        data.Insert(0, "type", type);
        data.Insert(1, "sequence_number", sequence++);
        return turn.Request.Framing!.Write(data, part, type);
    }
}
