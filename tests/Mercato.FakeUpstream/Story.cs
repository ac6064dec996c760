using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mercato.Fake;

/// <summary>True token counts of one answer. Input includes cached and written, output includes reasoning.</summary>
public sealed record Usage(int Input, int Output, int Cached, int CacheWrite, int Reasoning);

/// <summary>A tool call with its arguments as JSON text.</summary>
internal sealed record ToolCall(string Id, string Name, string Arguments);

/// <summary>What a mode wants to say before limits apply: words (perhaps endless) or calls, and their tokens.</summary>
internal sealed partial record Plot(IEnumerable<string> Words, int Tokens, IReadOnlyList<ToolCall> Calls)
{
    private const int TokensOfWords = 100;
    private const int TokensOfCall = 15;

    public static Plot OfWords(Turn turn) => new(Wording.Endless(turn), TokensOfWords, []);

    public static Plot OfEcho(Turn turn) => OfText(turn, turn.Request.LastUserText);

    public static Plot OfJson(Turn turn) => OfText(turn, Wording.Example(turn.Request.AnswerSchema));

    public static Plot OfTools(Turn turn) =>
        OfCalls(turn, turn.Request.Tools, Wording.Example);

    public static Plot OfShell(Turn turn) =>
        OfCalls(turn, [.. turn.Request.Tools.Where(tool => ShellCall.IsShell(tool.Name))],
            ShellCall.Arguments);

    private static Plot OfCalls(
        Turn turn, IReadOnlyList<(string Name, JsonElement? Parameters)> tools, Func<JsonElement?, string> argumentsOf)
    {
        if (tools.Count == 0 || !turn.Request.MayCall || turn.Request.ToolResult is not null)
        {
            return turn.Request.ToolResult is { } said ? OfText(turn, $"The tool said: {said}") : OfWords(turn);
        }

        var calls = Enumerable.Range(0, turn.Amount("calls", 1)).Select(i => tools[i % tools.Count])
            .Select((tool, i) => new ToolCall(
                $"{turn.Dialect.CallPrefix}{turn.Number}_{i}", tool.Name, argumentsOf(tool.Parameters)))
            .ToList();
        return new Plot([], Story.ThoughtsOf(turn) + (TokensOfCall * calls.Count), calls);
    }

    // A text is told whole, so reasoning comes on top of it.
    private static Plot OfText(Turn turn, string text)
    {
        var words = Word().Matches(text).Select(match => match.Value).ToList();
        return new Plot(words, Story.ThoughtsOf(turn) + words.Count, []);
    }

    // Each word keeps the space before it, so joining them gives the text back.
    [GeneratedRegex(@"\s*\S+|\s+$")]
    private static partial Regex Word();
}

/// <summary>A whole healthy answer: the content of one choice, and the usage of all of them.</summary>
internal sealed record Story(
    IReadOnlyList<string> Reasoning,
    IReadOnlyList<string> Words,
    IReadOnlyList<ToolCall> Calls,
    int Tokens,
    string Finish,
    Usage Usage)
{
    private const int ThoughtsUnlessTold = 5;

    /// <summary>UTF-8 bytes of what the caller of a plain answer is shown.</summary>
    public int SizeFor(Turn turn) =>
        Blocks.Of(turn, this).Sum(block => block.Pieces.Sum(piece => piece.Size));

    /// <summary>Reasoning tokens wanted, before the caller's limit.</summary>
    public static int ThoughtsOf(Turn turn) =>
        turn.Amount("reasoning", turn.Request.Thinks ? ThoughtsUnlessTold : 0);

    public static Story Tell(Turn turn)
    {
        var plot = turn.Script.Mode.Tell(turn);
        var wanted = turn.Amount("out", plot.Tokens);
        var limit = turn.Has("ignore-limit") ? null : turn.Request.OutputLimit;
        var tokens = Math.Min(wanted, limit ?? int.MaxValue);
        var reasoning = Math.Min(ThoughtsOf(turn), tokens);
        var input = turn.Amount("in", 20);
        var cached = Math.Min(turn.Amount("cached", 0), input);
        var finish = tokens < wanted ? "length" : plot.Calls.Count > 0 ? "tool_calls" : "stop";
        return new Story(
            [.. Wording.Endless(turn).Take(reasoning)],
            [.. plot.Words.Take(tokens - reasoning)],
            plot.Calls,
            tokens,
            turn.Script.Terms.GetValueOrDefault("finish", finish) + (turn.Has("nul") ? "\0" : ""),
            new Usage(
                input,
                tokens * turn.Request.Choices,
                cached,
                Math.Min(turn.Amount("cache-write", 0), input - cached),
                reasoning * turn.Request.Choices));
    }
}
