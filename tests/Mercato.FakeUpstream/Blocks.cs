using System.Text;

namespace Mercato.Fake;

internal enum Matter
{
    Thought,
    Text,
    Call,
}

/// <summary>What one event adds to a block.</summary>
/// <param name="Text">Words, or a part of a call's arguments.</param>
/// <param name="Tokens">Output tokens that are out once it is sent.</param>
/// <param name="Running">The same, counted from the answer's start.</param>
internal sealed record Piece(string Text, int Tokens, int Running)
{
    public int Size => Encoding.UTF8.GetByteCount(Text);
}

/// <summary>A run of pieces of one matter: the unit in which most dialects tell an answer.</summary>
internal sealed record Block(Matter Matter, IReadOnlyList<Piece> Pieces, ToolCall? Call = null)
{
    public string Text => string.Concat(Pieces.Select(piece => piece.Text));
}

/// <summary>The content of one choice, cut into as many pieces as the script wants events.</summary>
internal static class Blocks
{
    private const int EventsUnlessTold = 10;

    /// <param name="turn">Says how many events.</param>
    /// <param name="story">What they tell.</param>
    /// <param name="wholeCalls">The dialect sends a call's arguments at once.</param>
    public static IReadOnlyList<Block> Of(Turn turn, Story story, bool wholeCalls = false)
    {
        var events = turn.Request.Stream ? Math.Max(1, turn.Amount("events", EventsUnlessTold)) : 1;
        var thoughts = story.Reasoning.Count == 0
            ? 0
            : Math.Max(1, (int)((long)events * story.Reasoning.Count / (story.Reasoning.Count + story.Words.Count)));
        var drafts = new List<(Matter Matter, IReadOnlyList<string> Texts, ToolCall? Call)>();
        if (thoughts > 0)
        {
            drafts.Add((Matter.Thought, ShowsThoughts(turn) ? Group(story.Reasoning, thoughts) : [], null));
        }

        if (story.Words.Count > 0)
        {
            drafts.Add((Matter.Text, Group(story.Words, Math.Max(1, events - thoughts)), null));
        }

        drafts.AddRange(story.Calls.Select(call =>
            (Matter.Call, wholeCalls ? [call.Arguments] : Letters(call, events / story.Calls.Count), (ToolCall?)call)));
        return WithBigPiece(turn, Weigh(story, drafts));
    }

    /// <summary>Tokens that no piece carries, because the caller sees nothing of the reasoning.</summary>
    public static int Unseen(Story story, IReadOnlyList<Block> blocks) =>
        story.Tokens - blocks.Sum(block => block.Pieces.Sum(piece => piece.Tokens));

    public static bool ShowsThoughts(Turn turn) => turn.Request.ShowsThoughts && !turn.Has("hidden-thoughts");

    private static IReadOnlyList<string> Letters(ToolCall call, int count) =>
        Group([.. call.Arguments.EnumerateRunes().Select(rune => rune.ToString())], Math.Max(1, count));

    /// <summary>Spreads the tokens evenly over the pieces; for the fixed words this is one a word.</summary>
    private static List<Block> Weigh(
        Story story, List<(Matter Matter, IReadOnlyList<string> Texts, ToolCall? Call)> drafts)
    {
        var count = drafts.Sum(draft => draft.Texts.Count);
        var done = 0;
        var before = 0;
        return [.. drafts.Select(draft => new Block(draft.Matter, [.. draft.Texts.Select(text =>
        {
            var after = (int)((long)story.Tokens * ++done / count);
            var piece = new Piece(text, after - before, after);
            before = after;
            return piece;
        })], draft.Call))];
    }

    private static List<Block> WithBigPiece(Turn turn, List<Block> blocks)
    {
        if (turn.Request.Stream && turn.Has("bigline"))
        {
            var big = new Piece(new string('x', turn.Amount("bigline", 0)), 0, 0);
            var place = blocks.FindIndex(block => block.Matter == Matter.Text);
            if (place < 0)
            {
                blocks.Insert(blocks.TakeWhile(block => block.Matter == Matter.Thought).Count(), new(Matter.Text, [big]));
            }
            else
            {
                blocks[place] = blocks[place] with { Pieces = [big, .. blocks[place].Pieces] };
            }
        }

        return blocks;
    }

    /// <summary>Joins the words into at most <paramref name="count"/> texts of about equally many words.</summary>
    private static IReadOnlyList<string> Group(IReadOnlyList<string> words, int count)
    {
        count = Math.Min(count, words.Count);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var start = (int)((long)words.Count * i / count);
            var end = (int)((long)words.Count * (i + 1) / count);
            return string.Concat(words.Skip(start).Take(end - start));
        })];
    }
}
