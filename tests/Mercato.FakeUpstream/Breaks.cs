namespace Mercato.Fake;

/// <summary>Answers that stop on the way. Events are counted from the first, which carries the role.</summary>
internal static class Breaks
{
    public static readonly IReadOnlyList<Term> Terms =
    [
        new("stall", "=n", "silence after n events")
        {
            Change = (answer, after) => answer.Break(after.Number, new Hang()),
        },
        new("reset", "=n", "connection reset after n events; 0: before the headers")
        {
            Change = (answer, after) => answer.Break(after.Number, new Stop(Ending.Reset)),
        },
        new("tear", "=n", "connection reset in the midst of the event after n events")
        {
            Change = (answer, after) => answer.Streamed
                ? answer.BreakInside(after.Number, new Stop(Ending.Reset))
                : answer.Break(1, new Stop(Ending.Reset)),
        },
        new("close", "=n", "connection closed after n events, without the end of the HTTP body")
        {
            Change = (answer, after) => answer.Break(after.Number, new Stop(Ending.Closed)),
        },
        new("cut", "=n", "clean end of the body after n events, without the end marker")
        {
            Change = (answer, after) => answer.Break(after.Number, new Send(default), new Stop(Ending.Cut)),
        },
        new("half", "=n", "half an event after n events, then a clean end of the body")
        {
            Change = (answer, after) => answer.Streamed
                ? answer.BreakInside(after.Number, new Stop(Ending.Cut))
                : answer.Break(1, new Stop(Ending.Cut)),
        },
        new("break", "=n", "n percent of the calls are reset at a random event")
        {
            Change = (answer, percent) => percent.Turn.Draw("break") % 100 < (ulong)percent.Number
                ? answer.Break((int)(percent.Turn.Draw("where") % 10), new Stop(Ending.Reset))
                : answer,
        },
    ];
}
