using System.Text.Json.Nodes;

namespace Mercato.Fake;

/// <summary>A story as server-sent events: role, content in pieces, finish, perhaps usage, end marker.</summary>
internal sealed class ChatEvents(Turn turn, Story story, ChatFormat format)
{
    private const int EventsUnlessTold = 10;

    private static readonly Send Done = new("data: [DONE]\n\n"u8.ToArray(), Part.End);

    public static Send Error(Complaint complaint) => ToEvent(complaint.ToJson(), Part.Event);

    public static Send Big(Setting letters) => ToEvent(
        new JsonObject
        {
            ["object"] = "chat.completion.chunk",
            ["choices"] = new JsonArray(Choice(0, new JsonObject { ["content"] = new string('x', letters.Number) })),
        },
        Part.Content,
        content: letters.Number);

    public IEnumerable<Send> List()
    {
        for (var index = 0; index < turn.Request.Choices; index++)
        {
            yield return ToEvent(Chunk(index, new JsonObject { ["role"] = "assistant", ["content"] = "" }), Part.Event);
            var pieces = Pieces().ToList();
            for (var i = 0; i < pieces.Count; i++)
            {
                // Tokens are spread evenly; for the fixed words this is one a word.
                var before = (int)((long)story.Tokens * i / pieces.Count);
                var after = (int)((long)story.Tokens * (i + 1) / pieces.Count);
                var chunk = Chunk(index, pieces[i].Delta);
                if (turn.Has("usage-always"))
                {
                    chunk["usage"] = ChatFormat.ToJson(story.Usage with { Output = (story.Tokens * index) + after });
                }

                yield return ToEvent(chunk, Part.Content, after - before, pieces[i].Content);
            }

            var finish = Chunk(index, [], story.Finish);
            var last = turn.Has("usage-in-finish") && index == turn.Request.Choices - 1;
            if (last)
            {
                finish["usage"] = format.Reported?.DeepClone();
            }

            yield return ToEvent(finish, last ? Part.Usage : Part.Event);
        }

        if (turn.Request.IncludeUsage && format.Reported is not null && !turn.Has("usage-in-finish"))
        {
            var chunk = format.Head("chat.completion.chunk");
            chunk["choices"] = new JsonArray();
            chunk["usage"] = format.Reported.DeepClone();
            yield return ToEvent(chunk, Part.Usage);
        }

        yield return Done;
    }

    /// <summary>The deltas of one choice with the bytes of content in each.</summary>
    private IEnumerable<(JsonObject Delta, int Content)> Pieces()
    {
        var events = Math.Max(1, turn.Amount("events", EventsUnlessTold));
        var thoughts = story.Reasoning.Count == 0
            ? 0
            : Math.Max(1, (int)((long)events * story.Reasoning.Count / (story.Reasoning.Count + story.Words.Count)));
        foreach (var text in Group(story.Reasoning, thoughts))
        {
            yield return (new JsonObject { ["reasoning_content"] = text }, ChatFormat.Size([text]));
        }

        foreach (var text in Group(story.Words, Math.Max(1, events - thoughts)))
        {
            yield return (new JsonObject { ["content"] = text }, ChatFormat.Size([text]));
        }

        for (var i = 0; i < story.Calls.Count; i++)
        {
            var call = story.Calls[i];
            yield return (CallDelta(i, ChatFormat.ToJson(call, "")), 0);
            var letters = call.Arguments.EnumerateRunes().Select(rune => rune.ToString()).ToList();
            foreach (var text in Group(letters, Math.Max(1, events / story.Calls.Count)))
            {
                var arguments = new JsonObject { ["function"] = new JsonObject { ["arguments"] = text } };
                yield return (CallDelta(i, arguments), ChatFormat.Size([text]));
            }
        }
    }

    private static JsonObject CallDelta(int index, JsonObject call)
    {
        call.Insert(0, "index", index);
        return new JsonObject { ["tool_calls"] = new JsonArray(call) };
    }

    /// <summary>Joins the words into at most <paramref name="count"/> texts of about equally many words.</summary>
    private static IEnumerable<string> Group(IReadOnlyList<string> words, int count)
    {
        count = Math.Min(count, words.Count);
        for (var i = 0; i < count; i++)
        {
            var start = (int)((long)words.Count * i / count);
            var end = (int)((long)words.Count * (i + 1) / count);
            yield return string.Concat(words.Skip(start).Take(end - start));
        }
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

    private static Send ToEvent(JsonObject chunk, Part part, int tokens = 0, int content = 0) =>
        new((byte[])[.. "data: "u8, .. chunk.ToBytes(), .. "\n\n"u8], part, tokens, content);
}
