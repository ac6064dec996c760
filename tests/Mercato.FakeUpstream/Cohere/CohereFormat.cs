using System.Text;
using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story in Cohere's shape: whole, or as events from message-start to message-end.</summary>
internal sealed class CohereFormat(Turn turn, Story story)
{
    /// <summary>Its models say what they are about to do before they call. Nobody is billed for it.</summary>
    private const string Plan = "I will use the given tools.";

    /// <summary>Tokens of the model's own template: in <c>tokens</c>, but not billed.</summary>
    private const int TemplateTokens = 60;

    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["stop"] = "COMPLETE",
        ["length"] = "MAX_TOKENS",
        ["tool_calls"] = "TOOL_CALL",
        ["content_filter"] = "ERROR_TOXIC",
    };

    private readonly IReadOnlyList<Block> blocks = Blocks.Of(turn, story);

    private readonly JsonNode? reported = Language.ClaimUsage(ToJson(story.Usage), turn);

    public Telling Write() => new(
        turn.Request.Stream
            ? Answer.Events(turn, List())
            : Answer.Plain(
                Whole().ToBytes(), story.Usage.Output, story.SizeFor(turn) + (HasPlan ? Encoding.UTF8.GetByteCount(Plan) : 0)),
        reported);

    private bool HasPlan => story.Calls.Count > 0 && story.Reasoning.Count == 0;

    private string Id => turn.Id("fake", '-');

    private JsonObject Whole()
    {
        var message = new JsonObject { ["role"] = "assistant" };
        var contents = blocks.Where(block => block.Call is null && block.Pieces.Count > 0)
            .Select(block => Content(block.Matter, block.Text, typed: true)).ToArray();
        if (contents.Length > 0)
        {
            message["content"] = new JsonArray(contents);
        }

        if (HasPlan)
        {
            message["tool_plan"] = Plan;
        }

        if (story.Calls.Count > 0)
        {
            message["tool_calls"] = new JsonArray([.. story.Calls.Select(call => ChatFormat.ToJson(call, call.Arguments))]);
        }

        var body = new JsonObject { ["id"] = Id, ["message"] = message };
        foreach (var (name, value) in End())
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    private JsonObject End()
    {
        var end = new JsonObject { ["finish_reason"] = Reasons.GetValueOrDefault(story.Finish, story.Finish) };
        if (reported is not null)
        {
            end["usage"] = reported.DeepClone();
        }

        return end;
    }

    private IEnumerable<Send> List()
    {
        yield return Event("message-start", null, Delta(new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = new JsonArray(),
            ["tool_plan"] = "",
            ["tool_calls"] = new JsonArray(),
            ["citations"] = new JsonArray(),
        }));
        if (HasPlan)
        {
            yield return Event("tool-plan-delta", null, Delta(new JsonObject { ["tool_plan"] = Plan }), Part.Content)
                with { Content = Encoding.UTF8.GetByteCount(Plan) };
        }

        var contents = 0;
        var calls = 0;
        foreach (var block in blocks.Where(block => block.Pieces.Count > 0))
        {
            foreach (var send in block.Call is null ? Contents(block, contents++) : Calls(block, calls++))
            {
                yield return send;
            }
        }

        yield return Event("message-end", null, End(), Part.Last) with { Tokens = Blocks.Unseen(story, blocks) };
        yield return new Send("data: [DONE]\n\n"u8.ToArray());
    }

    private IEnumerable<Send> Contents(Block block, int index)
    {
        yield return Event("content-start", index, Delta(Member("content", Content(block.Matter, "", typed: true))));
        foreach (var piece in block.Pieces)
        {
            yield return Piece("content-delta", index, Member("content", Content(block.Matter, piece.Text, typed: false)), piece);
        }

        yield return Event("content-end", index, null);
    }

    private IEnumerable<Send> Calls(Block block, int index)
    {
        yield return Event("tool-call-start", index, Delta(Member("tool_calls", ChatFormat.ToJson(block.Call!, ""))));
        foreach (var piece in block.Pieces)
        {
            var arguments = Member("function", new JsonObject { ["arguments"] = piece.Text });
            yield return Piece("tool-call-delta", index, Member("tool_calls", arguments), piece);
        }

        yield return Event("tool-call-end", index, null);
    }

    private static JsonObject Content(Matter matter, string text, bool typed)
    {
        var name = matter == Matter.Thought ? "thinking" : "text";
        var content = new JsonObject { [name] = text };
        if (typed)
        {
            content.Insert(0, "type", name);
        }

        return content;
    }

    private static JsonObject Member(string name, JsonObject value) => new() { [name] = value };

    private static JsonObject Delta(JsonObject message) => new() { ["message"] = message };

    private Send Piece(string type, int index, JsonObject message, Piece piece) =>
        Event(type, index, Delta(message), Part.Content) with { Tokens = piece.Tokens, Content = piece.Size };

    private Send Event(string type, int? index, JsonObject? delta, Part part = Part.Event)
    {
        var data = new JsonObject { ["type"] = type };
        if (type == "message-start")
        {
            data.Insert(0, "id", Id);
        }

        if (index is not null)
        {
            data["index"] = index;
        }

        if (delta is not null)
        {
            data["delta"] = delta;
        }

        return turn.Request.Framing!.Write(data, part, type);
    }

    private static JsonObject ToJson(Usage usage) => new()
    {
        ["billed_units"] = Counts(usage.Input, usage.Output),
        ["tokens"] = Counts(usage.Input + TemplateTokens, usage.Output),
        ["cached_tokens"] = usage.Cached,
    };

    private static JsonObject Counts(int input, int output) => new() { ["input_tokens"] = input, ["output_tokens"] = output };
}
