namespace Mercato.Fake;

/// <summary>What a piece of the body is, for the journal.</summary>
internal enum Part
{
    /// <summary>Bytes that complete nothing: comments, and all but the last fragment of an event.</summary>
    Bytes,

    /// <summary>An event without content.</summary>
    Event,

    /// <summary>An event with content.</summary>
    Content,

    /// <summary>The event that carries the usage.</summary>
    Usage,

    /// <summary>The event that carries the usage and at once ends the stream.</summary>
    Last,

    /// <summary>The end marker.</summary>
    End,

    /// <summary>A whole plain body.</summary>
    Whole,
}

internal abstract record Step;

/// <summary>Hands bytes to the network; tokens and content (bytes) count once the last of them is out.</summary>
internal sealed record Send(ReadOnlyMemory<byte> Bytes, Part Part = Part.Bytes, int Tokens = 0, int Content = 0) : Step
{
    public bool IsEvent => Part is Part.Event or Part.Content or Part.Usage or Part.Last or Part.Whole;

    public bool IsEnd => Part is Part.End or Part.Last;

    /// <summary>About equal fragments; the last one carries the counts.</summary>
    public IEnumerable<Send> Split(int pieces) =>
        SplitAt(Enumerable.Range(1, Math.Max(1, pieces) - 1).Select(i => (int)((long)Bytes.Length * i / pieces)));

    /// <summary>Fragments that begin at the given places (ascending); the last one carries the counts.</summary>
    public IEnumerable<Send> SplitAt(IEnumerable<int> places)
    {
        var start = 0;
        foreach (var place in places.Where(place => place > 0 && place < Bytes.Length).Distinct())
        {
            yield return new Send(Bytes[start..place]);
            start = place;
        }

        yield return this with { Bytes = Bytes[start..] };
    }
}

internal sealed record Wait(int Milliseconds) : Step;

/// <summary>Nothing more, until the client gives up.</summary>
internal sealed record Hang : Step;

/// <summary>An end before the end.</summary>
internal sealed record Stop(Ending Ending) : Step;

/// <summary>
/// An answer as steps to perform. Headers leave with the first <see cref="Send"/>. The steps are walked once, so a
/// fault may make them endless.
/// </summary>
internal sealed record Answer(bool Streamed, IEnumerable<Step> Steps)
{
    public int Status { get; init; } = 200;

    public string ContentType { get; init; } = "application/json";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The content-length header; null sends chunks.</summary>
    public long? Length { get; init; }

    /// <summary>The steps are the bytes of the connection, not of an HTTP body.</summary>
    public bool Raw { get; init; }

    public static Answer Events(Turn turn, IEnumerable<Send> events) =>
        new(true, [.. events]) { ContentType = turn.Request.Framing!.ContentType };

    public static Answer Plain(byte[] body, int tokens, int content) =>
        new(false, [new Send(body, Part.Whole, tokens, content)]) { Length = body.Length };

    /// <summary>Something that is not an answer, so that nobody would bill it: an error, a page.</summary>
    public static Answer Other(byte[] body) => new(false, [new Send(body, Part.Event)]) { Length = body.Length };

    public Answer Each(Func<Send, IEnumerable<Step>> change) =>
        this with { Steps = Steps.SelectMany(step => step is Send send ? change(send) : [step]) };

    public Answer With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };

    /// <summary>Keeps so many events (of a plain body: half of it, or nothing for 0), then the rest.</summary>
    public Answer Break(int events, params Step[] rest) => this with
    {
        Length = null,
        Steps = Streamed ? TakeEvents(events).Concat(rest) : TakeHalf(events).Concat(rest),
    };

    /// <summary>The same, and then the first half of the event that would have been next.</summary>
    public Answer BreakInside(int events, params Step[] rest) => Break(
        events,
        [
            .. Steps.OfType<Send>().Where(send => send.IsEvent || send.IsEnd).Skip(events).Take(1)
                .Select(next => next.Split(2).First()),
            .. rest,
        ]);

    private IEnumerable<Step> TakeEvents(int events)
    {
        foreach (var step in Steps)
        {
            if (events == 0 && step is Send)
            {
                yield break;
            }

            yield return step;
            events -= step is Send { IsEvent: true } ? 1 : 0;
        }
    }

    private IEnumerable<Step> TakeHalf(int events) =>
        events == 0 ? [] : Steps.OfType<Send>().Take(1).Select(body => body.Split(2).First());
}
