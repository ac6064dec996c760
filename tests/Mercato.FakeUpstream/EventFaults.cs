namespace Mercato.Fake;

/// <summary>Streams whose events come in the wrong number or order. A plain answer is left as it is.</summary>
internal static class EventFaults
{
    public static readonly IReadOnlyList<Term> Terms =
    [
        new("usage-twice", "", "the usage event twice")
        {
            Change = (answer, _) => answer.Each(send => send.Part is Part.Usage or Part.Last ? [send, send] : [send]),
        },
        new("no-done", "", "a clean end without the end marker")
        {
            Change = (answer, _) => answer.Each(send => send.IsEnd ? [new Stop(Ending.Cut)] : [send]),
        },
        new("two-done", "", "the end marker twice")
        {
            Change = (answer, _) => answer.Each(send => send.IsEnd ? [send, send] : [send]),
        },
        new("after-done", "", "an event after the end marker")
        {
            Change = (answer, word) => answer.Each(send => send.IsEnd ? [send, Stray(word.Turn)] : [send]),
        },
        new("error-event", "=n", "an error event after n events, then a clean end")
        {
            Change = (answer, after) => answer.Streamed
                ? answer.Break(after.Number, [.. Error(after), new Stop(Ending.Cut)])
                : answer,
        },
        new("comments", "", "a comment before each event")
        {
            Change = (answer, word) => answer.Streamed ? answer.Each(send => [CommentOf(word.Turn), send]) : answer,
        },
        new("bigline", "=n", "one more event with n letters of content, in one line") { IsFaultOfWording = true },
    ];

    public static Send CommentOf(Turn turn) => new(turn.Request.Framing!.Comment);

    private static Send Stray(Turn turn)
    {
        var stray = turn.Dialect.Stray(turn);
        return turn.Request.Framing!.Write(stray.Data, Part.Bytes, stray.Name);
    }

    private static IEnumerable<Step> Error(Setting after)
    {
        var turn = after.Turn;
        var framing = turn.Request.Framing!;
        var error = turn.Dialect.ErrorInStream(Complaint.OfStatus(500), turn);
        return [framing.Write(error.Data, Part.Event, error.Name, first: after.Number == 0), new Send(framing.Tail)];
    }
}
