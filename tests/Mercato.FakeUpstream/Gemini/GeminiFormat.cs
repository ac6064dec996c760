using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as GenerateContentResponse: whole, or a chunk for each piece with running totals.</summary>
internal sealed class GeminiFormat(Turn turn, Story story)
{
    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["stop"] = "STOP",
        ["length"] = "MAX_TOKENS",
        ["tool_calls"] = "STOP",
        ["content_filter"] = "SAFETY",
    };

    private readonly IReadOnlyList<Block> blocks = Blocks.Of(turn, story, wholeCalls: true);

    private readonly JsonNode? reported = Language.ClaimUsage(ToJson(story.Usage), turn);

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, List())
            : Answer.Plain(Whole().ToBytes(), story.Usage.Output, story.SizeFor(turn) * turn.Request.Choices),
        reported);

    private JsonObject Whole() => Chunk(
        new JsonArray([.. Enumerable.Range(0, turn.Request.Choices).Select(index => Candidate(
            index, [.. blocks.SelectMany(block => Parts(block, block.Text)), .. LastParts(emptyText: false)], Reason))]),
        reported);

    private IEnumerable<Send> List()
    {
        var framing = turn.Request.Framing!;
        var first = true;
        for (var index = 0; index < turn.Request.Choices; index++)
        {
            foreach (var block in blocks)
            {
                foreach (var piece in block.Pieces)
                {
                    var usage = Language.ClaimUsage(ToJson(Running((story.Tokens * index) + piece.Running)), turn);
                    var chunk = Chunk(new JsonArray(Candidate(index, Parts(block, piece.Text), null)), usage);
                    yield return framing.Write(chunk, Part.Content, first: first)
                        with { Tokens = piece.Tokens, Content = piece.Size };
                    first = false;
                }
            }

            var isLast = index == turn.Request.Choices - 1;
            var end = Chunk(
                new JsonArray(Candidate(index, LastParts(emptyText: blocks.Count > 0), Reason)),
                isLast ? reported : Language.ClaimUsage(ToJson(Running(story.Tokens * (index + 1))), turn));
            yield return framing.Write(end, isLast ? Part.Last : Part.Event, first: first)
                with { Tokens = Blocks.Unseen(story, blocks) };
            first = false;
        }

        if (framing.Tail.Length > 0)
        {
            yield return new Send(framing.Tail);
        }
    }

    private string Reason => Reasons.GetValueOrDefault(story.Finish, story.Finish);

    private Usage Running(int output) => story.Usage with
    {
        Output = output, Reasoning = Math.Min(output, story.Usage.Reasoning),
    };

    private JsonObject Chunk(JsonArray candidates, JsonNode? usage)
    {
        // A refused prompt has no candidates at all.
        var chunk = story.Finish == "blocked"
            ? new JsonObject { ["promptFeedback"] = new JsonObject { ["blockReason"] = "PROHIBITED_CONTENT" } }
            : new JsonObject { ["candidates"] = candidates };
        if (usage is not null)
        {
            chunk["usageMetadata"] = usage.DeepClone();
        }

        chunk["modelVersion"] = turn.Has("wrong-model") ? "another-model" : turn.Request.Model;
        chunk["responseId"] = turn.Id("fake", '-');
        return chunk;
    }

    private static JsonObject Candidate(int index, IReadOnlyList<JsonObject> parts, string? reason)
    {
        var content = new JsonObject { ["role"] = "model" };
        if (parts.Count > 0)
        {
            content.Insert(0, "parts", new JsonArray([.. parts]));
        }

        var candidate = new JsonObject { ["content"] = content };
        if (reason is not null)
        {
            candidate["finishReason"] = reason;
        }

        candidate["index"] = index;
        return candidate;
    }

    // The signature stands on the first call; without calls, on an empty text at the end.
    private IReadOnlyList<JsonObject> Parts(Block block, string text)
    {
        if (text.Length == 0)
        {
            return [];
        }

        if (block.Matter == Matter.Thought)
        {
            return [new() { ["text"] = text, ["thought"] = true }];
        }

        if (block.Call is null)
        {
            return [new() { ["text"] = text }];
        }

        var call = new JsonObject { ["name"] = block.Call.Name, ["args"] = JsonNode.Parse(block.Call.Arguments) };
        if (turn.Has("call-ids"))
        {
            call.Insert(0, "id", block.Call.Id);
        }

        var part = new JsonObject { ["functionCall"] = call };
        if (block.Call == story.Calls[0] && Seal is { } seal)
        {
            part["thoughtSignature"] = seal;
        }

        return [part];
    }

    private IReadOnlyList<JsonObject> LastParts(bool emptyText)
    {
        var seal = story.Calls.Count == 0 ? Seal : null;
        var part = new JsonObject { ["text"] = "" };
        if (seal is not null)
        {
            part["thoughtSignature"] = seal;
        }

        return seal is not null || emptyText ? [part] : [];
    }

    private string? Seal => story.Reasoning.Count > 0 || turn.Has("strict-thoughts")
        ? turn.Seals.Mint(turn.Dialect, string.Concat(story.Reasoning))
        : null;

    private static JsonObject ToJson(Usage usage)
    {
        var counts = new JsonObject { ["promptTokenCount"] = usage.Input };
        if (usage.Output > usage.Reasoning)
        {
            counts["candidatesTokenCount"] = usage.Output - usage.Reasoning;
        }

        counts["totalTokenCount"] = usage.Input + usage.Output;
        if (usage.Cached > 0)
        {
            counts["cachedContentTokenCount"] = usage.Cached;
        }

        counts["promptTokensDetails"] = new JsonArray(
            new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = usage.Input });
        if (usage.Reasoning > 0)
        {
            counts["thoughtsTokenCount"] = usage.Reasoning;
        }

        return counts;
    }
}
