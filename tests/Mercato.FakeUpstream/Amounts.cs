namespace Mercato.Fake;

/// <summary>What a healthy answer holds.</summary>
internal static class Amounts
{
    public static readonly IReadOnlyList<Term> Terms =
    [
        new("in", "=n", "prompt tokens; 20 unless told"),
        new("out", "=n", "completion tokens, at most the caller's limit; 100 words unless told"),
        new("cached", "=n", "prompt tokens read from the cache, part of in"),
        new("cache-write", "=n", "prompt tokens written to the cache, part of in"),
        new("cache-hour", "", "what is written to the cache stays for an hour (Anthropic)"),
        new("reasoning", "=n", "completion tokens spent on reasoning, part of out"),
        new("calls", "=n", "parallel tool calls (fake-tools); 1 unless told"),
        new("call-ids", "", "calls carry an id (Gemini, Ollama; elsewhere always)"),
        new("events", "=n", "content events of a stream; at most 10 unless told"),
        new("finish", "=reason", "finish_reason, e.g. content_filter"),
        new("wide", "", "words of several bytes a letter"),
        new("seed", "=n", "moves the dice of ranges and break"),
        new("times", "=n", "faults only in the model's first n calls since the start or a reset"),
        new("refuses", "=member", "400 unsupported_parameter when the request has that member")
        {
            IsFaultOfWording = true,
        },
        new("hidden-thoughts", "", "reasoning is counted and sealed, but its text is not shown"),
        new("strict-thoughts", "", "400 when reasoning that a tool's result depends on does not come back"),
        new("ignore-limit", "", "says more than max_tokens allows") { IsFaultOfWording = true },
        new("wrong-model", "", "names another model in the answer") { IsFaultOfWording = true },
        new("same-id", "", "gives every answer the same id") { IsFaultOfWording = true },
        new("nul", "", "a NUL in the answer's id, in its first word and in the reason of its end") { IsFaultOfWording = true },
        new("usage-always", "", "running usage in every event, asked for or not") { IsFaultOfWording = true },
        new("usage-in-finish", "", "usage in the finish event instead of one of its own") { IsFaultOfWording = true },
        new("usage-parts", "=kind", "one more usage event with half of the output; the last has all (running) or the rest (delta)")
        {
            IsFaultOfWording = true,
            Choices = ["running", "delta"],
        },
    ];
}

/// <summary>When the parts of a healthy answer are sent.</summary>
internal static class Timing
{
    public static readonly IReadOnlyList<Term> Terms =
    [
        new("pace", "=n", "milliseconds after each event")
        {
            Pace = (answer, pace) => answer.Each(send => answer.Streamed && send.IsEvent
                ? [send, new Wait(pace.Number)]
                : [send]),
        },
        new("slow-first", "=n", "milliseconds before the headers")
        {
            Pace = (answer, wait) => answer with { Steps = answer.Steps.Prepend(new Wait(wait.Number)) },
        },
        new("whole-body-slow", "=n", "milliseconds over which the body, in ten pieces, or the stream is spread")
        {
            Pace = (answer, whole) =>
            {
                var pieces = answer.Streamed ? answer.Steps.Count() : 10;
                var wait = new Wait(whole.Number / pieces);
                return answer.Each(send =>
                    send.Split(answer.Streamed ? 1 : pieces).SelectMany(piece => (Step[])[piece, wait]));
            },
        },
    ];
}
