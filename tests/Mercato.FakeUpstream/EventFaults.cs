namespace Mercato.Fake;

/// <summary>Streams whose events come in the wrong number or order. A plain answer is left as it is.</summary>
internal static class EventFaults
{
    public static readonly Send Comment = new(": still here\n\n"u8.ToArray());
    private static readonly Send AfterEnd = new("data: {\"choices\":[]}\n\n"u8.ToArray());

    public static readonly IReadOnlyList<Term> Terms =
    [
        new("usage-twice", "", "the usage event twice")
        {
            Change = (answer, _) => answer.Each(send => send.Part is Part.Usage ? [send, send] : [send]),
        },
        new("no-done", "", "a clean end without the end marker")
        {
            Change = (answer, _) => answer.Each(send => send.Part is Part.End ? [new Stop(Ending.Cut)] : [send]),
        },
        new("two-done", "", "the end marker twice")
        {
            Change = (answer, _) => answer.Each(send => send.Part is Part.End ? [send, send] : [send]),
        },
        new("after-done", "", "an event after the end marker")
        {
            Change = (answer, _) => answer.Each(send => send.Part is Part.End ? [send, AfterEnd] : [send]),
        },
        new("error-event", "=n", "an error event after n events, then a clean end")
        {
            Change = (answer, after) => answer.Streamed
                ? answer.Break(after.Number, ChatEvents.Error(Complaint.OfStatus(500)), new Stop(Ending.Cut))
                : answer,
        },
        new("comments", "", "a comment before each event")
        {
            Change = (answer, _) => answer.Streamed ? answer.Each(send => [Comment, send]) : answer,
        },
        new("bigline", "=n", "one more event with n letters of content, in one line")
        {
            Change = (answer, letters) => answer.Streamed
                ? answer with { Steps = [.. answer.Steps.Take(1), ChatEvents.Big(letters), .. answer.Steps.Skip(1)] }
                : answer,
        },
    ];
}
