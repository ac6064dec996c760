using System.Globalization;

namespace Mercato.Fake;

/// <summary>Something else instead of an answer.</summary>
internal static class ReplyFaults
{
    private static readonly Send Letters = new(Enumerable.Repeat((byte)'x', 64 << 10).ToArray());

    public static readonly IReadOnlyList<Term> Terms =
    [
        new("refuse", "", "closes the socket before the headers")
        {
            Change = (answer, _) => answer.Break(0, new Stop(Ending.Closed)),
        },
        new("hang", "", "accepts the request and never answers")
        {
            Change = (answer, _) => answer.Break(0, new Hang()),
        },
        new("hang-after-headers", "", "sends headers and nothing more")
        {
            Change = (answer, _) => answer.Break(0, new Send(default), new Hang()),
        },
        new("status", "=code", "an error with that status")
        {
            Change = (_, code) => ErrorOf(code.Turn, code.Number) with { Status = code.Number },
            Choices = [.. Enumerable.Range(400, 200).Select(code => code.ToString(CultureInfo.InvariantCulture))],
        },
        new("overflow", "", "400: the conversation is longer than the model's context, in the provider's own words")
        {
            Change = (_, word) => ErrorOf(word.Turn, Complaint.ContextOverflow(word.Turn.Dialect)) with { Status = 400 },
        },
        new("retry-after", "=value", "that Retry-After header; date means a date one minute ahead")
        {
            Change = (answer, value) => value.Turn.Dialect.TellsDelayInBody
                ? answer
                : answer.With("retry-after", value.Text == "date"
                    ? value.Turn.Time.GetUtcNow().AddMinutes(1).ToString("R", CultureInfo.InvariantCulture)
                    : value.Text),
        },
        new("html", "", "200 with an HTML page")
        {
            Change = (_, _) => Answer.Other("<!doctype html><title>Sign in</title><h1>Sign in</h1>"u8.ToArray()) with
            {
                ContentType = "text/html; charset=utf-8",
            },
        },
        new("error200", "", "200 with an error as JSON")
        {
            Change = (_, word) => ErrorOf(word.Turn, 500),
        },
        new("empty", "", "200 with an empty body")
        {
            Change = (answer, _) => answer with { Length = 0, Steps = [new Send(default), new Stop(Ending.Cut)] },
        },
        new("endless-comments", "", "comments without end, as fast as they are read")
        {
            Change = (answer, word) => answer.Streamed
                ? answer with { Steps = Forever(EventFaults.CommentOf(word.Turn)) }
                : answer,
        },
        new("endless-line", "", "one line without end, as fast as it is read")
        {
            Change = (answer, _) => answer with { Length = null, Steps = Forever(Letters) },
        },
        new("redirect", "=address", "302 to that address")
        {
            Change = (_, address) => (Answer.Other([]) with { Status = 302 }).With("location", address.Text),
        },
        new("big-header", "=n", "one more header of n bytes")
        {
            Change = (answer, size) => answer.With("x-big", new string('x', size.Number)),
        },
        new("garbage", "", "bytes that are not HTTP")
        {
            Change = (answer, _) => answer with
            {
                Raw = true,
                Steps = [new Send("\0\u0001\u0002 not a web server\r\n"u8.ToArray()), new Stop(Ending.Closed)],
            },
        },
    ];

    private static Answer ErrorOf(Turn turn, int status) => ErrorOf(turn, Complaint.OfStatus(status));

    private static Answer ErrorOf(Turn turn, Complaint complaint) =>
        Answer.Other(turn.Dialect.ToJson(complaint, turn).ToBytes());

    private static IEnumerable<Step> Forever(Step step)
    {
        while (true)
        {
            yield return step;
        }
    }
}
