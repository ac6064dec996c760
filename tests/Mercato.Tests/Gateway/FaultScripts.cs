using Mercato.Fake;

namespace Mercato.Tests.Gateway;

/// <summary>Every way in which the fake provider can misbehave, as the terms of a script; each term stands in one at least.</summary>
public static class FaultScripts
{
    /// <summary>An answer of 20 and 40 tokens in 8 events, of which the faults take something away.</summary>
    private const string Healthy = "fake-ok;in=20;out=40;events=8;";

    /// <summary>Before which event an answer breaks: before the first, amidst the words, and about the end.</summary>
    private static readonly int[] Places =
        Environment.GetEnvironmentVariable("MERCATO_TEST_LANE") == "long" ? [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12] : [0, 4, 9];

    /// <summary>What waits for a time-out stands first, so that the others run meanwhile.</summary>
    private static readonly string[] Silences =
        ["hang", "hang-after-headers", "stall=0", "stall=1", "stall=4", "comments;stall=4", "whole-body-slow=1000", "slow-first=500", "pace=30"];

    private static readonly string[] Refusals =
    [
        "refuse", "garbage", "html", "error200", "empty", "big-header=1000000", "big-header=3000",
        "redirect=http://127.0.0.1:1/v1", "redirect=http://169.254.169.254/latest",
        "status=429;retry-after=7", "status=429;retry-after=-5", "status=429;retry-after=1000000000",
        "status=429;retry-after=date", "status=429;retry-after=soon", "refuses=model",
        .. new[] { 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529 }.Select(code => $"status={code}"),
    ];

    private static readonly string[] Breaks =
    [
        .. from word in new[] { "reset", "tear", "close", "cut", "half", "error-event" }
           from events in Places
           select $"{word}={events}",
        "break=100", "break=50;seed=7", "reset=4;times=1",
    ];

    private static readonly string[] Bytes =
    [
        "crlf", "cr", "mixed-ends", "bom", "bad-utf8", "split-utf8", "wide;split-utf8;drip", "drip", "gzip", "bad-gzip",
        "gzip-bomb=4", "long-length", "short-length", "bigline=300000", "endless-comments", "endless-line",
    ];

    private static readonly string[] Ends =
        ["no-done", "two-done", "after-done", "comments", "usage-twice", "no-usage;no-done", "cr;no-done", "drip;two-done"];

    private static readonly string[] Claims =
    [
        "no-usage", "zero-usage", "usage-always", "usage-in-finish", "usage-parts=running", "usage-parts=delta",
        "cached=5;cache-write=5;cache-hour", "reasoning=5", "reasoning=5;hidden-thoughts", "strict-thoughts",
        .. from kind in new[]
           {
               "negative", "float", "whole-float", "string", "huge", "infinite", "null", "absent", "list", "empty",
               "above", "cached-above",
           }
           select $"bad-usage={kind}",
        "wrong-model", "same-id", "ignore-limit;out=400", "finish=content_filter", "finish=length", "finish=error",
        "nul",
    ];

    /// <summary>Tool calls that break inside of their arguments, and reasoning that breaks before the answer.</summary>
    private static readonly string[] Others =
    [
        "fake-tools;calls=2;call-ids", "fake-tools;calls=2;tear=2", "fake-tools;half=2", "fake-tools;stall=2",
        "fake-tools;error-event=2", "fake-tools;no-done", "fake-reasoning;tear=2", "fake-reasoning;cut=2",
        "fake-shell;half=1", "fake-json;half=1", "fake-cached;close=2", "fake-echo;reset=1",
    ];

    /// <summary>All of them, as model names.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. from fault in (IEnumerable<string>)[.. Silences, .. Refusals, .. Breaks, .. Bytes, .. Ends, .. Claims]
           select Healthy + fault,
        .. Others,
    ];

    /// <summary>The words of the fake's language that no script uses.</summary>
    public static IEnumerable<string> Forgotten => FakeUpstream.ListWords().Select(word => word.Name)
        .Except(All.SelectMany(script => script.Split(';')).Select(term => term.Split('=')[0]));
}
